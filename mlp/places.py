"""The layers of a network in their places: where each takes its inputs from, its sizes, and its parameters' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import jacobian as jac
from mlp.activations import Activation
from mlp.layer import Layer

Width = int | tuple[int, ...]           # of one sample: a row of n entries, or the axes of an image
Shape = tuple[int, ...]
INPUT = "x"


@dataclass(frozen=True)
class Place:
    """A layer in a network: its sizes, its parameters' full names, where its inputs come from, and its result."""

    layer: Layer
    sizes: Mapping[str, int]
    names: Mapping[str, str]            # {"W": "W2", "b": "b2"} of the second layer with parameters
    label: str                          # z2, and of the activation after it a2, where the step gives no name
    sources: Mapping[str, str]          # {"x": "a1"}: the result that each input is
    output: Shape

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of the parameters, by their declared names."""
        return {name: tuple(self.sizes[n] for n in self.layer.arguments[name]) for name in self.names}


@dataclass(frozen=True)
class Step:
    """y = layer(sources), one step of a network; without a name or sources those that follow from its neighbours."""

    layer: Layer
    name: str | None = None
    sources: tuple[str, ...] | None = None

    @classmethod
    def read(cls, given: Any) -> Step:
        """Affine(), ("h", Affine()), ("h", Affine(), "x") or ("y", Add(), ("x", "h")). Raises InputError."""
        name, layer, *sources = given if isinstance(given, tuple) and 2 <= len(given) <= 3 else (None, given)
        named = (sources[0],) if sources and isinstance(sources[0], str) else tuple(sources[0]) if sources else None
        if not isinstance(layer, Layer) or not isinstance(name, str | None) or name == INPUT:
            raise jac.InputError("a network is made of layers, such as Affine(), or of steps such as "
                                 f'("h", Affine(), "x"), but {given!r} was given{_called(layer)}')
        return cls(layer, name, named)

    def holding(self, layer: Layer) -> Any:
        """The same step, as it is given, with another layer."""
        if self.sources is None:
            return layer if self.name is None else (self.name, layer)
        return self.name, layer, self.sources


def _called(layer: Any) -> str:
    """The remedy where brackets are missing: ReLU for ReLU()."""
    name = getattr(layer, "__name__", repr(layer))
    return f": write {name}()" if callable(layer) else ""


def located(steps: Sequence[Any], sizes: Sequence[Width], rows: int = 1) -> list[Place]:
    """Each layer in its place: the first size is that of a sample, a size that a layer brings in takes the next.

    Raises InputError and ShapeError for steps that do not fit together.
    """
    start, *rest = sizes
    shapes: dict[str, Shape] = {INPUT: (rows, *start) if isinstance(start, tuple) else (rows, start)}
    places: list[Place] = []
    k = repeated = 0
    for given in steps:
        step = Step.read(given)
        layer, before = step.layer, places[-1].label if places else INPUT
        sources = _sources(step, before, shapes)
        known = dict(layer.fixed_sizes)
        for argument, source in sources.items():
            _bind(layer, argument, source, taken(layer, shapes[source]), known)
        parameters = list(layer.arguments)[layer.inputs:]
        brought = dict.fromkeys(n for name in parameters for n in layer.arguments[name] if n not in known)
        if len(brought) > len(rest):
            raise jac.InputError(f"these layers take more than the {len(sizes)} sizes that were given")
        known.update(zip(brought, rest, strict=False))          # type: ignore[arg-type]
        rest = rest[len(brought):]
        k, repeated = (k + 1, 0) if parameters else (k, repeated + 1)
        label = step.name or (f"a{k}" + "′" * (repeated - 1) if repeated else f"z{k}")
        if label in shapes:
            raise jac.InputError(f"two results are called {label}: give one of the steps another name")
        same = shapes[next(iter(sources.values()))]
        shapes[label] = same if isinstance(layer, Activation) else layer.result(known)
        if shapes[label][:1] != (rows,):
            raise jac.InputError(f"{layer} gives {shapes[label] or 'one number'}, but a result of a network "
                                 "has a row for each sample: a loss is the network's objective")
        places.append(Place(layer, known, {name: f"{name}{k}" for name in parameters}, label, sources, shapes[label]))
    if rest:
        raise jac.InputError(f"{len(sizes)} sizes were given, but these layers take {len(sizes) - len(rest)}")
    _used(places)
    return places


def _sources(step: Step, before: str, shapes: Mapping[str, Shape]) -> dict[str, str]:
    inputs = list(step.layer.arguments)[:step.layer.inputs]
    sources = step.sources or (before,)
    if len(sources) != len(inputs):
        raise jac.InputError(f"{step.layer} takes {', '.join(inputs)}, but {', '.join(sources)} was given: "
                             f'write a step such as ("y", layer, ({", ".join(repr(n) for n in shapes)}))')
    unknown = [source for source in sources if source not in shapes]
    if unknown:
        raise jac.InputError(f"{step.layer} takes {unknown[0]!r}, but the results before it are {', '.join(shapes)}")
    return dict(zip(inputs, sources, strict=True))


def taken(layer: Layer, shape: Shape) -> Shape:
    """The shape in which a layer takes a result: an activation, to which axes mean nothing, takes a matrix."""
    return (shape[0], prod(shape[1:])) if isinstance(layer, Activation) else shape


def _bind(layer: Layer, argument: str, source: str, shape: Shape, known: dict[str, int]) -> None:
    """Take the letters of an argument from the shape of the result that it is."""
    letters = layer.arguments[argument]
    if len(letters) != len(shape) or any(known.setdefault(n, size) != size
                                         for n, size in zip(letters, shape, strict=True)):
        expected = ", ".join([letters[0], *(str(known.get(n, n)) for n in letters[1:])])
        raise jac.ShapeError(f"{layer}: {argument} is {source} with shape (N, {', '.join(map(str, shape[1:]))}), "
                             f"but ({expected}) is expected")


def _used(places: Sequence[Place]) -> None:
    taken = {source for place in places for source in place.sources.values()}
    idle = [place.label for place in places[:-1] if place.label not in taken]
    if idle:
        raise jac.InputError(f"no layer takes the result {idle[0]}: name it among the sources of one, or leave it out")
