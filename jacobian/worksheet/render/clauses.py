"""Where a long formula may be broken: between clauses, before a relation and after a dot."""

from __future__ import annotations

from jacobian.printing.boxes import Box, Symbol, Words, broken

RELATIONS = "=≈←"


def clauses(box: Box) -> list[Box]:
    """A formula in the clauses that its words part: x = 1 | and y = 2."""
    return broken(box, before=lambda item: isinstance(item, Words), after=lambda item: False)


def pieces(box: Box) -> list[Box]:
    """A formula in pieces: x | = A · | B | ≈ y."""
    return broken(box, before=lambda item: isinstance(item, Words) or _relates(item),
                  after=lambda item: item == Symbol("·"))


def _relates(item: Box) -> bool:
    return isinstance(item, Symbol) and item.text in RELATIONS
