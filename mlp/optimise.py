"""Optimisers: how a step follows from a gradient. Each row is a frozen value; what it remembers is a value too.

``state = optimiser.start(params)``, then ``state, params = optimiser.step(state, params, gradients, rate)``, or in
place ``state = optimiser.advance(state, params, gradients, rate)``. The definitions and the constants are those of
torch.optim; arrays stay float32 or float64. Entries are moved a block at a time, so that no temporary exceeds a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

import jacobian as jac
from mlp.given import Array, between
from mlp.network import Parameters

BLOCK = 1 << 14     # entries that are moved together: few enough that they stay in the cache
LIMITS = {"epsilon": (0, np.inf), "decay": (0, np.inf), "limit": (0, np.inf)}      # all others lie between 0 and 1


@dataclass(frozen=True)
class State:
    """How many steps were made, and what is remembered by slot: {"m": …, "v": …}, each like the parameters."""

    steps: int
    slots: Mapping[str, Parameters]

    def copy(self) -> State:
        """The same in arrays of its own."""
        return State(self.steps, {slot: copied(params) for slot, params in self.slots.items()})


def copied(params: Parameters) -> list[dict[str, Array]]:
    """The same in new arrays."""
    return [{name: np.array(array) for name, array in own.items()} for own in params]


def blocks(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    """The same BLOCK entries of arrays of one shape, one block after the other; what is written there stays."""
    with np.nditer(arrays, ["external_loop", "buffered"], [["readwrite"]] * len(arrays), buffersize=BLOCK) as found:
        for parts in found:
            yield parts if isinstance(parts, tuple) else (parts,)


class Optimiser:
    """θ ← θ − α d(g) entry by entry, for parameters θ, gradients g = ∂J/∂θ and the rate α.

    A row declares its `slots`, which begin with zeros, and `move`. Constants that cannot be raise InputError.
    """

    slots: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            if field.name != "of":
                between(field.name, getattr(self, field.name), *LIMITS.get(field.name, (0, 1)))

    @property
    def rate(self) -> float:
        """The usual α."""
        return 1e-3

    def start(self, params: Parameters) -> State:
        """Nothing remembered yet."""
        return State(0, {slot: [{name: np.zeros_like(own[name]) for name in own} for own in params]
                         for slot in self.slots})

    def step(self, state: State, params: Parameters, gradients: Parameters, rate: float) -> tuple[State, Parameters]:
        """The state and the parameters after one more step, in new arrays."""
        new = copied(params)
        return self.advance(state.copy(), new, copied(gradients), rate), new

    def advance(self, state: State, params: Parameters, gradients: Parameters, rate: float) -> State:
        """The state after one more step in place: parameters and slots move, what the gradients hold is lost."""
        for k, own in enumerate(params):
            for name, array in own.items():
                whole = (array, gradients[k][name], *(state.slots[slot][k][name] for slot in self.slots))
                for x, g, *slots in blocks(*whole):
                    for old, new in zip((x, *slots), self.move(state.steps + 1, x, g, rate, *slots), strict=True):
                        np.copyto(old, new)
        return State(state.steps + 1, state.slots)

    def move(self, i: int, x: Array, g: Array, rate: float, *slots: Array) -> tuple[Array, ...]:
        """θ and the slots after step i, counted from 1, of one parameter θ = x."""
        raise jac.MissingRule(f"{self} does not say how it moves a parameter: write its move")


@dataclass(frozen=True)
class SGD(Optimiser):
    """θ ← θ − α g (Goodfellow, Bengio and Courville 2016, algorithm 8.1)."""

    def move(self, i: int, x: Array, g: Array, rate: float, *slots: Array) -> tuple[Array, ...]:
        return (x - rate * g,)


@dataclass(frozen=True)
class Momentum(Optimiser):
    """u ← μ u + g, θ ← θ − α u (Polyak 1964; Sutskever et al. 2013, eq. 1 and 2, with α outside of u)."""

    momentum: float = 0.9
    slots = ("u",)

    def move(self, i: int, x: Array, g: Array, rate: float, *slots: Array) -> tuple[Array, ...]:
        u = self.momentum * slots[0] + g
        return x - rate * u, u


@dataclass(frozen=True)
class Nesterov(Momentum):
    """u ← μ u + g, θ ← θ − α (g + μ u) (Nesterov 1983; Sutskever et al. 2013, eq. 3 and 4, at the point ahead)."""

    def move(self, i: int, x: Array, g: Array, rate: float, *slots: Array) -> tuple[Array, ...]:
        u = self.momentum * slots[0] + g
        return x - rate * (g + self.momentum * u), u


@dataclass(frozen=True)
class RMSprop(Optimiser):
    """v ← ρ v + (1 − ρ) g², θ ← θ − α g/(√v + ε) (Tieleman and Hinton 2012, lecture 6e)."""

    rho: float = 0.99
    epsilon: float = 1e-8
    slots = ("v",)

    @property
    def rate(self) -> float:
        return 1e-2

    def move(self, i: int, x: Array, g: Array, rate: float, *slots: Array) -> tuple[Array, ...]:
        v = self.rho * slots[0] + (1 - self.rho) * g**2
        return x - rate * g / (np.sqrt(v) + self.epsilon), v


@dataclass(frozen=True)
class Adam(Optimiser):
    """m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², θ ← θ − α m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ⁱ), v̂ = v/(1 − β₂ⁱ).

    Source: Kingma and Ba (2015), algorithm 1.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    slots = ("m", "v")

    def move(self, i: int, x: Array, g: Array, rate: float, *slots: Array) -> tuple[Array, ...]:
        m = self.beta1 * slots[0] + (1 - self.beta1) * g
        v = self.beta2 * slots[1] + (1 - self.beta2) * g**2
        deviation = np.sqrt(v) / (1 - self.beta2**i) ** 0.5 + self.epsilon
        return x - rate / (1 - self.beta1**i) * m / deviation, m, v


@dataclass(frozen=True)
class AdamW(Adam):
    """θ ← (1 − α λ) θ, then the step of Adam (Loshchilov and Hutter 2019, algorithm 2)."""

    decay: float = 0.01

    def move(self, i: int, x: Array, g: Array, rate: float, *slots: Array) -> tuple[Array, ...]:
        return super().move(i, (1 - rate * self.decay) * x, g, rate, *slots)


OPTIMISERS = {"sgd": SGD, "momentum": Momentum, "nesterov": Nesterov, "rmsprop": RMSprop, "adam": Adam, "adamw": AdamW}


# ---- what is done to gradients before ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changed(Optimiser):
    """The step of the optimiser `of`, from gradients that `change` made of those given."""

    of: Optimiser

    def change(self, params: Parameters, gradients: Parameters) -> None:
        """Make of the gradients, in place, those that are stepped along."""
        raise jac.MissingRule(f"{self} does not say what it makes of the gradients: write its change")

    @property
    def rate(self) -> float:
        return self.of.rate

    def start(self, params: Parameters) -> State:
        return self.of.start(params)

    def advance(self, state: State, params: Parameters, gradients: Parameters, rate: float) -> State:
        self.change(params, gradients)
        return self.of.advance(state, params, gradients, rate)


@dataclass(frozen=True)
class Decay(Changed):
    """g + λ θ: the gradient of J + λ/2 ‖θ‖² (Goodfellow et al. 2016, eq. 7.2); torch's weight_decay."""

    decay: float

    def change(self, params: Parameters, gradients: Parameters) -> None:
        for x, whole in zip(entries(params), entries(gradients), strict=True):
            for weights, g in blocks(x, whole):
                g += self.decay * weights


@dataclass(frozen=True)
class ClipNorm(Changed):
    """g min(1, c/(‖g‖ + 1e-6)), ‖g‖ over all parameters together.

    Source: Pascanu, Mikolov and Bengio (2013), algorithm 1; the 1e-6 is torch's.
    """

    limit: float

    def change(self, params: Parameters, gradients: Parameters) -> None:
        factor = min(1.0, self.limit / (norm(gradients) + 1e-6))
        for g in entries(gradients):
            g *= factor


@dataclass(frozen=True)
class ClipValue(Changed):
    """min(max(g, −c), c), entry by entry (Goodfellow et al. 2016, 10.11.1)."""

    limit: float

    def change(self, params: Parameters, gradients: Parameters) -> None:
        for g in entries(gradients):
            np.clip(g, -self.limit, self.limit, out=g)


def entries(params: Parameters) -> list[Array]:
    """All arrays, one after the other."""
    return [array for own in params for array in own.values()]


def norm(gradients: Parameters) -> float:
    """‖g‖ = √(Σ g²) over all parameters, scaled so that no square overflows."""
    arrays = entries(gradients)
    largest = max((max(float(array.max()), -float(array.min())) for array in arrays), default=0.0)
    squares = (np.square(part / largest).sum() for array in arrays for (part,) in blocks(array))
    return largest * float(sum(squares)) ** 0.5 if largest else 0.0
