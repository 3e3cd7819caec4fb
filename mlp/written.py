"""A network in symbols: its parameters of symbolic size, and the loss with each result by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jacobian as jac
from mlp.layer import Layer
from mlp.places import INPUT, Place


@dataclass(frozen=True)
class Written:
    """J = objective(h(x), t) in symbols: x (N, n0), W1 (n1, n0), b1 (n1,), …, t (N, nL)."""

    places: Sequence[Place]
    objective: Layer
    symbols: Mapping[str, jac.Expr]

    def goal(self, x: jac.Expr, t: jac.Expr) -> jac.Expr:
        """J with z1, a1, z2, … by name, of a batch or, where x and t are vectors, of one sample."""
        results = {INPUT: x}
        for place in self.places:
            results[place.label] = jac.name(place.label, spec(place, results, self.symbols))
        last = results[self.places[-1].label]
        return jac.name("J", self.objective.spec(**dict(zip(self.objective.arguments, (last, t), strict=True))))


def spec(place: Place, results: Mapping[str, jac.Expr], symbols: Mapping[str, jac.Expr]) -> jac.Expr:
    """The result of a layer in its place. Raises MissingRule where its spec is one of other symbols."""
    layer = place.layer
    if layer.conditions or layer.declared:
        raise jac.MissingRule(f"{layer} is written in symbols of its own, so that a network with it has no derivation "
                              "in symbols: take its numbers, or the layer's own derivation")
    return layer.spec(**{argument: results[source] for argument, source in place.sources.items()},
                      **{name: symbols[full] for name, full in place.names.items()})


def written(places: Sequence[Place], objective: Layer) -> Written:
    """The symbols of a network. Where two results must have one size, as those that are added, they share its name."""
    same: dict[str, str] = {}
    while True:
        found, tied = _declared(places, objective, same)
        if tied is None:
            return found
        same = {old: tied.get(new, new) for old, new in same.items()} | tied


def _declared(places: Sequence[Place], objective: Layer, same: Mapping[str, str]) -> tuple[Written, Any]:
    """The symbols, with `same` names for sizes; or two sizes that a layer says are one."""
    (x,) = jac.symbols(f"{INPUT}: N n0")
    symbols, results, k = {INPUT: x}, {INPUT: x}, 0
    for place in places:
        known: dict[str, str] = {}
        for argument, source in place.sources.items():
            for letter, size in zip(place.layer.arguments[argument], map(str, results[source].shape), strict=True):
                if known.setdefault(letter, size) != size:
                    return Written(places, objective, symbols), {size: known[letter]}
        for name, full in place.names.items():
            for letter in place.layer.arguments[name]:
                if letter not in known:
                    k += 1
                    known[letter] = same.get(f"n{k}", f"n{k}")
            shape = " ".join(known[n] for n in place.layer.arguments[name])
            (symbols[full],) = jac.symbols(f"{full}: {shape}")
        results[place.label] = jac.name(place.label, spec(place, results, symbols))
    h = results[places[-1].label]
    *_, aim = objective.symbols.values()
    (symbols["t"],) = jac.symbols(" ".join(["t:", *map(str, h.shape), *aim.assumptions]))
    return Written(places, objective, symbols), None
