"""A question without its answer: what a page holds to check as Python does, and the same check in Python.

The seal is JSON. Open in it stand the names, what is given, and the values of the names at the points; masked, so that
reading does not reveal them at a glance, the numbers of the right answer, fingerprints of the mistakes with the codes
of their messages, and derivatives of activations by number. Neither the right formula nor a wrong one stands in it. For
practice, not for marks: who can compute can still search.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.worksheet.answers.compare import alike, fingerprint, same
from jacobian.worksheet.answers.folding import Slope, folded, named, resolve, slopes
from jacobian.worksheet.answers.mistakes import SENTENCES
from jacobian.worksheet.answers.mutations import Context
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.table import Table, values_of
from jacobian.worksheet.answers.text.grammar import read
from jacobian.worksheet.answers.text.names import Names
from jacobian.worksheet.answers.text.tokens import tokenize
from jacobian.worksheet.answers.values.reading import COLUMNS, HINT, NUMPY, PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import Value, fixed

CODES = tuple(SENTENCES)                        # of messages: a mistake is known by its place here
READINGS = {reading.name: reading for reading in (NUMPY, COLUMNS, PAPER)}       # of what is given
MARKED = 2                                      # points at which a mistake has a fingerprint, and a shape its sizes
DIGITS, SAME = 12, 9                            # of a fingerprint, and of two that are one


def sealed(question: Question, told: Collection[str] | None = None) -> dict[str, Any]:
    """The seal of a question, as JSON; of what is given, the formulas of these names stand in it, by default all."""
    opened, hidden = _parts(question, told)
    salt = _salt(opened)
    return {**opened, "salt": salt, "sealed": _masked(json.dumps(hidden), salt)}


def packed(question: Question, told: Collection[str] | None = None) -> str:
    """The seal as one short word, for a notebook."""
    return b64encode(zlib.compress(json.dumps(_parts(question, told)).encode(), 9)).decode("ascii")


def unpacked(word: str) -> Sealed:
    """The question of a word that `packed` gives."""
    opened, hidden = json.loads(zlib.decompress(b64decode(word)))
    salt = _salt(opened)
    return Sealed({**opened, "salt": salt, "sealed": _masked(json.dumps(hidden), salt)})


def _parts(question: Question, told: Collection[str] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What may be seen of a question, and what is masked."""
    told = [name for name, _ in question.statements if told is None or name in told]
    formula = question.asks == "formula"
    points = question.points if formula else question.points[:MARKED if question.asks == "shape" else 1]
    names = [*question.sizes, *(name for name in question.points[0] if formula and name not in (*question.sizes, HINT))]
    opened = {
        "asks": question.asks, "names": list(question.names.known.values()), "functions": list(question.functions),
        "sizes": list(question.sizes), "symbols": bool(question.symbols),
        "given": [[name, text, question.reading_of(text, question.points[0]).name]
                  for name, text in question.statements if name in told] if formula else [],
        "points": [{name: _shown(point[name]) for name in names} for point in points],
    }
    return opened, _hidden(question, told)


def _hidden(question: Question, told: Collection[str]) -> dict[str, Any]:
    """What is masked."""
    if question.asks == "shape":
        return {"rights": [_shown(x.of(np.zeros_like(x.array))) for x in question.rights[:MARKED]]}
    found: dict[str, Any] = {"rights": list(map(_shown, question.rights))}
    if question.asks == "formula":
        known = [value for _, value in slopes((question.formulas[name] for name in told), question.points[0])]
        found["slopes"] = [[node.data.name, [_shown(Run(point, PAPER)(node.args[0])) for point in question.points]]
                           for node, value in question.slopes if not any(same(value, other) for other in known)]
        found |= {"single": _rows(question, question.single), "pairs": _rows(question, question.pairs)}
    else:
        found["rights"] = found["rights"][:1]
    if question.asks == "numbers" and question.symbols:
        rows = [[CODES.index(mistake.name), mistake.cost, _shown(value)] for mistake, value in question.numbered]
        found["numbered"] = _first(rows, lambda row: str(row[2]))
    return found


def _rows(question: Question, table: Table) -> list[Any]:
    """[cost, code, [kind, shape, numbers] at each of the points] of each mistake, the simplest first."""
    points, rights = question.points[:MARKED], question.rights[:MARKED]
    rows = []
    for mistake, tree, _ in (row for found, _ in table.rows.values() for row in found):
        values = values_of(tree, points)
        marks = [fingerprint([value], [right]) for value, right in zip(values, rights, strict=False)]
        if len(marks) == len(points) and all(marks):
            rows.append([mistake.cost, CODES.index(mistake.name), [_mark(mark) for mark in marks]])
    return _first(sorted(rows, key=lambda row: row[0]), lambda row: str(
        [[*mark[:4], *(f"{x:.{SAME}g}" for x in mark[4:])] for mark in row[2]]))


def _first(rows: Iterable[Any], key: Callable[[Any], str]) -> list[Any]:
    """The first row of each key."""
    return list({key(row): row for row in reversed(list(rows))}.values())[::-1]


def _mark(mark: Any) -> list[Any]:
    (kind, shape), = mark.shape
    return [*map(int, kind), *shape, *(float(f"{x:.{DIGITS}g}") for x in mark.numbers)]


def _shown(x: Value) -> list[Any]:
    """[what its axes are, rows, columns, entries]; an entry that is no number is null."""
    flags = (x.rows, x.columns, *x.free, x.eye)
    return [sum(flag << k for k, flag in enumerate(flags)), *x.array.shape,
            *(float(entry) if np.isfinite(entry) else None for entry in x.array.ravel())]


def _read(shown: list[Any]) -> Value:
    flags, m, n, *entries = shown
    rows, columns, *free, eye = (bool(flags >> k & 1) for k in range(5))
    array = np.array([np.nan if x is None else x for x in entries], float).reshape(m, n)
    return Value(array, rows, columns, (free[0], free[1]), eye)


def _salt(opened: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(opened["names"]).encode())


def _masked(text: str, salt: int) -> str:
    data = np.frombuffer(text.encode("ascii"), np.uint8)
    return b64encode((data ^ _mask(salt, len(data))).tobytes()).decode("ascii")


def _mask(salt: int, length: int) -> Any:
    return (fixed((salt,), (length,)) * 256).astype(np.uint8)


@dataclass(frozen=True)
class Row:
    """A mistake of which the page knows the name, the cost and the fingerprints."""

    name: str
    cost: float
    marks: list[list[Any]]

    def agrees(self, marks: list[list[Any]]) -> bool:
        """Whether its fingerprints are these."""
        return all(a[:4] == b[:4] and bool(alike(np.array([a[4:]]), np.array(b[4:])).all())
                   for a, b in zip(self.marks, marks, strict=True))


@dataclass(frozen=True)
class Rows:
    """The fingerprints of mistakes, as `Table` finds them."""

    rows: list[Row]
    rights: list[Value]

    def find(self, values: list[Value]) -> Row | None:
        """The simplest mistake that gives these values at two points."""
        marks = [fingerprint([value], [right]) for value, right in zip(values, self.rights[:MARKED], strict=False)]
        if not all(marks):
            return None
        given = [_mark(mark) for mark in marks]
        return next((row for row in self.rows if row.agrees(given)), None)


class Sealed:
    """The seal as a question: `grade` checks by it what a page checks, with what a page knows."""

    def __init__(self, seal: Mapping[str, Any]) -> None:
        data = np.frombuffer(b64decode(seal["sealed"]), np.uint8)
        hidden = json.loads((data ^ _mask(seal["salt"], len(data))).tobytes())
        self.asks, self.symbols = seal["asks"], seal["symbols"]
        self.functions, self.sizes = tuple(seal["functions"]), tuple(seal["sizes"])
        self.names, self.given = Names(seal["names"]), seal["given"]
        self.rights = list(map(_read, hidden["rights"]))
        self.unknown = hidden.get("slopes", [])
        self.points = [{name: _read(x) for name, x in point.items()} for point in seal["points"]]
        for k, (point, right) in enumerate(zip(self.points, self.rights, strict=True)):
            point |= {str(i): _read(values[k]) for i, (_, values) in enumerate(self.unknown)}
            point[HINT] = Value(np.full((1, 1), float(right.array.shape[0])))
        self.single, self.pairs = (self._rows(hidden.get(key, [])) for key in ("single", "pairs"))
        self.numbered = [(Row(CODES[code], cost, []), _read(x)) for code, cost, x in hidden.get("numbered", [])]

    def _rows(self, rows: list[Any]) -> Rows:
        return Rows([Row(CODES[code], cost, marks) for cost, code, marks in rows], self.rights)

    @cached_property
    def formulas(self) -> dict[str, Node]:
        """What is given, as trees."""
        return {name: resolve(read(tokenize(text), self.names, self.functions), READINGS[reading])
                for name, text, reading in self.given}

    @cached_property
    def slopes(self) -> list[Slope]:
        """Derivatives of activations: of what is given by their formulas, others by their values."""
        point = self.points[0]
        others = [Node("slope", (Node("name", (), str(k)),), named(name))
                  for k, (name, _) in enumerate(self.unknown)]
        return [*slopes(self.formulas.values(), point), *((node, Run(point, PAPER)(node)) for node in others)]

    def folded(self, tree: Node) -> Node:
        """A tree with the derivatives of the activations as nodes of their own."""
        return folded(tree, self.slopes, self.points[0])

    def context(self, tree: Node) -> Context:
        """What mutations of a tree may know."""
        point = self.points[0]
        names = {name: value for name, value in point.items() if name[:1].isalpha() or name[:1] == "_"}
        return Context(Run(point, PAPER).all(tree), names, self.sizes, tree, self.formulas)
