"""Jᵀg and Jv as functions: the Jacobian they stand for, and whether they are linear maps at all."""

from collections.abc import Callable
from typing import Any

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Function, Real
from jacobian.verify.claim import EPSILON, call, joined, named, parts, units
from jacobian.verify.faults.calls import Defect, defect

Arrays = tuple[np.ndarray[Any, Any], ...]


class Call:
    """A product called with copies: it records which argument the product wrote into, and what it returned last."""

    def __init__(self, name: str, product: Callable[..., Any], function: Function) -> None:
        self.name, self.product, self.function = name, product, function
        backward = name == "vjp"
        self.seeds = (function.shape,) if backward else function.shapes
        self.results = function.shapes if backward else (function.shape,)
        self.bare = backward or not function.several
        self.named = named(function) if backward else ()
        self.changed: set[str] = set()
        self.returned: Any = None

    @property
    def letter(self) -> str:
        """What the product is linear in."""
        return "g" if self.name == "vjp" else "v"

    def __call__(self, seed: Arrays, x: Arrays) -> tuple[Real, float]:
        """The product as one row, and the spacing of its numbers."""
        kind = np.result_type(*x)
        seeds, points = tuple(s.astype(kind) for s in seed), tuple(entry.copy() for entry in x)
        self.returned = call(self.name, self.product, seeds[0] if self.bare else seeds, *points)
        row, spacing = joined(parts(self.name, self.returned, self.named, self.results))
        if not all(np.array_equal(a, b.astype(kind), equal_nan=True) for a, b in zip(seeds, seed, strict=True)):
            self.changed.add(self.letter)
        if not all(np.array_equal(a, b, equal_nan=True) for a, b in zip(points, x, strict=True)):
            self.changed.add("x")
        return row[0], spacing

    def where(self, off: Any) -> tuple[int, ...]:
        """The inputs whose gradients are off; of a jvp nothing is known."""
        blocks = self.function.split(off) if self.name == "vjp" else ()
        return tuple(k for k, block in enumerate(blocks) if block.any())

    def again(self) -> Real:
        """The row that was returned last, as it stands now."""
        return joined(parts(self.name, self.returned, self.named, self.results))[0][0]


def matrix(product: Call, x: Arrays) -> tuple[Real, float]:
    """J from its rows Jᵀeᵢ (vjp) or its columns Jeⱼ (jvp); (m, n)."""
    rows = [product(unit, x) for unit in units(product.seeds)]
    found = np.array([row for row, _ in rows])
    return found if product.name == "vjp" else found.T, max(spacing for _, spacing in rows)


def defects(product: Call, x: Arrays, beside: Arrays, found: Real, floor: Real) -> tuple[Defect, ...]:
    """V(g) = Σᵢ gᵢ V(eᵢ), V(0) = 0, V(g) the same three times, arguments and results left alone: what fails."""
    loose = np.abs(found) + 2**-3 * floor
    rows, loose = (found, loose) if product.name == "vjp" else (found.T, loose.T)
    random, failed = np.random.default_rng(2), []
    seeds = [tuple(scale * random.normal(size=s) for s in product.seeds) for scale in (1.0, 100.0)]
    seeds.append(tuple(np.zeros(s) for s in product.seeds))
    for seed in seeds:
        flat = np.concatenate([entry.astype(np.result_type(*x)).astype(float).ravel() for entry in seed])
        once, spacing = product(seed, x)
        kept = product.returned
        again, third = product(seed, x)[0], product(seed, x)[0]
        slack = 2**10 * max(spacing, EPSILON) * (np.abs(flat) @ loose)
        if not (np.abs(once - again) <= slack).all():
            failed.append(unsteady(product, once, again, third, slack))
        elif not (np.abs(once - flat @ rows) <= slack).all():
            failed.append(bent(product, seed, x, beside, once, once - flat @ rows, slack))
        product(tuple(2 * entry + 1 for entry in seed), x)
        product.returned = kept
        if not np.array_equal(product.again(), once, equal_nan=True):
            where = product.where(product.again() != once)
            sentence = f"{product.name} writes into the array that it returned before."
            failed.append(defect("buffer reused", sentence, where))
    failed += [defect("argument changed", f"{product.name} changes its argument {name} in place.")
               for name in sorted(product.changed)]
    first = {(each.name, each.sentence if each.name == "argument changed" else ""): each for each in reversed(failed)}
    return tuple(first.values())[::-1]


def unsteady(product: Call, once: Real, again: Real, third: Real, slack: Real) -> Defect:
    """The same call with another result: accumulated where every call adds the same, else not deterministic."""
    inputs = product.where(np.abs(once - again) > slack)
    if (np.abs(third - 2 * again + once) <= 4 * slack).all():
        name, how = "accumulated", "each call adds its result to the one before"
    else:
        name, how = "not deterministic", "the same call gives two results"
    return defect(name, f"{product.name} is not deterministic: {how}.", inputs)


def bent(product: Call, seed: Arrays, x: Arrays, beside: Arrays, once: Real, off: Real, slack: Real) -> Defect:
    """How V fails to be linear: V is kept from another call; V(0) ≠ 0; V(2g) = V(g); V(−g) = V(g); or otherwise."""
    g, inputs = product.letter, product.where(np.abs(off) > slack)

    def same(scale: float, value: Real, at: Arrays = x) -> bool:
        changed = tuple(scale * entry + (scale == 0) for entry in seed)
        return bool((np.abs(product(changed, at)[0] - value) <= 4 * slack)[np.abs(off) > slack].all())

    if same(0, once) and same(0, once, beside):
        sentence = f"{product.name} is not linear in {g}: it gives the result of an earlier call."
        return defect("stale cache", sentence, inputs)
    if not any(entry.any() for entry in seed):
        how = f"it is not 0 at {g} = 0: a term lacks the factor {g}"
    elif same(2, once) and same(-1, once):
        how = f"it does not change with {g}"
    elif same(-1, once):
        how = f"it is the same for {g} and -{g}"
    elif same(-1, -once) and same(2, 4 * once):
        how = f"it is quadratic in {g}"
    else:
        how = "it is not the sum of its parts"
    size = np.abs(off).max()
    return defect("not linear in g", f"{product.name} is not linear in {g}: {how} (off by {size:.3g}).", inputs)


def depends_on_history(product: Call, before: Real, x: Arrays) -> Defect | None:
    """Whether J at x is another after calls at other points; `before` is what it was, (m, n)."""
    try:
        now = matrix(product, x)[0]
    except InputError:          # what it keeps does not fit this x any more
        now = np.full(before.shape, np.nan)
    slack = 2**10 * EPSILON * np.abs(before).max(initial=0.0)
    if np.allclose(now, before, rtol=1e-6, atol=slack, equal_nan=True):
        return None
    inputs = product.where((now != before).any(axis=0))
    sentence = f"{product.name} depends on earlier calls: at the same x it gives another result after a call elsewhere."
    return defect("stale cache", sentence, inputs)
