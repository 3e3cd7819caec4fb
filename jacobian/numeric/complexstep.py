"""f′(x) = Im f(x + ih) / h, exact to rounding where f is analytic code, and worth nothing elsewhere."""

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.numeric.noise import Noise, scales

SAMPLES = 3


def complex_step(function: Function, noise: Noise) -> tuple[Real, Real] | None:
    """J[i, j] = Im yᵢ(x + ih eⱼ) / h with h = 2⁻¹⁰⁰ |xⱼ| and a bound on its rounding, both (m, n), or None.

    The bound is the spread under a change of x by a few units in the last place, and what no spread can show. It says
    nothing about truncation, which is h², nor about f not being analytic: that takes a real difference.
    None where f refuses complex numbers. Source: Squire and Trapp 1998, SIAM Review 40, 110–112.
    """
    random = np.random.default_rng(1)
    steps = np.maximum(2.0**-100 * scales(function), 1e-250)
    moved = [function.x * (1 + 2.0**-51 * k * random.choice([-1.0, 1.0], function.x.size)) for k in range(SAMPLES)]
    found = np.empty((SAMPLES, function.y.size, function.x.size))
    for j, step in enumerate(steps):
        for k, x in enumerate(moved):
            z = x.astype(np.complex128)
            z[j] += 1j * step
            y = function.at_complex(z)
            if y is None:
                return None
            found[k, :, j] = y.imag / step
    value = found[0]
    spread = np.abs(found[1:] - value).max(axis=0, initial=0.0)
    size = np.maximum(np.abs(function.y), np.finfo(np.float64).tiny)
    share = 16 * noise.epsilon + 8 * np.minimum(1.0, noise.sigma / size)
    floor = (noise.epsilon * size + 4 * noise.sigma)[:, None] / np.maximum(1.0, np.abs(function.x))
    return value, 8 * spread + share[:, None] * np.abs(value) + floor
