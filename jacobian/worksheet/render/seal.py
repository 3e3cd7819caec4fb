"""The digests of the numbers of an answer: what a notebook needs to check an answer without holding it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import numpy as np

from jacobian.worksheet.document import Check, Exercise
from jacobian.worksheet.render.check import digest
from jacobian.worksheet.render.values import Value, values

ROOM = 2            # times the rounding of what is written, from every number to the edges of its cell


def sealed(exercise: Exercise, salt: str) -> Exercise:
    """The exercise with a check for every number or matrix in its answer, worth what its block earns."""
    found = values(exercise.answer or ())
    beside = Counter(value.block for value in found)
    checks = tuple(_check(value, lattice, f"{salt} {value.name}", exercise.earned[value.block][1] / beside[value.block])
                   for value in found if (lattice := _lattice(value)))
    return replace(exercise, checks=checks)


def _check(value: Value, lattice: tuple[float, float], salt: str, points: float) -> Check:
    step, shift = lattice
    hidden = sha256(salt.encode()).hexdigest()[:16]
    shape = len(value.rows), len(value.rows[0])
    sealed_by = digest(np.reshape(value.numbers, shape), hidden, step, shift)
    return Check(value.name, value.box, hidden, step, shift, sealed_by, round(points, 2))


def _lattice(value: Value) -> tuple[float, float] | None:
    """(width of cells, shift of their edges) such that rounding carries no number over an edge, or None."""
    for decimals in (value.decimals, value.decimals - 1):
        places = sorted(number * 10**decimals % 1 for number in value.numbers)
        gap, start = max((after - before, before) for before, after in pairwise([*places, places[0] + 1]))
        if value.written <= decimals or gap / 2 >= ROOM * 0.5 * 10.0 ** (decimals - value.written):
            return 10.0**-decimals, round((start + gap / 2) % 1, 6)
    return None
