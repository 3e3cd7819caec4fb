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
from jacobian.verify.probe import along, direction, stepped
from jacobian.verify.products import Call, defects, matrix

JITTERS = 2             # how often the claim is computed again, a unit in the last place away
Arrays = tuple[np.ndarray[Any, Any], ...]


class Trial:
    """The claim C at x, and J v there. Raises Misfit and InputError where the claim cannot be read."""

    def __init__(self, name: str, claim: Any, function: Function, thorough: bool = False) -> None:
        self.function, self.name = function, name
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
        lacks = ()
        if thorough and product and np.isfinite(first).all():
            lacks = defects(product, function.given, first, level)
        return Claim(first, spread, spacing, level, lacks)

    @cached_property
    def v(self) -> Real:
        """The direction of the line, (n,)."""
        return direction(self.function, 11)

    @cached_property
    def line(self) -> Estimate:
        """J v, (m, 1)."""
        return along(self.function, self.v)

    @cached_property
    def suspicious(self) -> bool:
        """Whether C v is not J v: |C v − J v| > 2 (error of J v + rounding of C along v), or C is not finite."""
        if not np.isfinite(self.function.y).all():
            return False
        matrix = self.claim.matrix
        if not np.isfinite(matrix).all():
            return bool(np.isfinite(self.line.value).all())
        off = np.abs(matrix @ self.v - self.line.value[:, 0])
        return bool((off > 2 * (self.line.error[:, 0] + self.claim.rounding @ np.abs(self.v))).any())

    def point(self) -> Point | None:
        """T and C here, where T costs one evaluation an entry; else None."""
        found = stepped(self.function, self.v, self.line)
        return found and Point(self.function, found, self.claim.matrix, tolerance(self.claim, found))


def jittered(x: Arrays, seed: int) -> Arrays:
    """x moved by one unit in the last place, up or down."""
    random = np.random.default_rng(seed)
    return tuple(
        np.nextafter(entry, (random.choice([-1.0, 1.0], entry.shape) * np.inf).astype(entry.dtype)) for entry in x
    )
