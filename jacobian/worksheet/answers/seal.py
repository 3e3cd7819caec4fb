"""A question without its answer: the numbers, fingerprints and message codes by which a page checks as Python does.

A static page holds this and the grammar. It evaluates what was typed at the points and compares fingerprints; neither
the right formula nor a wrong one stands in it. For practice, not for marks: who can compute can still search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jacobian.worksheet.answers.compare import alike, fingerprint, weights
from jacobian.worksheet.answers.mistakes import SENTENCES
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.table import values_of
from jacobian.worksheet.answers.values.reading import HINT
from jacobian.worksheet.answers.values.value import Value

CODES = tuple(SENTENCES)        # of messages: a mistake is known by its place here
RIGHT = -1
POINTS = 2


def sealed(question: Question) -> dict[str, Any]:
    """JSON: the values of the names at two points, weights of the projections, fingerprints with their codes."""
    points, rights = question.points[:POINTS], question.rights[:POINTS]
    shapes: list[Any] = []
    rows: list[tuple[float, int, list[float], int]] = []

    def row(values: list[Value], code: int, cost: float) -> None:
        mark = fingerprint(values, rights) if values else None
        if mark is not None:
            if mark.shape not in shapes:
                shapes.append(mark.shape)
            rows.append((cost, shapes.index(mark.shape), mark.numbers.tolist(), code))

    row(rights, RIGHT, 0.0)
    for found, _ in question.single.rows.values():
        for mistake, tree, _ in found:
            row(values_of(tree, points), CODES.index(mistake.name), mistake.cost)
    rows.sort(key=lambda found: found[0])
    lengths = sorted({tuple(shape) for part in shapes for _, shape in part})
    return {
        "points": [{name: {"kind": list(x.kind), "array": x.array.tolist()}
                    for name, x in point.items() if name != HINT} for point in points],
        "weights": {"x".join(map(str, shape)): [weights(shape, k).tolist() for k in (0, 1)] for shape in lengths},
        "shapes": [[[list(kind), list(shape)] for kind, shape in part] for part in shapes],
        "rows": [[shape, numbers, code] for _, shape, numbers, code in rows],
    }


def code_of(seal: Mapping[str, Any], values: Sequence[Value]) -> int | None:
    """The code of the values at the two points, RIGHT or a place in CODES, None of values that are not known."""
    shape = [[list(x.kind), list(x.array.shape)] for x in values]
    if shape not in seal["shapes"]:
        return None
    place = seal["shapes"].index(shape)
    numbers = [float((np.array(w) * x.array).sum()) for x in values
               for w in seal["weights"]["x".join(map(str, x.array.shape))]]
    known = [(np.array(given), code) for part, given, code in seal["rows"] if part == place]
    hits = np.flatnonzero(alike(np.array([given for given, _ in known]), np.array(numbers)))
    return int(known[hits[0]][1]) if hits.size else None
