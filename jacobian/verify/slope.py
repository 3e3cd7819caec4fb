"""The local derivative of one step: by complex steps where a real difference confirms them, else measured with care."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.numeric.measure import measure

TINY = 1e-100           # of the complex step: nothing of it is left in the real part
ASIDE = 1e-6            # of the largest entry: the step of the real difference
CONFIRMED = 1e-6        # how closely the two must agree


def slope(apply: Callable[..., Any], given: Sequence[Real], k: int) -> Real:
    """∂apply/∂given[k] as (m, n); 0 where there is none, as of exp beside -1e9: the whole chain is compared with f.

    Raises InputError where apply has no value.
    """
    def f(z: Any) -> Any:
        return apply(*given[:k], z, *given[k + 1:])

    found = complex_step(f, given[k])
    return np.nan_to_num(measure(Function(f, given[k])).value) if found is None else found


def along(apply: Callable[..., Any], given: Sequence[Real], k: int, v: Real) -> Real:
    """∂apply/∂given[k] v as (m,), of three evaluations where complex steps will do."""
    def f(t: Any) -> Any:
        return apply(*given[:k], given[k] + (t - 1) * v, *given[k + 1:])

    return slope(f, (np.ones(()),), 0)[:, 0]


def complex_step(f: Callable[[Any], Any], z: Real) -> Real | None:
    """J[:, j] = Im f(z + ih eⱼ) / h, or None unless J v = (f(z + sv) - f(z - sv)) / 2s for one v without a 0 in it."""
    try:
        images = [np.ravel(f(z + 1j * TINY * unit)) for unit in np.eye(z.size).reshape(-1, *z.shape)]
        v = np.linspace(0.6, 1.4, z.size).reshape(z.shape)
        s = ASIDE * np.abs(z).max(initial=1e-3)
        ahead, behind = np.ravel(f(z + s * v)), np.ravel(f(z - s * v))
    except Exception:       # whatever code of real numbers may raise that meets complex ones
        return None
    J = np.array([image.imag / TINY for image in images]).reshape(z.size, -1).T
    off = np.abs(J @ v.ravel() - (ahead - behind) / (2 * s)) if J.shape[0] == ahead.size else np.full(1, np.inf)
    return J if (off <= CONFIRMED * (np.abs(J) @ v.ravel()).max(initial=0.0)).all() else None
