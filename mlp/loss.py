"""The contract of a loss: its terms in symbols and numbers, and their slopes; reductions and Jacobians follow."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

import numpy as np

import jacobian as jac
from mlp.given import Array, finite, numbers
from mlp.layer import Arrays, Layer, Pick, Sizes

REDUCTIONS = ("mean", "sum", "none")
NOTHING = "{}: no target counts: all are ignored or have the weight 0"


def reduced(reduction: Any) -> None:
    """Nothing, for a reduction that is known."""
    if reduction not in REDUCTIONS:
        raise jac.InputError(f"a reduction is {', '.join(REDUCTIONS)}, but {reduction!r} was given")


def samples(h: Any) -> Any:
    """N: the rows of a matrix of symbols; a vector is one sample."""
    return h.shape[0] if len(h.shape) == 2 else 1


def sums(x: jac.Expr) -> jac.Expr:
    """The sum of each sample's entries."""
    return jac.row_sums(x) if len(x.shape) == 2 else jac.total(x)


@dataclass(frozen=True)
class Loss(Layer):
    """J = 1/K Σ ℓ(h, t), K = 1 for the sum; without a reduction the terms ℓ, for h and t (N, m).

    A loss declares `terms` (ℓ in symbols), `total` where Σ ℓ has a shorter form, `cost` (ℓ in NumPy) and `slope_h`,
    `slope_t`: ∂ Σ ℓ/∂h, (N, m). `of` says whether there is a term for each entry or for each sample.
    """

    _: KW_ONLY
    reduction: str = "mean"

    shapes = "h: N m, t: N m"
    inputs = 2
    of: ClassVar[str] = "entry"

    def __post_init__(self) -> None:
        reduced(self.reduction)

    @property
    def asked(self) -> tuple[str, ...]:
        return self.variables[:1]

    def terms(self, h: Any, t: Any) -> jac.Expr:
        """ℓ in symbols, of a batch or of one sample."""
        raise jac.MissingRule(f"{self} does not say what it is in symbols: write its terms")

    def total(self, h: Any, t: Any) -> jac.Expr:
        """Σ ℓ in symbols."""
        terms = self.terms(h, t)
        return jac.total(terms) if terms.shape else terms

    def cost(self, h: Array, t: Array) -> Array:
        """ℓ, (N, m) or (N,)."""
        raise jac.MissingRule(f"{self} does not say what it computes: write its cost")

    def spec(self, *args: Any, **symbols: Any) -> jac.Expr:
        h, t = args or tuple(symbols.values())
        if self.reduction == "none":
            return self.terms(h, t)
        return self.total(h, t) / self._count(h.size, samples(h))

    def value(self, *args: Array, **arrays: Array) -> Array:
        cost = self.cost(*args, **arrays)
        return cost if self.reduction == "none" else cost.mean() if self.reduction == "mean" else cost.sum()

    def mass(self, h: Array, t: Array) -> float:
        """K of the mean: how many terms there are, or the sum of their weights."""
        return np.size(h) if self.of == "entry" else len(h)

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        whole = (sizes["N"], sizes["m"]) if self.of == "entry" else (sizes["N"],)
        return whole if self.reduction == "none" else ()

    def slopes(self, wrt: str, **arrays: Array) -> tuple[Array, Array]:
        """∂ Σ ℓ/∂wrt from the left and from the right, both (N, m)."""
        slope = getattr(self, f"slope_{wrt}")(**arrays)
        return slope, slope

    def local(self, wrt: str, arrays: Arrays) -> jac.Jacobian:
        self._own(wrt)
        return self._reduced(getattr(self, f"slope_{wrt}")(**arrays))

    def beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        return self._reduced(pick(*self.slopes(wrt, **arrays)))

    def _reduced(self, slope: Array) -> jac.Jacobian:
        if self.reduction != "none":
            return jac.Row(slope / self._count(slope.size, len(slope)))
        if self.of == "entry":
            return jac.Diagonal(slope)
        rows = jac.Kronecker(jac.Identity(len(slope)), jac.Dense(np.ones((1, slope.shape[1]), slope.dtype)))
        return jac.Product((rows, jac.Diagonal(slope)))

    def _count(self, entries: Any, rows: Any) -> Any:
        return 1 if self.reduction == "sum" else entries if self.of == "entry" else rows


class Difference(Loss):
    """ℓ = f(h − t) entry by entry: a loss declares f in symbols (`function`) and NumPy (`curve`), and f′ (`bend`)."""

    def terms(self, h: Any, t: Any) -> jac.Expr:
        return self.function(h - t)

    def cost(self, h: Array, t: Array) -> Array:
        return self.curve(h - t)

    def slope_h(self, h: Array, t: Array) -> Array:
        return self.bend(h - t)

    def slope_t(self, h: Array, t: Array) -> Array:
        return -self.bend(h - t)

    def slopes(self, wrt: str, **arrays: Array) -> tuple[Array, Array]:
        return through(1 if wrt == "h" else -1, *self.bends(arrays["h"] - arrays["t"]))

    def function(self, d: jac.Expr) -> jac.Expr:
        """f(d) in symbols."""
        raise jac.MissingRule(f"{self} does not say what it is in symbols: write its function")

    def curve(self, d: Array) -> Array:
        """f(d)."""
        raise jac.MissingRule(f"{self} does not say what it computes: write its curve")

    def bend(self, d: Array) -> Array:
        """f′(d)."""
        raise jac.MissingRule(f"{self} has no derivative: write its bend")

    def bends(self, d: Array) -> tuple[Array, Array]:
        """f′ from the left and from the right."""
        return self.bend(d), self.bend(d)


def through(a: Array, left: Array, right: Array) -> tuple[Array, Array]:
    """The slopes of f(a u + b) by u on both sides, of those of f: a f′, where a negative a exchanges the sides."""
    return np.where(a < 0, a * right, a * left), np.where(a < 0, a * left, a * right)


def signs(d: Array) -> tuple[Array, Array]:
    """The slopes of |d| on both sides: −1 and 1 where d is 0."""
    return np.where(d > 0, 1, -1).astype(d.dtype), np.where(d < 0, -1, 1).astype(d.dtype)


def summed(objective: Layer, h: Array, t: Array) -> tuple[float, float]:
    """(Σ ℓ, K) of a batch, of which those of all batches make J; of a layer that is no Loss J times its rows, these."""
    if not isinstance(objective, Loss):
        return float(_applied(objective, h, t)) * len(h), len(h)
    return float(_applied(replace(objective, reduction="sum"), h, t)), objective.mass(h, t)


def _applied(objective: Layer, h: Array, t: Array) -> Array:
    return objective.value(**objective.measure(dict(zip(objective.arguments, (h, t), strict=True)))[0])


def pooled(objective: Layer, total: float, mass: float) -> float:
    """J of all samples from Σ ℓ and K, ∞ where it overflows."""
    if not mass:
        raise jac.InputError(NOTHING.format(objective))
    whole = total if isinstance(objective, Loss) and objective.reduction == "sum" else total / mass
    return np.inf if np.isnan(whole) else whole


def aimed(objective: Layer, h: Array, t: Any, weights: Array | None = None) -> tuple[Array, Array]:
    """(J, ∂J/∂h) of a network's result h, (N, …); weights w (N,), if any, multiply the losses of the samples."""
    names = dict(zip(objective.arguments, (h, finite("t", numbers("t", t))), strict=True))
    first = next(iter(names))
    if weights is None:
        last = objective.measure(names)[0]
        return objective.value(**last), objective.pull(np.ones(1, h.dtype), first, last).reshape(h.shape)
    terms = replace(objective, reduction="none")        # type: ignore[type-var]
    last = terms.measure(names)[0]
    losses = terms.value(**last)
    w = weights.reshape(-1, *(1,) * (losses.ndim - 1)) * np.ones_like(losses)
    if objective.reduction == "mean":                    # type: ignore[attr-defined]
        w = w / w.size
    return (w * losses).sum(), terms.pull(w, first, last).reshape(h.shape)
