"""How much work a sheet is: what a person has to write, so that variants can be made equally hard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np

from jacobian.printing.boxes import Blank
from jacobian.worksheet.document import Exercise, flat, pieces
from jacobian.worksheet.render.values import values


@dataclass(frozen=True)
class Effort:
    """What a sheet asks for: steps, blanks, and in its numbers entries that are not 0, minus signs, and digits."""

    steps: int
    blanks: int
    nonzeros: int
    signs: int
    digits: int


COUNTS = tuple(field.name for field in fields(Effort))


def effort(exercises: Iterable[Exercise]) -> Effort:
    """The counts of questions with their answers."""
    found = list(exercises)
    answers = [block for exercise in found for block in exercise.answer or ()]
    entries = [entry for value in values(answers) for row in value.rows for entry in row]
    return Effort(
        steps=sum(1 for _ in flat(answers)),
        blanks=sum(isinstance(part, Blank) for exercise in found for part in pieces(exercise.question)),
        nonzeros=sum(entry.strip("-0.") != "" for entry in entries),
        signs=sum(entry.startswith("-") for entry in entries),
        digits=sum(map(str.isdigit, "".join(entries))),
    )


def alike(efforts: Sequence[Effort], count: int) -> list[int]:
    """The places of so many efforts that are nearest to the median one, in their order."""
    table = np.array([astuple(found) for found in efforts], dtype=float)
    away = np.abs(table - np.median(table, axis=0))
    scale = np.where(away.mean(axis=0) > 0, away.mean(axis=0), 1)
    return sorted(int(k) for k in np.argsort((away / scale).sum(axis=1), kind="stable")[:count])


def spread(efforts: Sequence[Effort]) -> list[tuple[str, float, float]]:
    """The name, the mean and the standard deviation of each count."""
    table = np.array([astuple(found) for found in efforts], dtype=float)
    return [(name, float(mean), float(deviation))
            for name, mean, deviation in zip(COUNTS, table.mean(axis=0), table.std(axis=0), strict=True)]
