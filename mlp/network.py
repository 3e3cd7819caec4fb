"""Layers that take each other's results, h = network(x), the loss J(h, t), and their derivatives by composition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import ACTIVATIONS
from mlp.given import Array, finite, numbers, of_samples
from mlp.layer import Layer
from mlp.layers import Affine
from mlp.likelihoods import CrossEntropy
from mlp.loss import aimed
from mlp.losses import LOSSES
from mlp.places import INPUT, Place, Shape, Step, Width, located, taken
from mlp.written import Written, written

LARGEST = 10**8        # weights of a network, 0.8 GB
BEGIN = {"gamma": 1.0, "s": 0.25}               # what parameters other than weights are at first, where it is not 0
Parameters = Sequence[Mapping[str, Array]]     # for each layer, by the names that it declares


@dataclass(frozen=True)
class Cache:
    """What one run forward leaves: what goes into each layer, and the shape of each result, h the last of them."""

    arrays: tuple[Mapping[str, Array], ...]
    shapes: Mapping[str, Shape]
    h: Array


@dataclass(frozen=True)
class Network:
    """h = f_L(… f₁(x)) and J = objective(h, t), for x (N, …), h (N, …); ∇J by Jᵀ g from the last layer to the first.

    `layers` follow one another, or are steps that name their result and say what they take: ("h", Affine(), "x"),
    ("y", Add(), ("x", "h")); the cotangents of a result that is used twice are added. `sizes` are n₀, or the axes of an
    image such as (1, 28, 28), and one for each size that a layer brings in. Parameters are a dictionary for each layer;
    where one is asked for by name it is W1, b1, W2, … Raises InputError, ShapeError for what does not fit.
    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), algorithms 6.3 to 6.6.
    """

    layers: tuple[Any, ...]
    objective: Layer
    sizes: tuple[Any, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.layers, Iterable) or isinstance(self.layers, Layer) or not [*self.layers]:
            raise jac.InputError("a network is made of layers, such as Affine(), but "
                                 f"{self.layers if self.layers != () else 'none'} was given")
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "sizes", _widths(self.sizes))
        if not isinstance(self.objective, Layer) or len(self.objective.arguments) != 2:
            raise jac.InputError(f"the objective is a loss, such as HalfSquaredError(), but {self.objective} was given")
        if self.objective.result({n: 2 for letters in self.objective.arguments.values() for n in letters}):
            raise jac.InputError(f"the objective is one number, but {self.objective} gives more: "
                                 "choose the reduction mean or sum")
        located(self.layers, self.sizes)

    @cached_property
    def places(self) -> list[Place]:
        return located(self.layers, self.sizes)

    # ---- parameters ------------------------------------------------------------------------------------------------

    def init(self, rng: np.random.Generator) -> Parameters:
        """Random θ: weights (m, n, …) normal with the deviation that the next layer asks for, everything else fixed.

        √(2/n) before ReLU (He et al. 2015, eq. 10), else √(2/(n + m)) (Glorot and Bengio 2010, eq. 12).
        """
        following = [*(place.layer for place in self.places[1:]), self.objective]
        return [
            {name: rng.normal(0, after.spread(prod(shape[1:]), shape[0] * prod(shape[2:])), shape)
             if len(shape) > 1 else np.full(shape, BEGIN.get(name, 0.0)) for name, shape in place.shapes.items()}
            for place, after in zip(self.places, following, strict=True)
        ]

    def named(self, params: Parameters) -> dict[str, Array]:
        """{"W1": …, "b1": …, "W2": …}."""
        return {full: own[name] for place, own in self._own(params) for name, full in place.names.items()}

    def parameters(self, named: Mapping[str, Array]) -> Parameters:
        """The inverse of `named`. Raises InputError where one is missing, unknown or of another shape."""
        known = [full for place in self.places for full in place.names.values()]
        unknown = [full for full in named if full not in known]
        if unknown:
            raise jac.InputError(f"{unknown[0]} is no parameter of this network, which has {', '.join(known)}")
        for place in self.places:
            for name, full in place.names.items():
                if full not in named or np.shape(named[full]) != place.shapes[name]:
                    given = f"shape {np.shape(named[full])}" if full in named else "none"
                    raise jac.InputError(f"{full} of shape {place.shapes[name]} is expected, but {given} was given")
        return [{name: named[full] for name, full in place.names.items()} for place in self.places]

    def _own(self, params: Parameters) -> list[tuple[Place, Mapping[str, Array]]]:
        if isinstance(params, Mapping):
            raise jac.InputError("each layer takes its own dictionary of parameters, but one of all was given: "
                                 "network.parameters(named) divides it")
        if len(params) != len(self.layers):
            raise jac.InputError(f"{len(self.layers)} layers take one dictionary of parameters each, "
                                 f"but {len(params)} were given")
        return list(zip(self.places, params, strict=True))

    # ---- numbers ---------------------------------------------------------------------------------------------------

    def feed(self, params: Parameters, x: Array) -> Cache:
        """What goes into each layer, and h."""
        results, arrays = {INPUT: finite("x", numbers("x", x))}, []
        for place, own in self._own(params):
            inputs = {argument: results[source].reshape(taken(place.layer, results[source].shape))
                      for argument, source in place.sources.items()}
            arrays.append(place.layer.measure({**inputs, **own})[0])
            y = place.layer.value(**arrays[-1])
            results[place.label] = h = y.reshape(len(y), *place.output[1:])
        return Cache(tuple(arrays), {label: y.shape for label, y in results.items()}, h)

    def forward(self, params: Parameters, x: Array) -> Array:
        """h, (N, …)."""
        return self.feed(params, x).h

    def loss(self, params: Parameters, x: Array, t: Array, weights: Array | None = None) -> Array:
        """J(h, t), one number; with weights w (N,) the mean of the samples' losses is Σ wₙ ℓₙ / Σ wₙ."""
        return self._aimed(self.forward(params, x), t, weights)[0]

    def gradients(self, params: Parameters, x: Array, t: Array,
                  weights: Array | None = None) -> tuple[Array, Parameters]:
        """(J, ∂J/∂θ), the gradients like the parameters: g ← Jᵀ g from the loss back to the first layer."""
        cache = self.feed(params, x)
        J, g = self._aimed(cache.h, t, weights)
        return J, self.sweep(cache, g)[0]

    def input_gradient(self, params: Parameters, x: Array, t: Array, weights: Array | None = None) -> Array:
        """∂J/∂x, in the shape of x."""
        cache = self.feed(params, x)
        return self._back(self.sweep(cache, self._aimed(cache.h, t, weights)[1], (INPUT,)))

    def pull(self, params: Parameters, x: Array, g: Array) -> tuple[Parameters, Array]:
        """(∂⟨g, h⟩/∂θ, ∂⟨g, h⟩/∂x): Jᵀ g for a cotangent g in the shape of h."""
        cache = self.feed(params, x)
        found = self.sweep(cache, _fitting("the cotangent g", g, cache.h), (INPUT,))
        return found[0], self._back(found)

    def push(self, params: Parameters, x: Array, tangents: Mapping[str, Array]) -> Array:
        """J v in the shape of h, for tangents by name: {"x": …, "W1": …}; what is not named does not move."""
        cache = self.feed(params, x)
        self._known(tangents)
        moved = {INPUT: tangents[INPUT]} if INPUT in tangents else {}
        for place, arrays in zip(self.places, cache.arrays, strict=True):
            given = {argument: moved[source] for argument, source in place.sources.items() if source in moved}
            given |= {name: tangents[full] for name, full in place.names.items() if full in tangents}
            paths = [place.layer.local(name, arrays).push(_fitting(f"the tangent of {name}", v, arrays[name],
                                                                   name in place.sources).reshape(-1))
                     for name, v in given.items()]
            if paths:
                moved[place.label] = np.sum(paths, axis=0).reshape(cache.shapes[place.label])
        return moved.get(self.places[-1].label, np.zeros_like(cache.h))

    def sweep(self, cache: Cache, g: Array, wanted: Sequence[str] = ()) -> tuple[Parameters, dict[str, Array]]:
        """(∂J/∂θ, ∂J/∂result for each that is wanted), where g is ∂J/∂h."""
        cotangents, found = {self.places[-1].label: g}, []
        for place, arrays in zip(reversed(self.places), reversed(cache.arrays), strict=True):
            g = cotangents[place.label] if place.label in wanted else cotangents.pop(place.label)
            found.append({name: place.layer.pull(g, name, arrays) for name in place.names})
            for argument, source in place.sources.items():
                if argument in place.layer.variables and (source != INPUT or INPUT in wanted):
                    path = place.layer.pull(g, argument, arrays).reshape(cache.shapes[source])
                    cotangents[source] = cotangents[source] + path if source in cotangents else path
        return found[::-1], cotangents

    def jacobian(self, params: Parameters, x: Array, wrt: str = INPUT) -> jac.Jacobian:
        """∂ vec h / ∂ vec x, or by a parameter: "W2". Composed by the laws from those of the layers, paths added."""
        self._known([wrt])
        reached, cache = {INPUT} if wrt == INPUT else set(), self.feed(params, x)
        for place in self.places:
            if wrt in place.names.values() or reached & set(place.sources.values()):
                reached.add(place.label)
        paths: dict[str, list[tuple[jac.Jacobian, ...]]] = {self.places[-1].label: [()]}
        for place, arrays in zip(reversed(self.places), reversed(cache.arrays), strict=True):
            if place.label not in paths:
                continue
            after = _together(paths.pop(place.label))
            for name, full in place.names.items():
                if full == wrt:
                    return jac.chain(*after, place.layer.local(name, arrays))
            for argument, source in place.sources.items():
                if source in reached:
                    paths.setdefault(source, []).append((*after, place.layer.local(argument, arrays)))
        return jac.chain(*_together(paths[INPUT]))

    def _known(self, names: Iterable[str]) -> None:
        known = [INPUT, *(full for place in self.places for full in place.names.values())]
        for wrt in names:
            if wrt not in known:
                raise jac.InputError(f"this network is differentiated by {', '.join(known)}, not by {wrt!r}")

    def _back(self, found: tuple[Parameters, dict[str, Array]]) -> Array:
        if INPUT not in found[1]:
            raise jac.InputError(f"{self.places[0].layer} takes whole numbers, by which there is no derivative")
        return found[1][INPUT]

    def _aimed(self, h: Array, t: Array, weights: Array | None) -> tuple[Array, Array]:
        """J and ∂J/∂h."""
        if weights is None:
            return aimed(self.objective, h, t)
        w = of_samples(weights, len(h)).astype(h.dtype)
        if self.objective.reduction == "mean":              # type: ignore[attr-defined]
            if not w.any():
                raise jac.InputError("weights of samples are not all of them 0, as the mean is over their sum")
            w = w * (len(w) / w.sum())
        return aimed(self.objective, h, t, w)

    # ---- training and evaluation -----------------------------------------------------------------------------------

    def trained(self, rng: np.random.Generator, rows: int) -> Network:
        """The network of one training step on so many samples: dropout draws its masks."""
        return self._with([place.layer.trained(rng, taken(place.layer, _first(place, before)))
                           for place, before in self._before(rows)])

    def evaluated(self, statistics: Sequence[Mapping[str, Array]]) -> Network:
        """The network after training: batch norm takes its running statistics, {} stands for a layer without them."""
        return self._with([place.layer.evaluated(own) for place, own in zip(self.places, statistics, strict=True)])

    def statistics(self, params: Parameters, x: Array) -> list[Mapping[str, Array]]:
        """What each layer keeps of a batch: {} where it keeps nothing."""
        cache = self.feed(params, x)
        return [place.layer.statistics(arrays[next(iter(place.sources))]) if hasattr(place.layer, "statistics") else {}
                for place, arrays in zip(self.places, cache.arrays, strict=True)]

    def _before(self, rows: int) -> list[tuple[Place, dict[str, Shape]]]:
        places, shapes = located(self.layers, self.sizes, rows), {INPUT: (rows, *_axes(self.sizes[0]))}
        shapes |= {place.label: place.output for place in places}
        return [(place, shapes) for place in places]

    def _with(self, layers: Sequence[Layer]) -> Network:
        steps = [Step.read(step) for step in self.layers]
        return Network(tuple(step.holding(layer) for step, layer in zip(steps, layers, strict=True)), self.objective,
                       self.sizes)

    # ---- symbols ---------------------------------------------------------------------------------------------------

    @cached_property
    def _written(self) -> Written:
        return written(self.places, self.objective)

    @property
    def symbols(self) -> Mapping[str, jac.Expr]:
        """x (N, n0), W1 (n1, n0), b1 (n1,), …, t (N, nL), of symbolic size."""
        return self._written.symbols

    @property
    def constants(self) -> Mapping[str, jac.Expr]:
        """What the specs of layers hold for, such as the mask M1 of dropout: J in symbols has them besides."""
        return self._written.constants

    def conditions(self, params: Parameters, x: Array) -> dict[str, Array]:
        """What the `constants` are at these parameters and samples."""
        cache = self.feed(params, x)
        return {full: place.layer.conditioned(arrays)[0][name]
                for place, arrays, fixed in zip(self.places, cache.arrays, self._written.fixed, strict=True)
                for name, full in fixed.items()}

    def spec(self, x: jac.Expr | None = None, t: jac.Expr | None = None) -> jac.Expr:
        """J in symbols with z1, a1, z2, … by name, of a batch; or of x and t given, vectors for one sample."""
        return self._written.goal(self.symbols["x"] if x is None else x, self.symbols["t"] if t is None else t)

    def derivation(self, *wrt: str) -> jac.Derivation:
        """∂J/∂θ step by step, of a batch: by the names given, else by all parameters at once."""
        unknown = [name for name in wrt if name not in self.symbols]
        if unknown:
            raise jac.InputError(f"this network is differentiated by {', '.join(self.symbols)}, not by {unknown[0]!r}")
        chosen = wrt or [name for name in self.symbols if name not in ("x", "t")]
        return jac.derive(self.spec(), tuple(self.symbols[name] for name in chosen))


def _together(paths: list[tuple[jac.Jacobian, ...]]) -> tuple[jac.Jacobian, ...]:
    """The factors of a path, or of several their sum."""
    first, *more = paths
    return (sum((jac.chain(*path) for path in more), jac.chain(*first)),) if more else first


def _fitting(what: str, v: Any, like: Array, flat: bool = False) -> Array:
    array = finite(what, numbers(what, v))
    if array.shape != like.shape and not (flat and array.size == like.size):
        raise jac.ShapeError(f"{what} has shape {array.shape}, but {like.shape} is expected")
    return array.astype(like.dtype, copy=False)


def _axes(width: Width) -> Shape:
    return width if isinstance(width, tuple) else (width,)


def _first(place: Place, shapes: Mapping[str, Shape]) -> Shape:
    return shapes[next(iter(place.sources.values()))]


def _widths(sizes: Any) -> tuple[Width, ...]:
    """The sizes as whole numbers, the first with as many axes as it has: none, of samples that are class indices."""
    if isinstance(sizes, tuple | list) and sizes and isinstance(sizes[0], tuple | list):
        start, *rest = sizes
        return (units(start) if start else (), *(units(rest) if rest else ()))
    return units(sizes)


# ---- multi-layer perceptrons ---------------------------------------------------------------------------------------


def units(sizes: str | Sequence[int]) -> tuple[int, ...]:
    """(2, 3, 4, 1) of "2-3-4-1" or of the numbers. Raises InputError naming the size that cannot be."""
    parts = sizes.split("-") if isinstance(sizes, str) else [str(n) for n in np.atleast_1d(np.asarray(sizes, object))]
    for k, part in enumerate(parts, 1):
        if not re.fullmatch("0*[1-9][0-9]{0,5}", part):
            raise jac.InputError(f"size {k} of {'-'.join(parts)!r} is {part or 'missing'}, but a whole number of units "
                                 "from 1 to 999999 is expected, as in 2-3-4-1")
    return tuple(map(int, parts))


def choose(table: Mapping[str, Any], key: str, what: str) -> Any:
    """The row of a table. Raises InputError listing those there are."""
    if key not in [*table]:
        raise jac.InputError(f"{what} {key!r} is not known: choose one of {', '.join(table)}")
    return table[key]


def mlp(sizes: str | Sequence[int], activation: str | Layer = "relu",
        loss: str | Layer = "half-squared") -> Network:
    """h = W_L f(… f(W₁ x + b₁) …) + b_L, the multi-layer perceptron with units n₀-n₁-…-n_L: mlp("2-3-4-1").

    `activation` and `loss` are layers, or names in ACTIVATIONS and LOSSES; the output layer has no activation
    (cross-entropy takes logits). Raises InputError for names that are not known and sizes that cannot be.
    """
    found = units(sizes)
    if len(found) < 2:
        raise jac.InputError(f"a network has at least two sizes, of input and output, but {sizes!r} was given: "
                             "write 2-3-4-1")
    weights = sum(m * n for m, n in pairwise(found))
    if weights > LARGEST:
        raise jac.InputError(f"{'-'.join(map(str, found))} has {weights:.1e} weights, "
                             f"but at most {LARGEST:.0e} are taken: choose fewer units")
    act: Layer = activation if isinstance(activation, Layer) else choose(ACTIVATIONS, activation, "the activation")
    objective: Layer = loss if isinstance(loss, Layer) else choose(LOSSES, loss, "the loss")
    if isinstance(objective, CrossEntropy) and found[-1] == 1:
        raise jac.InputError(f"cross-entropy needs at least two outputs, but {sizes!r} has one: "
                             "softmax of one number is always 1")
    hidden = [layer for _ in found[2:] for layer in (Affine(), act)]
    return Network((*hidden, Affine()), objective, found)
