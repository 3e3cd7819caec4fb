"""What a sheet on back-propagation is about: a network, its derivation and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp

from jacobian.derivation.derivation import Derivation, derive
from jacobian.worksheet.backprop.network import ACTIVATIONS, LOSSES, Choice, Network, network
from jacobian.worksheet.backprop.numbers import instance
from jacobian.worksheet.matter import Matter
from jacobian.worksheet.numbers import Instance

RATE = sp.Rational(1, 10)


@dataclass(frozen=True)
class Subject(Matter):
    """A network by its options."""

    text: str
    activation: str
    loss: str
    seed: int
    rate: sp.Rational = RATE

    @property
    def network(self) -> Network:
        return _derived(self.text, self.activation, self.loss)[0]

    @property
    def derivation(self) -> Derivation:
        return _derived(self.text, self.activation, self.loss)[1]

    @cached_property
    def numbers(self) -> Instance:
        return instance(self.network, self.derivation, self.seed, self.exact)

    @property
    def sizes(self) -> Mapping[str, int]:
        return self.network.given

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The activation, if there is a hidden layer, and the loss."""
        hidden = (ACTIVATIONS[self.activation],) if len(self.network.layers) > 1 else ()
        return (*hidden, LOSSES[self.loss])

    @property
    def exact(self) -> bool:
        """Whether every number is a fraction."""
        return all(choice.exact for choice in self.choices)


@lru_cache(maxsize=64)
def _derived(text: str, activation: str, loss: str) -> tuple[Network, Derivation]:
    """The network and its derivation, checked: the same for every seed."""
    made = network(text, activation, loss)
    return made, derive(made.goal, made.parameters, names=made.signals).checked()
