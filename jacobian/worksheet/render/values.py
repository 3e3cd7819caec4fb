"""The numbers that stand in displayed formulas, each with its name: x = [3; -1] gives x and its matrix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from keyword import iskeyword
from unicodedata import name as letter_name
from unicodedata import normalize

from jacobian.printing.boxes import Box, Grid, Number, Row, Symbol, Words
from jacobian.printing.text import text
from jacobian.worksheet.document import Block, Display, flat
from jacobian.worksheet.render.clauses import clauses, pieces

SPELLED = {"∂": "d", "/": "_", "ᵀ": "_T", "⊤": "_T", "′": "_prime"}
MEANS = {"←": "_new", "≈": "_about"}        # a value after these is not that of the name itself
NUMBER = re.compile(r"-?\d+(\.\d+)?(/\d+)?", re.ASCII)
DECIMALS = 3
RESERVED = {"np", "check", "right", "digest", "matrices", "hashlib"}


@dataclass(frozen=True, slots=True)
class Value:
    """A name, and the rows of its matrix as they are written; a scalar is a matrix of one entry."""

    name: str
    box: Box
    rows: tuple[tuple[str, ...], ...]
    scalar: bool
    block: int = 0              # where it stands: the number of its block

    @property
    def numbers(self) -> list[float]:
        return [float(Fraction(entry)) for row in self.rows for entry in row]

    @property
    def written(self) -> int:
        """The decimals that are written."""
        return max(len(entry.partition(".")[2]) for row in self.rows for entry in row)

    @property
    def decimals(self) -> int:
        """The decimals to which an answer is compared: three, or all but the last that is written."""
        return max(DECIMALS, self.written - 1)

    @property
    def code(self) -> str:
        """The value in NumPy."""
        rows = ", ".join(f"[{', '.join(row)}]" for row in self.rows)
        return self.rows[0][0] if self.scalar else f"np.array([{rows}])"


def values(blocks: Iterable[Block]) -> list[Value]:
    """The values in the displayed formulas among the blocks; each has a name of its own."""
    found: list[Value] = []
    for place, block in enumerate(flat(blocks)):
        for clause in clauses(block.box) if isinstance(block, Display) else ():
            value = _value(clause)
            if value is not None:
                again = sum(re.sub(r"_\d+$", "", other.name) == value.name for other in found)
                name = f"{value.name}_{again + 1}" if again else value.name
                found.append(replace(value, name=name, block=place))
    return found


def identifier(box: Box) -> str:
    """What a formula is called in Python: dz1_dx for ∂z₁/∂x, delta1 for δ₁."""
    marks = (SPELLED.get(mark) or _spelled(mark) for mark in text(box))
    word = "".join(mark for mark in marks if mark == "_" or mark.isidentifier() or mark[-1:].isalnum()).strip("_")
    return f"{word}_" if iskeyword(word) or word in RESERVED or not word.isidentifier() else word


def _spelled(mark: str) -> str:
    greek = letter_name(mark, "").partition("GREEK ")[2]
    if greek:
        word = greek.rpartition("LETTER ")[2].partition(" ")[0].lower().replace("lamda", "lambda")
        return word.capitalize() if greek.startswith("CAPITAL") else word
    return normalize("NFKC", mark)


def _value(clause: Box) -> Value | None:
    items = [item for item in pieces(clause) if item != Row(())]
    left, *rest = (_bare(item) for item in items)
    if not rest or not isinstance(rest[-1][0], Symbol):
        return None
    rows = _rows(rest[-1][1:])
    if rows is None or not left:
        return None
    sign = rest[0][0]
    suffix = MEANS.get(sign.text, "") if isinstance(sign, Symbol) else ""
    return Value(identifier(Row(left)) + suffix, Row(left), rows, isinstance(rest[-1][1], Number))


def _bare(piece: Box) -> tuple[Box, ...]:
    """The items of a piece without the words that join it to the one before."""
    items = piece.items if isinstance(piece, Row) else (piece,)
    return items[1:] if isinstance(items[0], Words) else items


def _rows(items: tuple[Box, ...]) -> tuple[tuple[str, ...], ...] | None:
    """The entries, where the items are one matrix or number and nothing else."""
    match items:
        case (Grid(rows),):
            entries = rows
        case (Number(),):
            entries = (items,)
        case _:
            return None
    plain = tuple(tuple(entry.text.replace("−", "-") if isinstance(entry, Number) else "" for entry in row)
                  for row in entries)
    return plain if all(NUMBER.fullmatch(entry) for row in plain for entry in row) else None
