"""What a sheet on back-propagation is about: a network, its derivation and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp

from jacobian.derivation.derivation import Derivation, derive
from jacobian.printing.boxes import Box
from jacobian.printing.names import label
from jacobian.worksheet.backprop.network import LOSSES, Choice, Network, activations, network
from jacobian.worksheet.backprop.numbers import instance
from jacobian.worksheet.matter import Matter
from jacobian.worksheet.notation import USUAL, Names, Notation
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
    notation: Notation = USUAL
    batch: int = 0
    samples: str = "rows"

    @property
    def network(self) -> Network:
        return self._derived[0]

    @property
    def derivation(self) -> Derivation:
        return self._derived[1]

    @property
    def _derived(self) -> tuple[Network, Derivation]:
        return _derived(self.text, self.activation, self.loss, self.notation.names, self.batch, self.samples)

    @property
    def numbers(self) -> Instance:
        return self._drawn[0]

    @property
    def tells(self) -> bool:
        """Whether no misconception gives a right number."""
        return self._drawn[1]

    @cached_property
    def _drawn(self) -> tuple[Instance, bool]:
        return instance(self.network, self.derivation, self.seed, self.exact)

    @property
    def sizes(self) -> Mapping[str, int]:
        return self.network.given

    def letter(self, quantity: str) -> Box:
        """W, z, a: what a kind of quantity of the network is called."""
        return label(self.network.called[quantity])

    @property
    def signal(self) -> Box:
        """δ, or ∂J/∂z."""
        return label(self.notation.signal(self.network.called["J"], self.network.called["z"], "", bool(self.batch)))

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The activations of the hidden layers, each once, and the loss."""
        hidden = activations(self.activation, len(self.network.layers) - 1)
        return (*dict.fromkeys(hidden), LOSSES[self.loss])

    @property
    def exact(self) -> bool:
        """Whether every number is a fraction."""
        return all(choice.exact for choice in self.choices)


@lru_cache(maxsize=64)
def _derived(text: str, activation: str, loss: str, names: Names, batch: int,
             samples: str) -> tuple[Network, Derivation]:
    """The network and its derivation, checked: the same for every seed."""
    made = network(text, activation, loss, Notation(names=names), batch, samples)
    return made, derive(made.goal, made.parameters, names=made.signals).checked()
