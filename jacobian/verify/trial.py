"""A claim read at one point, and compared with f along one line."""

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import Estimate
from jacobian.verify.claim import Claim, floor, written
from jacobian.verify.compare import tolerance
from jacobian.verify.diagnose import Point
from jacobian.verify.faults.calls import Defect
from jacobian.verify.probe import along, direction, stepped
from jacobian.verify.products import Call, defects, matrix
from jacobian.verify.sample import beside

SLIGHT = 1e-9           # away from the x that was given, an error this small beside the largest output is rounding
LOST = 1e-30            # and one below this is underflow
SECOND = (12, 13)       # seeds of the lines that confirm an error
JITTERS = 2             # how often the claim is computed again, a unit in the last place away
Arrays = tuple[np.ndarray[Any, Any], ...]


class Trial:
    """The claim C at x, and J v there. Raises Misfit and InputError where the claim cannot be read."""

    def __init__(self, name: str, claim: Any, function: Function, thorough: bool = False) -> None:
        self.function, self.name, self.thorough = function, name, thorough
        self.product = Call(name, claim, function) if name in ("vjp", "jvp") else None
        self.claim = self._read(claim, thorough)

    def _read(self, claim: Any, thorough: bool) -> Claim:
        """C with its rounding: what a unit in the last place of x does, and what its type allows."""
        function, product = self.function, self.product
        once: Callable[[Arrays], tuple[Real, float]] = (
            (lambda x: matrix(product, x)) if product else (lambda x: written(self.name, claim, function, x)))
        first, spacing = once(function.given)
        spread, level = np.zeros_like(first), floor(function, first)
        for k in range(JITTERS if callable(claim) else 0):
            with suppress(InputError):          # x may be the last point at which the claim has a value
                spread = np.fmax(spread, np.abs(once(jittered(function.given, k))[0] - first))
        spread = np.where(np.isfinite(spread), spread, 0.0)
        lacks: tuple[Defect, ...] = ()
        if thorough and product and np.isfinite(first).all():
            lacks = defects(product, function.given, beside(function.given), first, level)
        return Claim(first, spread, spacing, level, lacks)

    @cached_property
    def v(self) -> Real:
        """The direction of the line, (n,)."""
        return direction(self.function, 11)

    @cached_property
    def line(self) -> Estimate:
        """J v, (m, 1)."""
        return along(self.function, self.v)

    @property
    def analytic(self) -> bool:
        """Whether the complex step is sound here."""
        return self.line.method == "complex step"

    @cached_property
    def suspicious(self) -> bool:
        """Whether C v is not J v, or C is not finite where J v is."""
        known = bool(np.isfinite(self.function.y).all())
        if known and not np.isfinite(self.claim.matrix).all():
            return bool(np.isfinite(self.line.value).all())
        return known and bool(self.off(self.v, self.line).any()) and (self.thorough or self.twice())

    def twice(self) -> bool:
        """Whether differences along a second line find an error too, where noise may be the reason."""
        v = direction(self.function, SECOND[0])
        return self.analytic or bool(self.off(v, along(self.function, v)).any())

    def off(self, v: Real, line: Estimate) -> Any:
        """|C v − J v| > 2 (error of J v + rounding of C along v), (m,)."""
        gap = np.abs(self.claim.matrix @ v - line.value[:, 0])
        least = 0.0 if self.thorough else max(SLIGHT * (np.abs(self.claim.matrix) @ np.abs(v)).max(), LOST)
        return (gap > 2 * (line.error[:, 0] + self.claim.rounding @ np.abs(v))) & (gap > least)

    def confirmed(self, found: Estimate) -> bool:
        """Whether other differences, along lines through the wrong columns, find the same outputs wrong.

        The complex step has no noise and needs no confirmation.
        """
        matrix = self.claim.matrix
        if found.method == "complex step" or not np.isfinite(matrix).all():
            return True
        wrong = np.abs(matrix - found.value) > tolerance(self.claim, found)
        rows, columns = wrong.any(axis=1), wrong.any(axis=0)
        lines = [columns * direction(self.function, seed) for seed in SECOND]
        return all((self.off(v, along(self.function, v)) & rows).any() for v in lines)

    def point(self) -> Point | None:
        """T and C here, where T costs one evaluation an entry; else None."""
        found = stepped(self.function, self.v, self.line)
        if found is None:
            return None
        return Point(self.function, found, self.claim.matrix, tolerance(self.claim, found))


def jittered(x: Arrays, seed: int) -> Arrays:
    """x moved by one unit in the last place, up or down."""
    random = np.random.default_rng(seed)
    return tuple(
        np.nextafter(entry, (random.choice([-1.0, 1.0], entry.shape) * np.inf).astype(entry.dtype)) for entry in x
    )
