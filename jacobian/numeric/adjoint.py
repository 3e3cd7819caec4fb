"""jac.adjoint_test: whether a vjp is the transpose of a jvp."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.arguments import called, flat
from jacobian.numeric.function import Real, inputs

ROUNDING = 2.0**6       # units in the last place of the norms that the two sides may be apart


@dataclass(frozen=True, eq=False)
class Adjoint:
    """⟨Jv, u⟩ = ⟨v, Jᵀu⟩ for several random v and u: left and right, and how far rounding may part them, (K,) each."""

    left: Real
    right: Real
    allowed: Real

    @property
    def holds(self) -> bool:
        """Whether the two sides agree for every pair."""
        return bool((np.abs(self.left - self.right) <= self.allowed).all())

    def __str__(self) -> str:
        lines = ["        ⟨Jv, u⟩         ⟨v, Jᵀu⟩        apart   allowed"]
        for left, right, allowed in zip(self.left, self.right, self.allowed, strict=True):
            apart = abs(left - right)
            mark = "" if apart <= allowed else "  *"
            lines.append(f"{left:15.8g}  {right:15.8g}  {apart:11.2e}  {allowed:8.1e}{mark}")
        with np.errstate(all="ignore"):
            ratio = self.left / self.right
        same = np.isfinite(ratio).all() and np.ptp(ratio) <= 1e-6 * np.abs(ratio).max()
        factor = f" The left sides are {ratio[0]:.6g} times the right ones." if same else ""
        return "\n".join([*lines, "The vjp is the transpose of the jvp." if self.holds
                          else f"The vjp is not the transpose of the jvp.{factor}"])


def adjoint_test(jvp: Callable[..., Any], vjp: Callable[..., Any], x: Any, *, count: int = 5, seed: int = 0) -> Adjoint:
    """⟨Jv, u⟩ = ⟨v, Jᵀu⟩ for random v and u, with Jv = jvp(v, *x) and Jᵀu = vjp(u, *x); Re Jᴴu where Jv is complex.

    x is an array, or a tuple of arrays; then v is a tuple of arrays of these shapes, and vjp returns one. The shape of
    u is that of jvp(v, *x), and u is complex where that is: then ⟨y, u⟩ = Re uᴴy, as torch has it; JAX takes the
    conjugate of u. No f is needed: the test finds a vjp and a jvp that do not belong together, not which of them is
    wrong. print(…) is a table, .holds the answer.

    Raises InputError if a product is no function, raises, or returns no numbers; ShapeError where a shape does not fit.
    Source: Claerbout 1992, Earth Soundings Analysis, section 5.1 (the dot-product test).
    """
    if not isinstance(count, int) or count < 1:
        raise InputError(f"count must be a whole number of at least 1; it is {count!r}")
    given, random = inputs(x), np.random.default_rng(seed)
    shapes, kind = tuple(part.shape for part in given), np.result_type(float if not given else given[0], *given)
    rows = []
    for _ in range(count):
        tangents = tuple(random.normal(size=shape).astype(kind) for shape in shapes)
        pushed = called("jvp", jvp, tangents if isinstance(x, tuple) else tangents[0], *(part.copy() for part in given))
        y, coarse = flat("jvp", pushed, (np.shape(pushed),), "fiubc")
        u = random.normal(size=y.size).astype(kind)
        if np.iscomplexobj(y):
            u = u + 1j * random.normal(size=y.size).astype(kind)
        pulled = called("vjp", vjp, u.reshape(np.shape(pushed)).copy(), *(part.copy() for part in given))
        w, spacing = flat("vjp", pulled, shapes)
        v = np.concatenate([part.ravel().astype(float) for part in tangents])
        size = np.linalg.norm(y) * np.linalg.norm(u) + np.linalg.norm(v) * np.linalg.norm(w)
        rows.append((np.vdot(u, y).real, v @ w, ROUNDING * max(coarse, spacing) * size))
    return Adjoint(*np.array(rows).T)
