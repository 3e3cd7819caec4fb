"""One layout language of mathematics; latex, mathml, typst and text are its printers, each a table with a row per box.

A box says where things stand, not what they mean: precedence is the writer's, who puts a Fence where one is needed.
Two operands side by side are a product, a function's name beside an operand is its application (see `joined`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeVar
from unicodedata import combining, normalize

from jacobian.errors import InputError

Style = Literal["italic", "upright", "bold"]


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of mathematics laid out."""


@dataclass(frozen=True, slots=True)
class Name(Box):
    """W, δ, ŷ, ReLU: an identifier; one letter is italic, several or a Greek capital upright, unless stated."""

    text: str
    style: Style | None = None

    def __post_init__(self) -> None:
        if self.style is None:
            upright = len(letters(self.text)) > 1 or self.text in CAPITALS
            object.__setattr__(self, "style", "upright" if self.text and upright else "italic")


@dataclass(frozen=True, slots=True)
class Number(Box):
    """3, -3, 0.5."""

    text: str


@dataclass(frozen=True, slots=True)
class Symbol(Box):
    """= + − ∘ ⊗ · ∂ → , …: a relation, an operator or a mark; `tight` without room at its sides: a sign, an index."""

    text: str
    tight: bool = False


@dataclass(frozen=True, slots=True)
class Row(Box):
    """a b c: boxes beside one another."""

    items: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Sub(Box):
    """base_sub"""

    base: Box
    sub: Box


@dataclass(frozen=True, slots=True)
class Super(Box):
    """base^sup; the transpose is Symbol("⊤"), the derivative of a function Symbol("′")."""

    base: Box
    sup: Box


@dataclass(frozen=True, slots=True)
class SubSuper(Box):
    """base_sub^sup, one above the other."""

    base: Box
    sub: Box
    sup: Box


@dataclass(frozen=True, slots=True)
class Fraction(Box):
    """over / under"""

    over: Box
    under: Box


@dataclass(frozen=True, slots=True)
class Root(Box):
    """√body"""

    body: Box


@dataclass(frozen=True, slots=True)
class Fence(Box):
    """(body) [body] {body} ‖body‖ |body| ⟨body⟩ ⌊body⌋ ⌈body⌉; as high as its body where that is tall."""

    left: str
    body: Box
    right: str


@dataclass(frozen=True, slots=True)
class Grid(Box):
    """[1 2; 3 4]: a matrix in square brackets; columns of numbers end at the right, others are centred."""

    rows: tuple[tuple[Box, ...], ...]

    def __post_init__(self) -> None:
        lengths = {len(row) for row in self.rows}
        if len(lengths) != 1 or not min(lengths):
            raise InputError(f"a matrix needs rows of one length, at least 1, but their lengths are {sorted(lengths)}")

    @property
    def alignment(self) -> str:
        """A letter per column: "r" for numbers alone, else "c"."""
        return "".join("r" if all(isinstance(entry, Number) for entry in column) else "c"
                       for column in zip(*self.rows, strict=True))


@dataclass(frozen=True, slots=True)
class Words(Box):
    """plain words inside mathematics"""

    text: str


@dataclass(frozen=True, slots=True)
class Under(Box):
    """body with a note, such as its shape, under a brace."""

    body: Box
    note: Box


@dataclass(frozen=True, slots=True)
class Blank(Box):
    """An empty place to write in, so many em wide."""

    width: float = 3


@dataclass(frozen=True, slots=True)
class Lines(Box):
    """left relation right, line by line, aligned at the relation; an empty side is Row(())."""

    rows: tuple[tuple[Box, Box, Box], ...]

    def __post_init__(self) -> None:
        if not self.rows or any(len(row) != 3 for row in self.rows):
            raise InputError("an equation of several lines needs at least one line, each (left, relation, right)")


TIMES, APPLY, THIN, SPACE, QUAD = map(Symbol, "\u2062\u2061\u2009\u00a0\u2003")  # a product, a call, three gaps
Entry = TypeVar("Entry")
BIG = "∑∏"          # their subscript and superscript stand below and above
CAPITALS = "ΓΔΘΛΞΠΣΥΦΨΩ"     # upright, as TeX has them
OPERATORS = "+−±×·∘⊙⊘⊗⊕∗"
LETTERS = "∂∇∞∅…⋯⋮⋱⊤ᵀ′″∀∃"     # symbols without room at their sides
LIMBS = (Sub, Super, SubSuper)
ACCENTS = "\u0302\u0303\u0304\u0307"      # ŷ ỹ ȳ ẏ


def lookup(table: Mapping[str, Entry], mark: str, place: str) -> Entry:
    """The row of the table for a symbol or a fence; place names the table to the person who asks for an unknown one."""
    if mark not in table:
        raise InputError(f"{mark!r} is no symbol known here: use one of {' '.join(table)}, or write its row in {place}")
    return table[mark]


@lru_cache
def letters(text: str) -> str:
    """The text without its accents: y of ŷ."""
    return "".join(letter for letter in normalize("NFD", text) if not combining(letter))


def accented(text: str) -> tuple[str, str]:
    """(y, ^) of ŷ; (text, "") where no accent stands over a single letter."""
    letter, accent = normalize("NFD", text)[:1], normalize("NFD", text)[1:]
    return (letter, accent) if len(accent) == 1 and accent in ACCENTS else (text, "")


def core(box: Box) -> Box:
    """The box without its indices and exponents: W of W₂ᵀ."""
    while isinstance(box, LIMBS):
        box = box.base
    return box


def big(box: Box) -> bool:
    """Whether the box is a sum or a product sign, with its bounds or without."""
    sign = core(box)
    return isinstance(sign, Symbol) and sign.text in BIG


def word(box: Box) -> bool:
    """Whether the box is a name of several letters, or begins with one, which needs room beside it: diag, dX."""
    name = core(box)
    if isinstance(name, Row):
        return bool(name.items) and word(name.items[0])
    return isinstance(name, Name) and len(letters(name.text)) > 1


def function(box: Box) -> bool:
    """Whether the box names a function: ReLU, diag, f′."""
    name = core(box)
    primed = isinstance(box, Super | SubSuper) and box.sup in (Symbol("′"), Symbol("″"))
    return isinstance(name, Name) and (primed or (name.style == "upright" and word(name)))


def joined(row: Row) -> list[Box]:
    """The items of the row, with each product, application and sign said: W TIMES x for W x, ReLU APPLY (z)."""
    pieces: list[Box] = []
    for item in _flat(row):
        left = pieces[-1] if pieces else None
        pieces += [*_between(left, item), _signed(left, item)]
    return pieces


def broken(box: Box, *, before: Callable[[Box], bool], after: Callable[[Box], bool]) -> list[Box]:
    """The box in the pieces that a line may be broken into: before some of its items, and after some."""
    pieces: list[list[Box]] = []
    for item in _flat(Row((box,))):
        if not pieces or before(item) or after(pieces[-1][-1]):
            pieces.append([])
        pieces[-1].append(item)
    return [Row(tuple(items)) for items in pieces]


def tightened(box: Box) -> Box:
    """The box without room around its symbols, as in an index: i=1."""
    match box:
        case Symbol():
            return replace(box, tight=True)
        case Row(items):
            return Row(tuple(map(tightened, items)))
    return box


def tall(box: Box) -> bool:
    """Whether a fence around the box must stretch."""
    match box:
        case Fraction() | Grid() | Under() | Lines():
            return True
        case Row(items):
            return any(map(tall, items))
        case Fence(_, body, _) | Root(body):
            return tall(body)
        case Sub(base) | Super(base) | SubSuper(base):
            return tall(base) or big(base)
    return False


def _flat(row: Row) -> Iterator[Box]:
    for item in row.items:
        yield from _flat(item) if isinstance(item, Row) else (item,)


def _between(left: Box | None, right: Box) -> tuple[Box, ...]:
    """What stands unwritten between two neighbours."""
    if left is None:
        return ()
    match left, core(right):
        case Words(), Symbol("," | "." | ";" | ":"):
            return ()
        case (Words(), _) | (_, Words()):
            return (SPACE,)
        case _, Symbol(text) if text not in BIG:
            return ()
        case _ if isinstance(core(left), Symbol):
            return ()
        case _, Fence() if function(left):
            return (APPLY,)
        case _ if function(left):
            return (APPLY, THIN)
    tables = isinstance(left, Fraction | Grid) and isinstance(right, Fraction | Grid)
    apart = tables or any(map(word, filter(None, (left, right))))
    return (TIMES, THIN) if apart else (TIMES,)


def _signed(left: Box | None, right: Box) -> Box:
    """An operator is a sign where nothing stands at its left that it could join to."""
    match left:
        case None | Words():
            alone = True
        case Symbol(text):
            alone = text not in LETTERS
        case _:
            alone = False
    return replace(right, tight=True) if alone and isinstance(right, Symbol) and right.text in OPERATORS else right
