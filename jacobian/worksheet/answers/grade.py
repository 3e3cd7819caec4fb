"""The verdict on a typed answer: accepted, wrong with the misconception's name, or unclear with what is not understood.

An answer is right if under a reading it has the shape and, at every point, the numbers of the right one: numbers
decide, as they see every equivalent form; sizes at a point all differ. Tests compare that with the symbolic normal
form. Where readings disagree the answer is asked back.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from jacobian.errors import InputError
from jacobian.worksheet.answers.compare import fingerprint, is_right
from jacobian.worksheet.answers.folding import resolve
from jacobian.worksheet.answers.mistakes import MISTAKES, SENTENCES
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.numbers import numbers
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.seal import Rows, Sealed
from jacobian.worksheet.answers.shapes import shape
from jacobian.worksheet.answers.table import Table, mutants
from jacobian.worksheet.answers.text.grammar import read
from jacobian.worksheet.answers.text.names import Names
from jacobian.worksheet.answers.text.tokens import Signs, tokenize
from jacobian.worksheet.answers.values.reading import (
    COLUMNS,
    DIVIDED,
    EINSTEIN,
    ENTRYWISE,
    FITS,
    MATLAB,
    NUMPY,
    PAPER,
    Reading,
)
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import TooMuch, Value
from jacobian.worksheet.answers.verdict import Verdict, accepted, unclear, wrong

REPAIRED, MENDED = 60, 400      # nodes of an answer that is mended in one place; attempts
DEEP = 200                      # nodes above one another in an answer


@dataclass
class Tried:
    """An answer under one reading: its values at each point, and what did not fit."""

    reading: Reading
    values: list[Value]
    misfits: list[tuple[Node, str]]
    right: bool

    @property
    def fits(self) -> bool:
        return not self.misfits


def grade(question: Question | Sealed, text: str) -> Verdict:
    """grade(question, "W2.T @ delta2 * (z1 > 0)"): the verdict on what somebody typed, never an exception for it.

    Raises InputError only where the question is none, or the answer no text.
    """
    if not isinstance(question, Question | Sealed):
        raise InputError(f"grade takes a question, jac.Question(answer, shapes), but {question!r} was given")
    if not isinstance(text, str):
        raise InputError(f"an answer is text, but {text!r} was given")
    try:
        if question.asks == "shape":
            return shape(question, text)
        signs = tokenize(text)
        if question.asks == "numbers":
            return numbers(question, text, _checked(read(signs, Names(()), listed=not question.rights[0].scalar)))
        return _formula(question, signs, _checked(read(signs, question.names, question.functions)))
    except Misread as error:
        return unclear(error.sentence, error.start, error.end)
    except (TooMuch, RecursionError, MemoryError):
        return unclear("this would take more room than an answer needs: write it with fewer and smaller parts", 0,
                       min(len(text), 2000))


def _checked(tree: Node) -> Node:
    """The tree. Raises TooMuch where it is deeper than an answer needs."""
    if tree.depth > DEEP:
        raise TooMuch
    return tree


def readings(question: Question | Sealed, signs: Signs, tree: Node) -> tuple[Reading, ...]:
    """How the answer may be meant, the likeliest first, by the signs in it."""
    entries = [n for n in tree.walk() if n.kind in ("entry", "same index")]
    if entries and not any(n.kind == "sigma" for n in tree.walk()):
        letters = {c for n in entries for c in n.data}
        return (EINSTEIN if len(letters) > sum(question.rights[0].kind) else PAPER,)
    if signs.numpy and signs.matlab:
        return NUMPY, COLUMNS, PAPER, MATLAB
    if signs.numpy:
        return NUMPY, COLUMNS
    if signs.matlab:
        return MATLAB, PAPER
    if signs.dotted:
        return NUMPY, COLUMNS, PAPER
    return (PAPER, ENTRYWISE) if any(n.kind == "*" for n in tree.walk()) else (PAPER,)


def _formula(question: Question | Sealed, signs: Signs, tree: Node) -> Verdict:
    listing = {arg for n in tree.walk() if n.kind in ("ones", "zeros", "reshape", "same") for arg in n.args}
    lists = [n for n in tree.walk() if n.kind == "list" and len(n.args) > 1 and n not in listing]
    if lists:
        raise Misread("a list stands here, where a formula is asked for", lists[0].start, lists[0].end)
    tried = [_tried(question, tree, reading) for reading in readings(question, signs, tree)]
    plain = not (signs.matlab or signs.latex or any(n.kind == "turn" for n in tree.walk()))
    if plain and not any(t.fits for t in tried):
        tried += filter(lambda t: t.right, [_tried(question, tree, NUMPY)])
    if not (signs.numpy or any(t.right for t in tried)) and any(n.kind == "/" for n in tree.walk()):
        tried += filter(lambda t: t.right, [_tried(question, tree, DIVIDED)])
    right = [t for t in tried if t.right]
    fitting = [t for t in tried if t.fits]
    certain = signs.numpy != signs.matlab
    if right and (len(right) == len(fitting) or (certain and right[0] is tried[0])):
        return accepted("" if right[0] is tried[0] else f"read {right[0].reading.words}")
    if right:
        return _asked(tree, right[0], next(t for t in fitting if not t.right))
    loose = _tried(question, tree, FITS)
    if loose.right:
        place = next((t.misfits[0][0] for t in tried if t.misfits), tree)
        return unclear("the sizes fit here only where a product goes entry by entry: is it meant so? Then write .* or "
                       "∘", place.start, place.end, ("the matrix product", "the product entry by entry"))
    return _wrong(question, tree, tried)


def _asked(tree: Node, right: Tried, other: Tried) -> Verdict:
    divided = right.reading is DIVIDED
    sign = next((n for n in tree.walk() if n.kind == ("/" if divided else "*")), tree)
    ways = right.reading.words, "with / entry by entry" if divided else other.reading.words
    told = "inv(…) for an inverse, ./ for the quotient entry by entry" if divided else \
        "@ or a blank for the matrix product, .* or ∘ for the product entry by entry"
    return unclear(f"this can be read in two ways, {ways[0]} or {ways[1]}: write {told}", sign.start, sign.end,
                   tuple(sorted(ways)))


def _tried(question: Question | Sealed, tree: Node, reading: Reading) -> Tried:
    values: list[Value] = []
    misfits: list[tuple[Node, str]] = []
    for point in question.points:
        run = Run(point, reading)
        values.append(run(tree))
        misfits += run.misfits
    right = not misfits and is_right(values, question.rights, reading.flat)
    return Tried(reading, values, misfits, right)


def _wrong(question: Question | Sealed, tree: Node, tried: list[Tried]) -> Verdict:
    """The simplest misconception that explains the answer under a reading."""
    ordered = sorted(tried, key=lambda t: not t.fits)
    first = ordered[0]
    misfit, words = first.misfits[0] if first.misfits else (tree, "")
    place = (misfit.start, misfit.end) if first.misfits else None
    values = [(t.reading, _folded(question, tree, t)) for t in ordered]
    if name := _known(question.single, values):
        return wrong(name, SENTENCES[name], place)
    if first.values[0].scalar != question.rights[0].scalar:
        return wrong("shape", SENTENCES["shape"])
    for t in ordered:
        if mended := _mended(question, tree, t.reading):
            return mended
    if name := _known(question.pairs, values):
        return wrong(name, SENTENCES[name], place)
    if not first.fits:
        return wrong("sizes", f"The sizes do not fit here: {words}.", place)
    if sum(first.values[0].kind) != sum(question.rights[0].kind):
        return wrong("shape", SENTENCES["shape"])
    return wrong(None, "The shape is right, but not the value." if _shaped(first, question) else
                 "The shape is another one.")


def _known(table: Table | Rows, values: list[tuple[Reading, list[Value]]]) -> str | None:
    """The simplest mistake of a table that gives the values of a reading. A * is no product entry by entry for sure."""
    found = [mistake for reading, given in values if (mistake := table.find(given)) is not None
             and not (mistake.name == "entrywise product" and reading is ENTRYWISE)]
    return min(found, key=lambda mistake: mistake.cost).name if found else None


def _folded(question: Question | Sealed, tree: Node, t: Tried) -> list[Value]:
    """The values at two points; where sizes do not fit, with derivatives of activations as one node."""
    if t.fits:
        return t.values[:2]
    strict = question.folded(resolve(tree, t.reading))
    return [Run(point, t.reading)(strict) for point in question.points[:2]]


def _shaped(t: Tried, question: Question | Sealed) -> bool:
    marks = fingerprint(t.values, question.rights), fingerprint(question.rights, question.rights)
    return marks[0] is not None and marks[1] is not None and marks[0].shape == marks[1].shape


def _mended(question: Question | Sealed, tree: Node, reading: Reading) -> Verdict | None:
    """The mistake whose undoing at one place of the student's tree makes it right, and the place."""
    if sum(1 for _ in tree.walk()) > REPAIRED or any(n.kind in ("entry", "sigma") for n in tree.walk()):
        return None
    strict = question.folded(resolve(tree, reading))
    point, right = question.points[0], question.rights[:1]
    memo: dict[Node, tuple[Value, bool]] = {}
    cheapest = sorted(MISTAKES, key=lambda mistake: mistake.cost)
    for mistake, mutant, node in islice(mutants(strict, cheapest, question.context(strict)), MENDED):
        value, fits = Run(point, PAPER, memo=memo).shared(mutant)
        if fits and is_right([value], right) and _everywhere(question, mutant):
            name = mistake.undone or mistake.name
            return wrong(name, SENTENCES[name], (node.start, node.end))
    return None


def _everywhere(question: Question | Sealed, tree: Node) -> bool:
    return is_right([Run(point, PAPER)(tree) for point in question.points], question.rights)

