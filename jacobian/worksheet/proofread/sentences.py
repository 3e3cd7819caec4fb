"""The sentences of an answer that hold formulas or numbers: a row for each, with what is compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from jacobian.worksheet.proofread.claims import EXACT, Claims, Told, off, written
from jacobian.worksheet.proofread.grammar import formula, sizes
from jacobian.worksheet.proofread.node import Node, Unread
from jacobian.worksheet.proofread.page import Line
from jacobian.worksheet.proofread.values import Array, shape

NUMBER = r"−?\d[\d./]*\d|−?\d"
Row = Callable[[Claims, Line, "re.Match[str]"], None]
ROWS: list[tuple[re.Pattern[str], Row]] = []


def sentence(pattern: str) -> Callable[[Row], Row]:
    """Make the decorated function what checks sentences of this pattern."""
    def put(row: Row) -> Row:
        ROWS.append((re.compile(pattern), row))
        return row

    return put


def check(claims: Claims) -> None:
    """Every row of a table, every sentence of the answer; where options are to be chosen from, each of these."""
    for line in claims.exercise.lines:
        try:
            if line.kind == "row":
                _shape(claims, line)
            elif line.kind == "words" and line.answer:
                found = next(((row, m) for pattern, row in ROWS if (m := pattern.match(line.text))), None)
                if found:
                    found[0](claims, line, found[1])
                elif re.search(r"\d|=|≈", line.text):
                    raise Unread("this sentence is not understood")
        except Unread as error:
            claims.fault(line.text, str(error))
    for choose in (_options, _planted):
        try:
            choose(claims)
        except Unread as error:
            claims.fault(claims.exercise.title, str(error))


def _shape(claims: Claims, line: Line) -> None:
    """quantity | shape. Raises Unread."""
    left, _, right = (part.strip() for part in line.text.partition(" | "))
    if not left or right.startswith("__"):
        return
    world = claims.exact or claims.points[0]
    node = claims.parsed(left)
    found = world(node)
    over, under = node.args if node.kind == "∂" else (node, node)
    kept = [int(world(n).item()) for n in sizes(right)]
    wanted = _natural(claims, over, found) if node.kind != "∂" else \
        _lying(_natural(claims, under, world(under)), world.rows) if world(over).size == 1 else \
        _rows_first(_natural(claims, over, world(over)), _natural(claims, under, world(under)), world.turned)
    claims.tally.numbers += 1
    if kept != wanted and not (right == "1" and wanted == [1]):
        claims.fault(line.text, f"its values have the shape {' × '.join(map(str, wanted)) or 'of a scalar'}")


def _rows_first(over: list[int], under: list[int], turned: bool) -> list[int]:
    """The shape of a Jacobian, whose rows and columns are entries; by a scalar it is a column, or turned a row."""
    found = [int(np.prod(lengths)) for lengths in ((under, over) if turned else (over, under))]
    return found if under or turned else found[:1]


def _lying(lengths: list[int], row: bool) -> list[int]:
    """The shape of the derivative of a scalar."""
    return [1, *lengths] if row and len(lengths) == 1 else lengths[::-1] if row else lengths


def _natural(claims: Claims, node: Node, value: Array) -> list[int]:
    """The shape in which it is said: no axis for a scalar, one for a vector."""
    m, n = np.shape(value)
    if node.kind == "name" and node.data[0].isupper() and (claims.world.arrayed(node) or (m, n) != (1, 1)):
        return [m, n]
    return [m, n] if n > 1 else [m] if m > 1 or claims.world.arrayed(node) else []


@sentence(r"In line (\d+): (.+)$")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    """What stands in the blank makes the line true."""
    node = claims.parsed(m[2])
    told = next((row for row in claims.told if row.line.number == int(m[1])), None)
    if told is None or not told.blank:
        raise Unread(f"line {m[1]} has no blank")
    claims.statement(Told(line, told.relations, [_filled(side, node) for side in told.sides]))


def _filled(node: Node, value: Node) -> Node:
    return value if node.kind == "blank" else replace(node, args=tuple(_filled(arg, value) for arg in node.args))


@sentence(r"Line (\d+) is wrong")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    wrong = claims.false
    if wrong != [int(m[1])]:
        raise Unread(f"by differences the wrong lines are {', '.join(map(str, wrong)) or 'none'}")


@sentence(r"At these numbers (?:the entry in (?:row (\d+))?(?:, )?(?:column (\d+))?|it) would be "
          rf"({NUMBER}) by this line, but a difference gives ≈ ({NUMBER})\.?$")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    if claims.exact is None:
        raise Unread("numbers stand here, but those of the quantities are not given")
    if not claims.false:
        raise Unread("by differences no line is wrong")
    told = next(row for row in claims.told if row.line.number == claims.false[0])
    true = claims.references(told.left, claims.exact, told)
    right = next((row for row in claims.told if row.line.answer and row.left == told.left), None)
    place = (int(m[1] or 1) - 1, int(m[2] or 1) - 1)
    for text, values in ((m[3], _sized(claims, told.sides[-1])),
                         (m[4], [claims.exact(right.sides[-1]) if right else true[0]])):
        if any(k >= n for k, n in zip(place, values[0].shape, strict=True)):
            raise Unread(f"there is no such entry: the shape is {shape(values[0])}")
        claims.literal(line.text, formula(text), [np.array([[value[place]]]) for value in values])


def _sized(claims: Claims, node: Node) -> list[Array]:
    """The value of a wrong formula; a size in it that no shape on the page names is one of those that there are."""
    assert claims.exact is not None
    world = claims.exact
    free = {*node.names()} - {*world.defined, *world.signals, *claims.world.values, *world.sizes}
    lengths = {n for value in claims.world.values.values() for n in np.shape(value)}
    return [world.with_values({**world.values, **dict.fromkeys(free, np.full((1, 1), float(n)))})(node)
            for n in sorted(lengths if free else {1})]


@sentence(rf"They differ by (\[.*?\]|{NUMBER}), of the order")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    told = next((row for row in claims.told if row.relations[0] == "≈"), None)
    if told is None or claims.exact is None:
        raise Unread("there is nothing that differs")
    claims.literal(line.text, formula(m[1]), [claims.exact(told.left) - claims.exact(told.sides[1])])


@sentence(rf"Before the step it was ({NUMBER})\. The loss (has become smaller|has not)")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    if claims.exact is None:
        raise Unread("numbers stand here, but those of the quantities are not given")
    goal = Node("name", (), list(claims.world.defined)[-1])
    before, after = claims.exact(goal), claims.exact(goal, claims.steps)
    claims.literal(line.text, formula(m[1]), [before])
    if (after < before) != (m[2] == "has become smaller"):
        claims.fault(line.text, f"after the step it is {written(after)}")


@sentence(r"Number of parameters: (.+) = (\d+)\.?$")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    sizes_ = [value.size for word, value in claims.world.values.items() if word[0] in "Wb"]
    if [int(n) for n in re.findall(r"\d+", m[1])] != sizes_ or int(m[2]) != sum(sizes_):
        claims.fault(line.text, f"the matrices and biases have {' + '.join(map(str, sizes_))} = {sum(sizes_)} entries")
    claims.tally.numbers += 1


@sentence("Each entry of .* every derivative off the diagonal is 0")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    for told in claims.told:
        value = claims.points[0](told.left)
        if off(value, np.diag(np.diag(value))) > EXACT:
            claims.fault(line.text, f"by differences it is {written(value)}")


@sentence(r"\((\w)\) is right")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    """Compared with the options below the question, in their order."""
    claims.chosen.append(m[1])


@sentence(r"\(\w\) \D*$")
def _(claims: Claims, line: Line, m: re.Match[str]) -> None:
    """What a wrong option did wrong is said in words."""


def _options(claims: Claims) -> None:
    """(a) to (d) below "What is ∂f/∂x?": one is right, the one that the answer names. Raises Unread."""
    if "Choose the right formula" not in claims.exercise.words:
        return
    asked: list[tuple[Node, dict[str, bool]]] = []
    for line in claims.exercise.lines:
        if line.kind != "words" or line.answer:
            continue
        if found := re.match(r"What is (.+)\?$", line.text):
            asked.append((claims.parsed(found[1]), {}))
        elif asked and (option := re.match(r"\((\w)\) (.+)$", line.text)):
            values = [[world(node) for node in (claims.parsed(option[2]), asked[-1][0])]
                      for world in (*claims.points, *claims.others)]
            asked[-1][1][option[1]] = all(a.shape == b.shape and off(a, b) <= EXACT for a, b in values)
            claims.tally.formulas += 1
    for k, (_, options) in enumerate(asked):
        right = [letter for letter, holds in options.items() if holds]
        if len(right) != 1 or (claims.exercise.answered and claims.chosen[k:k + 1] != right):
            raise Unread(f"by differences {' and '.join(right) or 'no option'} is right")


def _planted(claims: Claims) -> None:
    """Of the lines of a derivation with a mistake one is wrong. Raises Unread."""
    if "is wrong; each of the others" in claims.exercise.words and len(claims.false) != 1:
        raise Unread(f"one line is to be wrong, but by differences these are: "
                     f"{', '.join(map(str, claims.false)) or 'none'}")
