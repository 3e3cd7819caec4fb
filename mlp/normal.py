"""The standard normal distribution to full relative accuracy, as far as float64 (or float32) reaches."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any

# (1 + z) Φ(−z) exp(z²/2) for z ≥ 0 as a polynomial in t = (z − 5)/(z + 5), highest power first: the expansion in
# Chebyshev polynomials, cut where its terms fall below 1e-17 (the method of Schonfelder 1978, Math. Comp. 32).
# tests/test_activations.py makes it anew with 60 digits.
SHARE = (
    2.5086998016985133e-11, -3.815816262632953e-10, -4.327297110082094e-10, 4.4011596227599254e-09,
    4.022493382168717e-09, -3.095201755804207e-08, -2.688202129280215e-08, 1.9627809920091187e-07,
    1.284479710649634e-07, -1.3074486019237587e-06, -7.070628846317715e-08, 9.05982468125664e-06,
    -9.895946159334735e-06, -5.36075811148722e-05, 0.00018233410307611755, 7.791597409338999e-06,
    -0.0016760723371645697, 0.006522000667783896, -0.015170415403281224, 0.024536963243678652,
    -0.026401042966267253, 0.010002352385229382, 0.031030368425962847, -0.09155228183400904,
    0.46151582985003775,
)
ROOT = 0.3989422804014327         # 1/√(2π)


def bell(z: Array) -> Array:
    """exp(−z²/2): the exponent is split where z² would be rounded, as an error of 1 ulp there is one of z²/2 here."""
    z = np.clip(z, -64, 64)
    s = np.round(16 * z) / 16
    return np.exp(-s * s / 2) * np.exp((s - z) * (s + z) / 2)


def density(z: Array) -> Array:
    """φ(z) = exp(−z²/2)/√(2π) (Abramowitz and Stegun 1964, 26.2.1)."""
    return bell(z) * ROOT


def distribution(z: Array) -> Array:
    """Φ(z), the share below z (Abramowitz and Stegun 1964, 26.2.2); to the left with all its digits."""
    r = np.abs(z)
    t = 1 - 10 / (r + 5)
    share = np.zeros_like(t)
    for c in SHARE:
        share *= t
        share += c
    tail = bell(z) * share / (1 + r)
    return np.where(z > 0, 1 - tail, tail)
