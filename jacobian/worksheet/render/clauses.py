"""Where a long formula may be broken: between clauses, before a relation and after a dot; how wide a piece can be."""

from __future__ import annotations

from jacobian.printing.boxes import Box, Grid, Row, Symbol, Words, broken, joined
from jacobian.printing.text import text

RELATIONS = "=≈←"
MARGIN = 1           # of a symbol: the columns of the blanks at its sides


def clauses(box: Box) -> list[Box]:
    """A formula in the clauses that its words part: x = 1 | and y = 2."""
    return broken(box, before=lambda item: isinstance(item, Words), after=lambda item: False)


def pieces(box: Box) -> list[Box]:
    """A formula in pieces: x | = A · | B | ≈ y."""
    return broken(box, before=lambda item: isinstance(item, Words) or _relates(item),
                  after=lambda item: item == Symbol("·"))


def columns(box: Box) -> int:
    """Columns of plain text, none of which is wider than an em where a piece is drawn: a bound of its width."""
    return sum(sum(max(map(columns, column)) for column in zip(*item.rows, strict=True)) + len(item.rows[0])
               if isinstance(item, Grid) else len(text(item)) + MARGIN for item in joined(Row((box,))))


def _relates(item: Box) -> bool:
    return isinstance(item, Symbol) and item.text in RELATIONS
