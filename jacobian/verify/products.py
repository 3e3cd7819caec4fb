"""Jᵀg and Jv as functions: the Jacobian they stand for, and whether they are linear maps at all."""

from collections.abc import Callable
from typing import Any

import numpy as np

from jacobian.numeric.function import Function, Real
from jacobian.verify.claim import EPSILON, call, joined, parts, units

Arrays = tuple[np.ndarray[Any, Any], ...]


class Call:
    """A product called with copies: it records which argument the product wrote into."""

    def __init__(self, name: str, product: Callable[..., Any], function: Function) -> None:
        self.name, self.product, self.function = name, product, function
        backward = name == "vjp"
        self.seeds = (function.shape,) if backward else function.shapes
        self.results = function.shapes if backward else (function.shape,)
        self.bare = backward or not function.several
        self.changed: set[str] = set()

    def __call__(self, seed: Arrays, x: Arrays) -> tuple[Real, float]:
        """The product as one row, and the spacing of its numbers."""
        kind = np.result_type(*x)
        seeds, points = tuple(s.astype(kind) for s in seed), tuple(entry.copy() for entry in x)
        result = call(self.name, self.product, seeds[0] if self.bare else seeds, *points)
        several = self.name == "vjp" and self.function.several
        row, spacing = joined(parts(self.name, result, several, self.results))
        letter = "g" if self.name == "vjp" else "v"
        if not all(np.array_equal(a, b.astype(kind), equal_nan=True) for a, b in zip(seeds, seed, strict=True)):
            self.changed.add(letter)
        if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(points, x, strict=True)):
            self.changed.add("x")
        return row[0], spacing


def matrix(product: Call, x: Arrays) -> tuple[Real, float]:
    """J from its rows Jᵀeᵢ (vjp) or its columns Jeⱼ (jvp); (m, n)."""
    rows = [product(unit, x) for unit in units(product.seeds)]
    found = np.array([row for row, _ in rows])
    return found if product.name == "vjp" else found.T, max(spacing for _, spacing in rows)


def faults(product: Call, x: Arrays, found: Real, floor: Real) -> tuple[str, ...]:
    """V(g) = Σᵢ gᵢ V(eᵢ), V(0) = 0, V(g) the same twice, arguments left alone: a sentence for each that fails."""
    letter = "g" if product.name == "vjp" else "v"
    loose = np.abs(found) + 2**-3 * floor
    rows, loose = (found, loose) if product.name == "vjp" else (found.T, loose.T)
    random, sentences = np.random.default_rng(2), []
    seeds = [tuple(scale * random.normal(size=s) for s in product.seeds) for scale in (1.0, 100.0)]
    seeds.append(tuple(np.zeros(s) for s in product.seeds))
    for seed in seeds:
        flat = np.concatenate([entry.astype(np.result_type(*x)).astype(float).ravel() for entry in seed])
        (once, spacing), (again, _) = product(seed, x), product(seed, x)
        slack = 2**10 * max(spacing, EPSILON) * (np.abs(flat) @ loose)
        if not (np.abs(once - again) <= slack).all():
            sentences.append(f"{product.name} is not deterministic: the same call gives two results.")
        elif not (np.abs(once - flat @ rows) <= slack).all():
            off = np.abs(once - flat @ rows).max()
            what = f"it is not 0 at {letter} = 0" if not flat.any() else "it is not the sum of its parts"
            sentences.append(f"{product.name} is not linear in {letter}: {what} (off by {off:.3g}).")
    sentences += [f"{product.name} changes its argument {name} in place." for name in sorted(product.changed)]
    return tuple(dict.fromkeys(sentences))
