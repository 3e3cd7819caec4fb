"""The contract of a layer: what it is in symbols, what it computes, and its Jacobians; the rest follows from these.

Rows of a batch are samples: x (N, n), W (m, n), b (m,). A layer keeps nothing: parameters go in, gradients come out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields, is_dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

import jacobian as jac
from mlp.given import Array, finite, numbers

Sizes = Mapping[str, int]
Arrays = Mapping[str, Array]
Pick = Callable[[Array, Array], Array]      # of the slopes on the left and on the right, arrays of one shape


@lru_cache(maxsize=1024)
def fit(declared: tuple[tuple[str, ...], ...], shapes: tuple[tuple[int, ...], ...]) -> tuple[Sizes, int | None]:
    """What the declared sizes are by these shapes, and the position of the first array that does not fit, if any."""
    sizes: dict[str, int] = {}
    for k, (letters, shape) in enumerate(zip(declared, shapes, strict=True)):
        if len(shape) != len(letters) or 0 in shape or tuple(map(sizes.get, letters, shape)) != shape:
            return MappingProxyType(sizes), k
        sizes.update(zip(letters, shape, strict=True))
    return MappingProxyType(sizes), None


@lru_cache(maxsize=256)
def axes(shapes: str) -> Mapping[str, tuple[str, ...]]:
    """The letters of each argument's axes, without assumptions: {"x": ("N", "n"), "W": ("m", "n"), "b": ("m",)}."""
    parts = (part.split(":") for part in shapes.split(","))
    return MappingProxyType({name.strip(): tuple(word for word in rest.split() if len(word) <= 2)
                             for name, rest in parts})


class Layer:
    """y = layer(x, parameters), J[i, j] = ∂yᵢ/∂xⱼ by each of them, arrays flattened row-major.

    A layer declares `shapes` ("x: N n, W: m n, b: m": the input first; of a loss the output h and the target t), `spec`
    (in symbols), `value` (in NumPy: fast, stable, float32 stays float32) and `by_x`, `by_W`, … (structured Jacobians;
    the one asked for is built). Where Jᵀ g of all samples at once takes less, `pull_x` says it. Arrays that do not fit
    raise ShapeError; NaN and ∞ raise InputError.

    Some layers need more words. `inputs` counts the arguments that are no parameters, `indices` names those that hold
    whole numbers and have no derivative. A spec of one sample, or of matrices where arrays have more axes, is
    `declared` in symbols of its own, and `faces` shows an array as the matrices that take its place there. What a spec
    holds for (a mask, the places of the largest entries) is declared by `conditions`, and `conditioned` gives it.
    A layer that is another one in training or after it says so by `trained` and `evaluated`. One with kinks says what
    the derivative is taken to be there (`kinks`, as torch does), and what it is on both sides (`beside`).
    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), algorithms 6.3 and 6.4.
    """

    shapes: str
    fixed_sizes: Mapping[str, int] = MappingProxyType({})       # that the layer itself sets, as a kernel's
    declared: str = ""              # the spec's symbols, where they are not those of `shapes`
    conditions: str = ""            # "M: N m": constants that the spec takes besides
    inputs: int = 1
    indices: tuple[str, ...] = ()
    sizes: Sizes = MappingProxyType({"N": 3, "n": 4, "m": 2})     # of examples, all different
    kinks: ClassVar[str] = ""       # what the derivative is taken to be where there is none

    def __str__(self) -> str:
        """CrossEntropy(smoothing=0.1): what differs from the usual layer."""
        parts: tuple[Field[Any], ...] = fields(self) if is_dataclass(self) else ()
        own = [f"{part.name}={getattr(self, part.name)}" for part in parts if getattr(self, part.name) != part.default]
        return f"{type(self).__name__}({', '.join(own)})"

    def spec(self, *args: Any, **symbols: Any) -> jac.Expr:
        """y in symbols, of a batch (a matrix whose rows are samples) or of one sample (a vector)."""
        raise jac.MissingRule(f"{self} does not say what it is in symbols: write its spec")

    def value(self, *args: Any, **arrays: Any) -> Array:
        """y in numbers, of arrays that fit."""
        raise jac.MissingRule(f"{self} does not say what it computes: write its value")

    def prepare(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        """The arrays in the form that `shapes` declares."""
        return arrays

    def faces(self, name: str, array: Array) -> Sequence[Array]:
        """The matrices that stand for an argument, or for the output "y", in each instance of the spec."""
        return [array]

    def conditioned(self, arrays: Arrays) -> Sequence[Arrays]:
        """The values of `conditions` in each instance of the spec."""
        return [{}]

    def shared(self, *args: Any, **arrays: Any) -> Mapping[str, Any]:
        """What y and its Jacobians have in common, worked out once where they are all wanted: `value`, `by_x`, … take
        it besides the arrays.
        """
        return {}

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        """The shape of y where the declared sizes are these."""
        return tuple(sizes[n] for n in self.output)

    def trained(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Layer:
        """The layer of one training step on an input of this shape, what is random in it drawn from rng."""
        return self

    def evaluated(self, statistics: Mapping[str, Array]) -> Layer:
        """The layer after training, given the running statistics of its inputs where it has any."""
        return self

    # ---- what follows ----------------------------------------------------------------------------------------------

    def forward(self, **arrays: Array) -> Array:
        """y, such as (N, m), or () of a loss. Raises ShapeError where an array does not fit."""
        return self.value(**self.given(arrays)[0])

    def jacobian(self, wrt: str, **arrays: Array) -> jac.Jacobian:
        """∂ vec y / ∂ vec wrt, structured. Raises InputError for a name that the layer does not have."""
        return self.local(wrt, self.given(arrays)[0])

    def vjp(self, g: Array, wrt: str, /, **arrays: Array) -> Array:
        """Jᵀ g in the shape of wrt: the cotangent g, in the shape of y, pulled back."""
        fitting, sizes = self.given(arrays)
        return self.pull(self._shaped("the cotangent g", g, self.result(sizes)), wrt, fitting)

    def jvp(self, v: Array, wrt: str, /, **arrays: Array) -> Array:
        """J v in the shape of y: the tangent v, in the shape of wrt, pushed forward."""
        fitting, sizes = self.given(arrays)
        J = self.local(wrt, fitting)
        v = self._shaped("the tangent v", v, fitting[wrt].shape)
        return J.push(v.reshape(-1)).reshape(self.result(sizes))

    def sides(self, wrt: str, **arrays: Array) -> tuple[jac.Jacobian, jac.Jacobian]:
        """(J₋, J₊): their columns are the slopes of y along −eⱼ and eⱼ, which differ at a kink alone.

        J₋ eⱼ = lim (y(x) − y(x − h eⱼ))/h and J₊ eⱼ = lim (y(x + h eⱼ) − y(x))/h for h → 0, h > 0.
        """
        return (self._beside(wrt, arrays, lambda left, right: left),
                self._beside(wrt, arrays, lambda left, right: right))

    def interval(self, wrt: str, **arrays: Array) -> tuple[jac.Jacobian, jac.Jacobian]:
        """The least and the largest slopes: entry by entry the smaller and the larger of `sides`, around `jacobian`.

        Source: Clarke (1983), Optimization and Nonsmooth Analysis, 2.6.
        """
        return self._beside(wrt, arrays, np.minimum), self._beside(wrt, arrays, np.maximum)

    def derivation(self, wrt: str) -> jac.Derivation:
        """∂y/∂wrt step by step, in symbols of symbolic size."""
        self._own(wrt)
        return jac.derive(self.written, self.symbols[wrt])

    @property
    def formula(self) -> jac.Formula:
        """The spec as a formula to ask about, by each of `asked`."""
        return jac.Formula.written(self.written, ", ".join(self.asked))

    def worksheet(self, **options: Any) -> jac.Worksheet:
        """Questions on the layer with their key: Softmax().worksheet(seed=3), with the options of `jac.worksheet`."""
        return jac.worksheet(formulas=[self.formula], **{"title": self.title, **options})

    def local(self, wrt: str, arrays: Arrays) -> jac.Jacobian:
        """The structured Jacobian, of arrays that were measured."""
        self._own(wrt)
        rule = getattr(self, f"by_{wrt}", None)
        if rule is None:
            raise jac.MissingRule(f"{self} has no Jacobian by {wrt}: write its by_{wrt}")
        return rule(**arrays)

    def beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        """`local` with pick(left, right) for the slopes: factors that may be negative are in them."""
        return self.local(wrt, arrays)

    def pull(self, g: Array, wrt: str, arrays: Arrays) -> Array:
        """vjp, of arrays that were measured: by a `pull_x` of the layer's own where there is one, else by Jᵀ."""
        rule = getattr(self, f"pull_{wrt}", None)
        found = self.local(wrt, arrays).T.push(g.reshape(-1)) if rule is None else rule(g, **arrays)
        return found.reshape(arrays[wrt].shape)

    def spread(self, n: int, m: int) -> float:
        """√(2/(n + m)): the deviation of random weights (m, n) before this layer (Glorot and Bengio 2010, eq. 12)."""
        return float((2 / (n + m)) ** 0.5)

    # ---- the spec, held beside the numbers -------------------------------------------------------------------------

    @cached_property
    def symbols(self) -> dict[str, jac.Expr]:
        """The spec's symbols by name, the input first."""
        return {str(symbol.label): symbol for symbol in jac.symbols(self.declared or self.shapes)}

    @cached_property
    def constants(self) -> dict[str, jac.Expr]:
        """The symbols of `conditions` by name."""
        return {str(symbol.label): symbol for symbol in jac.symbols(self.conditions)} if self.conditions else {}

    @cached_property
    def written(self) -> jac.Expr:
        """y in the layer's own symbols."""
        return self.spec(**self.symbols, **self.constants)

    def bindings(self, arrays: Arrays) -> list[jac.Binding]:
        """For each instance of the spec what its symbols are."""
        faces = zip(*(self.faces(name, arrays[name]) for name in self.symbols), strict=True)
        return [jac.Binding(dict(zip(self.symbols.values(), face, strict=True))
                            | {self.constants[name]: array for name, array in fixed.items()})
                for face, fixed in zip(faces, self.conditioned(arrays), strict=True)]

    def assembled(self, wrt: str, arrays: Arrays, parts: Sequence[Array]) -> Array:
        """The explicit Jacobian (out, in) made of those of the instances."""
        x, sizes = arrays[wrt], self.measure(arrays)[1]
        shape = self.result(sizes)
        count = int(np.prod(shape, dtype=int))
        rows = self.faces("y", np.arange(count).reshape(shape))
        columns = self.faces(wrt, np.arange(x.size).reshape(x.shape))
        whole = np.zeros((count, x.size), np.result_type(*parts))
        for i, j, part in zip(rows, columns, parts, strict=True):
            whole[np.ix_(np.ravel(i), np.ravel(j))] += part
        return whole

    # ---- shapes ----------------------------------------------------------------------------------------------------

    @property
    def arguments(self) -> Mapping[str, tuple[str, ...]]:
        """The declared sizes by name, the input first: {"x": ("N", "n"), "W": ("m", "n"), "b": ("m",)}."""
        return axes(self.shapes)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The arguments that are learnt."""
        return tuple(self.arguments)[self.inputs:]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The arguments that y is differentiated by."""
        return tuple(name for name in self.arguments if name not in self.indices)

    @property
    def asked(self) -> tuple[str, ...]:
        """By what a worksheet asks for derivatives."""
        return self.variables

    @property
    def title(self) -> str:
        """Its name without constants, which its formula shows."""
        return str(self).partition("(")[0]

    @cached_property
    def output(self) -> tuple[str, ...]:
        """The sizes of y, read off the spec: ("N", "m"), or () of a loss."""
        return tuple(map(str, self.written.shape))

    def given(self, arrays: Mapping[str, Any]) -> tuple[dict[str, Array], Sizes]:
        """`measure`, after a look at each entry: a network, which looks at its data once, does without."""
        found, sizes = self.measure(arrays)
        for name, array in found.items():
            finite(f"{self}: {name}", array)
        return found, sizes

    def measure(self, arrays: Mapping[str, Any]) -> tuple[dict[str, Array], Sizes]:
        """The arrays as floating ones, and what the declared sizes are. Raises ShapeError, InputError."""
        if arrays.keys() != self.arguments.keys():
            given = ", ".join(arrays) or "nothing"
            raise jac.InputError(f"{self} takes {', '.join(self.arguments)}, but was given {given}")
        prepared = self.prepare(arrays)
        found = {name: prepared[name] if name in self.indices else self.floating(name, prepared[name])
                 for name in self.arguments}
        sizes, misfit = fit(tuple(self.arguments.values()), tuple([array.shape for array in found.values()]))
        if misfit is not None:
            raise jac.ShapeError(self._misfit(tuple(self.arguments)[misfit], found, sizes))
        return found, sizes

    def _beside(self, wrt: str, arrays: Arrays, pick: Pick) -> jac.Jacobian:
        self._own(wrt)
        return self.beside(wrt, self.given(arrays)[0], pick)

    def _own(self, wrt: str) -> None:
        if wrt not in self.variables:
            raise jac.InputError(f"{self} is differentiated by {' or '.join(self.variables)}, not by {wrt!r}")

    def floating(self, name: str, value: Any) -> Array:
        """The value as an array of floating numbers. Raises InputError where it is none."""
        array = numbers(f"{self}: {name}", value)
        return array if array.dtype.kind == "f" else array.astype(float)

    def _shaped(self, what: str, value: Any, shape: tuple[int, ...]) -> Array:
        array = self.floating(what, value)
        if array.shape != shape:
            raise jac.ShapeError(f"{self}: {what} has shape {array.shape}, but {shape} is expected")
        return finite(f"{self}: {what}", array)

    def _misfit(self, name: str, found: Arrays, sizes: Sizes) -> str:
        shape = found[name].shape
        if 0 in shape:
            return f"{self}: {name} of shape {shape} is empty, but at least one entry along each axis is expected"
        letters = self.arguments[name]
        expected = ", ".join(str(sizes.get(n, n)) for n in letters) + ("," if len(letters) == 1 else "")
        others = ", ".join(f"{other} has shape {found[other].shape}" for other in found if other != name)
        return f"{self}: {name} has shape {shape}, but ({expected}) is expected" + (f"; {others}" if others else "")
