"""A network in symbols: its parameters of symbolic size, and the loss with each result by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

import jacobian as jac
from mlp.layer import Layer
from mlp.places import INPUT, Place

Symbols = Mapping[str, jac.Expr]


@dataclass(frozen=True)
class Written:
    """J = objective(h(x), t) in symbols: x (N, n0), W1 (n1, n0), b1 (n1,), …, t (N, nL).

    What a layer's spec holds for, a mask say, are `constants`: {"M1": M1}; `fixed` has those of each place.
    """

    places: Sequence[Place]
    objective: Layer
    symbols: Symbols
    fixed: Sequence[Mapping[str, str]]
    constants: Symbols

    def goal(self, x: jac.Expr, t: jac.Expr) -> jac.Expr:
        """J with z1, a1, z2, … by name, of a batch or, where x and t are vectors, of one sample."""
        results = {INPUT: x}
        for place, own in zip(self.places, self.fixed, strict=True):
            results[place.label] = _result(place, results, {**self.symbols, **self.constants}, own)
        last = results[self.places[-1].label]
        return jac.name("J", self.objective.spec(**dict(zip(self.objective.arguments, (last, t), strict=True))))


def _result(place: Place, results: Symbols, symbols: Symbols, fixed: Mapping[str, str]) -> jac.Expr:
    inputs = {argument: results[source] for argument, source in place.sources.items()}
    own = {name: symbols[full] for name, full in {**place.names, **fixed}.items()}
    return jac.name(place.label, place.layer.spec(**inputs, **own))


def written(places: Sequence[Place], objective: Layer) -> Written:
    """The symbols of a network. Sizes that must agree, as of results that are added, share their names.

    Raises MissingRule where the spec of a layer is one of other arrays than those that the network has.
    """
    for place in places:
        _of_the_same_arrays(place.layer)
    same: dict[str, Any] = {}
    while True:
        found, tied = _declared(places, objective, same)
        if tied is None:
            return found
        letter, size = tied
        same = {str(letter): size} | {old: new.subs(letter, size) for old, new in same.items()}


def _of_the_same_arrays(layer: Layer) -> None:
    """Raise MissingRule unless the spec has the axes of the arrays, each letter of a shape being one size in it."""
    known: dict[str, Any] = {}
    for name, symbol in layer.symbols.items():
        letters = layer.arguments[name]
        if len(letters) != len(symbol.shape) or any(known.setdefault(letter, size) != size for letter, size
                                                    in zip(letters, symbol.shape, strict=True)):
            raise jac.MissingRule(f"{layer} is written in symbols of other arrays, so that a network with it has no "
                                  "derivation in symbols: take its numbers, or the layer's own derivation")


def _declared(places: Sequence[Place], objective: Layer, same: Mapping[str, Any]) -> tuple[Written, Any]:
    """The symbols, with `same` sizes for letters; or a letter and the size that a layer says it is."""
    def new(letter: str) -> Any:
        return same.get(letter, sp.Symbol(letter, integer=True, positive=True))

    (x,) = jac.symbols(f"{INPUT}: N {new('n0')}")
    symbols, constants, results, k = {INPUT: x}, dict[str, jac.Expr](), {INPUT: x}, 0
    every: list[dict[str, str]] = []
    for place in places:
        known: dict[Any, Any] = {}
        for argument, source in place.sources.items():
            for own, size in zip(place.layer.symbols[argument].shape, results[source].shape, strict=True):
                tied = _matched(place.layer, known, own, size)
                if tied is not None:
                    return Written(places, objective, symbols, every, constants), tied
        for name, full in place.names.items():
            for own in place.layer.symbols[name].shape:
                for letter in sorted(own.free_symbols - known.keys(), key=str):
                    k += 1
                    known[letter] = new(f"n{k}")
            symbols[full] = _symbol(full, place.layer.symbols[name], known)
        every.append({})
        for name, constant in place.layer.constants.items():
            number = 1 + sum(name in fixed for fixed in every)
            every[-1][name] = full = f"{name}{number}"
            constants[full] = _symbol(full, constant, known)
        results[place.label] = _result(place, results, {**symbols, **constants}, every[-1])
    h = results[places[-1].label]
    *_, aim = objective.symbols.values()
    (symbols["t"],) = jac.symbols(" ".join(["t:", *map(_text, h.shape), *aim.assumptions]))
    return Written(places, objective, symbols, every, constants), None


def _symbol(full: str, declared: jac.Expr, known: Mapping[Any, Any]) -> jac.Expr:
    sizes = (_text(size.subs(known, simultaneous=True)) for size in declared.shape)
    return jac.symbols(" ".join([f"{full}:", *sizes]))[0]


def _text(size: Any) -> str:
    return str(sp.expand(size)).replace(" ", "")


def _matched(layer: Layer, known: dict[Any, Any], own: Any, size: Any) -> Any:
    """Nothing where the declared size `own` is this one, its letter known from now on; else a letter and its size."""
    unknown = own.free_symbols - known.keys()
    if unknown:
        (letter,) = unknown
        factor = own.coeff(letter)
        parts = sp.expand(size).as_coefficients_dict()
        known[letter] = sp.expand(size / factor)
        odd = [part for part, count in parts.items() if count % factor]
        return (odd[0], factor * odd[0]) if odd else None
    expected = sp.expand(own.subs(known, simultaneous=True))
    if sp.expand(expected - size) == 0:
        return None
    for one, other in ((size, expected), (expected, size)):
        if one.is_Symbol and not other.has(one):
            return one, other
    raise jac.MissingRule(f"{layer} takes a result of the size {size}, but {expected} is needed, and which of their "
                          "letters is to follow from the others is not known: take the network's numbers")
