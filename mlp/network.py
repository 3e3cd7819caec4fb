"""Layers one after the other: h = f_L(… f₁(x)), the loss J(h, t), and their derivatives by composition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

import jacobian as jac
from mlp.activations import ACTIVATIONS
from mlp.given import Array, finite, numbers
from mlp.layer import Layer
from mlp.layers import Affine
from mlp.losses import LOSSES

LARGEST = 10**8        # weights of a network, 0.8 GB
Parameters = Sequence[Mapping[str, Array]]     # for each layer, by the names that it declares


@dataclass(frozen=True)
class Place:
    """A layer in a network: what its declared sizes are there, its parameters' full names, and that of its output."""

    layer: Layer
    sizes: Mapping[str, Any]
    names: Mapping[str, str]        # {"W": "W2", "b": "b2"} of the second layer with parameters
    label: str                      # z2, and of the activation after it a2

    @property
    def input(self) -> str:
        return next(iter(self.layer.arguments))

    @property
    def shapes(self) -> dict[str, tuple[Any, ...]]:
        """The shapes of the parameters, by their declared names."""
        return {name: tuple(self.sizes[n] for n in self.layer.arguments[name]) for name in self.names}


def _places(layers: Sequence[Layer], widths: Sequence[Any]) -> list[Place]:
    """Each layer in its place: the first width is that of the input, a size that a layer brings in takes the next."""
    width, *rest = widths
    places: list[Place] = []
    k = repeated = 0
    for layer in layers:
        (_, (rows, columns)), *parameters = layer.arguments.items()
        brought = dict.fromkeys(n for _, letters in parameters for n in letters if n not in (rows, columns))
        if len(brought) > len(rest):
            raise jac.InputError(f"these layers take more than the {len(widths)} sizes that were given")
        sizes = {rows: "N", columns: width, **dict(zip(brought, rest, strict=False))}
        rest = rest[len(brought):]
        k, repeated = (k + 1, 0) if parameters else (k, repeated + 1)
        label = f"a{k}" + "′" * (repeated - 1) if repeated else f"z{k}"
        places.append(Place(layer, sizes, {name: f"{name}{k}" for name, _ in parameters}, label))
        width = sizes[layer.output[1]]
    if rest:
        raise jac.InputError(f"{len(widths)} sizes were given, but these layers take {len(widths) - len(rest)}")
    return places


@dataclass(frozen=True)
class Network:
    """h = f_L(… f₁(x)) and J = objective(h, t), for x (N, n₀), h (N, n_L); ∇J by Jᵀ g from the last layer to the first.

    `sizes` are n₀ and one for each size that a layer brings in. Parameters are a dictionary for each layer; where one
    is asked for by name it is W1, b1, W2, … Raises InputError, ShapeError for what does not fit.
    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), algorithms 6.3 and 6.4.
    """

    layers: tuple[Layer, ...]
    objective: Layer
    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "sizes", units(self.sizes))
        wrong = [layer for layer in self.layers if not isinstance(layer, Layer) or len(layer.output) != 2]
        if wrong or not self.layers:
            raise jac.InputError("a network is made of layers from (N, n) to (N, m), such as Affine(), "
                                 f"but {wrong[0] if wrong else 'none'} was given")
        if not isinstance(self.objective, Layer) or self.objective.output:
            raise jac.InputError(f"the objective is a loss, such as HalfSquaredError(), but {self.objective} was given")
        _places(self.layers, self.sizes)

    @cached_property
    def places(self) -> list[Place]:
        return _places(self.layers, self.sizes)

    # ---- parameters ------------------------------------------------------------------------------------------------

    def init(self, rng: np.random.Generator) -> Parameters:
        """Random θ: weights (m, n) normal with the deviation that the next layer asks for, everything else 0.

        √(2/n) before ReLU (He et al. 2015, eq. 10), else √(2/(n + m)) (Glorot and Bengio 2010, eq. 12).
        """
        following = [*self.layers[1:], self.objective]
        return [
            {name: rng.normal(0, after.spread(shape[1], shape[0]), shape) if len(shape) == 2 else np.zeros(shape)
             for name, shape in place.shapes.items()}
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

    def forward(self, params: Parameters, x: Array) -> Array:
        """h, (N, n_L)."""
        return self._feed(params, x)[1]

    def loss(self, params: Parameters, x: Array, t: Array) -> Array:
        """J(h, t), one number."""
        return self.objective.value(**self._last(self.forward(params, x), t))

    def gradients(self, params: Parameters, x: Array, t: Array) -> tuple[Array, Parameters]:
        """(J, ∂J/∂θ), the gradients like the parameters: g ← Jᵀ g from the loss back to the first layer."""
        fed, h = self._feed(params, x)
        last = self._last(h, t)
        g = self.objective.pull(np.ones(1, h.dtype), next(iter(last)), last)
        found: list[dict[str, Array]] = []
        for place, arrays in zip(reversed(self.places), reversed(fed), strict=True):
            found.append({name: place.layer.pull(g, name, arrays) for name in place.names})
            if place is not self.places[0]:
                g = place.layer.pull(g, place.input, arrays)
        return self.objective.value(**last), found[::-1]

    def jacobian(self, params: Parameters, x: Array, wrt: str = "x") -> jac.Jacobian:
        """∂ vec h / ∂ vec x, or by a parameter: "W2". Composed by the laws from those of the layers."""
        known = {"x": (0, self.places[0].input)}
        known |= {full: (k, name) for k, place in enumerate(self.places) for name, full in place.names.items()}
        if wrt not in known:
            raise jac.InputError(f"this network is differentiated by {', '.join(known)}, not by {wrt!r}")
        (start, name), fed = known[wrt], self._feed(params, x)[0]
        after = list(zip(self.places, fed, strict=True))[:start:-1]
        later = [place.layer.local(place.input, arrays) for place, arrays in after]
        return jac.chain(*later, self.places[start].layer.local(name, fed[start]))

    def _feed(self, params: Parameters, x: Array) -> tuple[list[dict[str, Array]], Array]:
        """What goes into each layer, and what comes out of the last."""
        fed, a = [], finite("x", numbers("x", x))
        for place, own in self._own(params):
            fed.append(place.layer.measure({place.input: a, **own})[0])
            a = place.layer.value(**fed[-1])
        return fed, a

    def _last(self, h: Array, t: Array) -> dict[str, Array]:
        """What goes into the loss."""
        return self.objective.measure(self._aim(h, finite("t", numbers("t", t))))[0]

    def _aim(self, h: Array, t: Array) -> dict[str, Array]:
        return dict(zip(self.objective.arguments, (h, t), strict=True))

    # ---- symbols ---------------------------------------------------------------------------------------------------

    @cached_property
    def symbols(self) -> dict[str, jac.Expr]:
        """x (N, n0), W1 (n1, n0), b1 (n1,), …, t (N, nL), of symbolic size."""
        places = _places(self.layers, [f"n{k}" for k in range(len(self.sizes))])
        declared = ["x: N n0", *(f"{full}: {' '.join(place.shapes[name])}" for place in places
                                 for name, full in place.names.items())]
        *_, aim = self.objective.symbols.values()
        width = places[-1].sizes[places[-1].layer.output[1]]
        declared.append(" ".join([f"t: N {width}", *aim.assumptions]))
        return {str(symbol.label): symbol for symbol in jac.symbols(", ".join(declared))}

    def spec(self, x: jac.Expr | None = None, t: jac.Expr | None = None) -> jac.Expr:
        """J in symbols with z1, a1, z2, … by name, of a batch; or of x and t given, vectors for one sample."""
        a = self.symbols["x"] if x is None else x
        for place in self.places:
            own = {name: self.symbols[full] for name, full in place.names.items()}
            a = jac.name(place.label, place.layer.spec(**{place.input: a}, **own))
        aim = self._aim(a, self.symbols["t"] if t is None else t)
        return jac.name("J", self.objective.spec(**aim))

    def derivation(self, *wrt: str) -> jac.Derivation:
        """∂J/∂θ step by step, of a batch: by the names given, else by all parameters at once."""
        unknown = [name for name in wrt if name not in self.symbols]
        if unknown:
            raise jac.InputError(f"this network is differentiated by {', '.join(self.symbols)}, not by {unknown[0]!r}")
        chosen = wrt or [name for name in self.symbols if name not in ("x", "t")]
        return jac.derive(self.spec(), tuple(self.symbols[name] for name in chosen))


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


def mlp(sizes: str | Sequence[int], activation: str = "relu", loss: str = "half-squared") -> Network:
    """h = W_L f(… f(W₁ x + b₁) …) + b_L, the multi-layer perceptron with units n₀-n₁-…-n_L: mlp("2-3-4-1").

    `activation` and `loss` are names in ACTIVATIONS and LOSSES; the output layer has no activation (cross-entropy takes
    logits). Raises InputError for names that are not known and sizes that cannot be.
    """
    found = units(sizes)
    if len(found) < 2:
        raise jac.InputError(f"a network has at least two sizes, of input and output, but {sizes!r} was given: "
                             "write 2-3-4-1")
    weights = sum(m * n for m, n in pairwise(found))
    if weights > LARGEST:
        raise jac.InputError(f"{'-'.join(map(str, found))} has {weights:.1e} weights, "
                             f"but at most {LARGEST:.0e} are taken: choose fewer units")
    act, objective = choose(ACTIVATIONS, activation, "the activation"), choose(LOSSES, loss, "the loss")
    if loss == "cross-entropy" and found[-1] == 1:
        raise jac.InputError(f"cross-entropy needs at least two outputs, but {sizes!r} has one: "
                             "softmax of one number is always 1")
    hidden = [layer for _ in found[2:] for layer in (Affine(), act)]
    return Network((*hidden, Affine()), objective, found)
