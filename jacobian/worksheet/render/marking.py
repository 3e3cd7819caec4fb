"""What a program can mark of a key, as the JSON that `jacobian grade` and `jacobian practice` read."""

from __future__ import annotations

from dataclasses import replace

from jacobian.errors import InputError
from jacobian.worksheet import document as sheet
from jacobian.worksheet.answers.sheet import Sheet, written


def marking(document: sheet.Document) -> str:
    """The whole file; a question is called by the number of its exercise and its own name: "2 x".

    Raises InputError where there is nothing that a program can mark, as on a sheet without answers.
    """
    exercises = (piece for piece in document.blocks if isinstance(piece, sheet.Exercise))
    items = tuple(replace(item, name=f"{piece.number} {item.name}") for piece in exercises for item in piece.asked)
    if not items:
        raise InputError(f"{document.title} has no answer that a program can mark: only keys with formulas, shapes or "
                         "numbers are written as JSON")
    return written(Sheet(document.title, items))
