"""What a word or a sign of the text means: the shapes it takes and gives, and the expression it builds.

Shapes are written as in the signatures of operations, "i j, j · -> i ·", but here a letter is an axis that is there and
· one that is not, so that each rule speaks of one kind of operands: a scalar "· ·", a column "i ·", a row "· j", a
matrix "i j". A result may have an axis "i*k" or "i+k". A rule with ? before it is taken only where nothing else fits or
an operand is a scalar in any case: the transpose of a scalar, a scalar added to each entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

SCALAR, COLUMN, ROW, MATRIX = 1, 2, 4, 8
ANY = SCALAR | COLUMN | ROW | MATRIX
BLOCKS, MIXED = 64, 8      # operands of hstack and vstack: in all, and where they may be of different kinds
Axes = tuple[str, str]


@dataclass(frozen=True)
class Rule:
    """One way of taking operands: their axes and those of the result; the kind of each, the result's last."""

    inputs: tuple[Axes, ...]
    output: Axes
    loose: bool

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        return tuple(1 << ((first != "·") + 2 * (second != "·")) for first, second in (*self.inputs, self.output))


def rule(text: str, absent: frozenset[str] = frozenset()) -> Rule:
    """The rule that a text states, without the axes of these letters in the result."""
    inputs, _, output = text.removeprefix("?").partition("->")
    first, second = ("·" if letter in absent else letter for letter in output.split())
    return Rule(tuple(map(_axes, inputs.split(","))) if inputs.strip() else (), (first, second), text.startswith("?"))


def _axes(text: str) -> Axes:
    first, second = text.split()
    return first, second


@dataclass(frozen=True)
class Row:
    """`words` of one meaning; `rules` (of any number of operands: a function of it); `build` makes the expression.

    `sizes` names the axes of the result that may be given as sizes after the operands, in one way or in several
    ("" where none need be): such a row builds from the axes of the result and the operands. A size 1 means no axis, as
    in MATLAB's ones(n, 1), unless sizes are `counted`, as in vector(1, n).
    """

    words: str
    rules: tuple[str, ...] | Callable[[int], tuple[str, ...]]
    build: Callable[..., Any]
    sizes: tuple[str, ...] | None = None
    syntax: str | None = None
    counted: bool = False

    def given(self, count: int) -> tuple[int, str] | None:
        """(number of operands, letters of the sizes after them) of a call with so many arguments; None: it cannot."""
        if callable(self.rules):
            return (count, "") if 0 < count <= BLOCKS else None
        arity = len(rule(self.rules[0]).inputs)
        fits = (letters for letters in self.sizes or ("",) if count == arity + len(letters.split()))
        return next(((arity, letters) for letters in fits), None)


@lru_cache(maxsize=1024)
def ways(row: Row, arity: int, absent: frozenset[str]) -> tuple[Rule, ...]:
    """The rules of a row for so many operands, without the axes of these letters in the result."""
    return tuple(rule(text, absent) for text in (row.rules(arity) if callable(row.rules) else row.rules))


KINDS = ("· ·", "i ·", "· j", "i j")
EACH = tuple(f"{kind} -> {kind}" for kind in KINDS)
ALL = tuple(("?" if kind == "· ·" else "") + f"{kind} -> · ·" for kind in KINDS)
PAIRS = tuple(f"{kind}, {kind} -> {kind}" for kind in KINDS)
SPREAD = tuple(f"{pair} -> {kind}" for kind in KINDS[1:] for pair in (f"· ·, {kind}", f"{kind}, · ·"))
SQUARE = ("i i -> i i",)
NUMBER_OF_SQUARE = ("i i -> · ·",)


def loosely(rules: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("?" + text for text in rules)


def beside(n: int) -> tuple[str, ...]:
    """n matrices and columns, side by side: a matrix."""
    mixed = product("cm", repeat=n) if n <= MIXED else (tuple(kind * n) for kind in "cm")
    return tuple(", ".join("i ·" if kind == "c" else f"i j{k}" for k, kind in enumerate(kinds)) + " -> i "
                 + "+".join("1" if kind == "c" else f"j{k}" for k, kind in enumerate(kinds)) for kinds in mixed)


def above(n: int) -> tuple[str, ...]:
    """n matrices one above the other: a matrix; columns and scalars: a column."""
    rows = ", ".join(f"i{k} j" for k in range(n)) + " -> " + "+".join(f"i{k}" for k in range(n)) + " j"
    return rows, *after(n)


def after(n: int) -> tuple[str, ...]:
    """n columns and scalars, one after the other: a column."""
    mixed = product("cs", repeat=n) if n <= MIXED else (tuple(kind * n) for kind in "cs")
    return tuple(", ".join("· ·" if kind == "s" else f"i{k} ·" for k, kind in enumerate(kinds)) + " -> "
                 + "+".join("1" if kind == "s" else f"i{k}" for k, kind in enumerate(kinds)) + " ·" for kinds in mixed)

