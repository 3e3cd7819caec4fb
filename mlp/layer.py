"""The contract of a layer: what it computes, in symbols and in numbers, and its Jacobian; the rest follows from these.

Rows of a batch are samples: x (N, n), W (m, n), b (m,). A layer keeps nothing: parameters go in, gradients come out.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import numpy as np

import jacobian as jac

Array = Any        # a NumPy array of float32 or float64


class Layer:
    """y = layer(x, parameters), J[i, j] = ∂yᵢ/∂xⱼ by each of them, arrays flattened row-major.

    A layer declares `shapes` ("x: N n, W: m n, b: m": the input first, or for a loss the output h and the target t),
    `spec` (in symbols), `value` (in NumPy, stable, keeping float32) and `by_x`, `by_W`, … (structured Jacobians; the one
    that is asked for is built). Arrays that do not fit raise ShapeError. NaN passes through.
    """

    shapes: ClassVar[str]

    def spec(self, *args: Any, **symbols: Any) -> jac.Expr:
        """The layer in symbols, by name; one sample (a vector) or a batch (a matrix whose rows are samples)."""
        raise NotImplementedError(f"{self} does not say what it is in symbols: write its spec")

    def value(self, *args: Any, **arrays: Any) -> Array:
        """The layer in NumPy, of arrays that fit."""
        raise NotImplementedError(f"{self} does not say what it is in numbers: write its value")

    # ---- what follows ------------------------------------------------------------------------------------------------

    def forward(self, **arrays: Array) -> Array:
        """y, (N, m) or, of a loss, one number. Raises ShapeError where an array does not fit."""
        return self.value(**self.checked(**arrays))

    def jacobian(self, wrt: str, **arrays: Array) -> jac.Jacobian:
        """∂ vec y / ∂ vec wrt, structured. Raises InputError where the layer has no such argument."""
        if wrt not in self.arguments:
            raise jac.InputError(f"{self} is differentiated by {' or '.join(self.arguments)}, not by {wrt!r}")
        return getattr(self, f"by_{wrt}")(**self.checked(**arrays))

    def vjp(self, g: Array, wrt: str, **arrays: Array) -> Array:
        """Jᵀ g, in the shape of wrt: the cotangent g (in the shape of y) pulled back."""
        g = self._fitting("the cotangent g", g, self._outcome(arrays))
        return (self.jacobian(wrt, **arrays).T @ g.reshape(-1)).reshape(np.shape(arrays[wrt]))

    def jvp(self, v: Array, wrt: str, **arrays: Array) -> Array:
        """J v, in the shape of y: the tangent v (in the shape of wrt) pushed forward."""
        J, outcome = self.jacobian(wrt, **arrays), self._outcome(arrays)
        return (J @ self._fitting(f"the tangent v by {wrt}", v, np.shape(arrays[wrt])).reshape(-1)).reshape(outcome)

    def derivation(self, wrt: str) -> jac.Derivation:
        """∂y/∂wrt step by step, in symbols of symbolic size."""
        if wrt not in self.symbols:
            raise jac.InputError(f"{self} is differentiated by {' or '.join(self.symbols)}, not by {wrt!r}")
        return jac.derive(self.spec(**self.symbols), self.symbols[wrt])

    # ---- shapes ------------------------------------------------------------------------------------------------------

    @cached_property
    def symbols(self) -> dict[str, jac.Expr]:
        """The declared symbols by name, the input first."""
        return {str(symbol): symbol for symbol in jac.symbols(self.shapes)}

    @cached_property
    def arguments(self) -> dict[str, tuple[str, ...]]:
        """The declared sizes by name: {"x": ("N", "n"), …}."""
        return {name: tuple(map(str, symbol.shape)) for name, symbol in self.symbols.items()}

    @cached_property
    def output(self) -> tuple[str, ...]:
        """The sizes of y, read off the spec."""
        return tuple(map(str, self.spec(**self.symbols).shape))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all arguments but the input."""
        return tuple(self.arguments)[1:]

    def spread(self, n: int, m: int) -> float:
        """√(2/(n + m)), the deviation of random weights (m, n) before this layer (Glorot and Bengio 2010, eq. 12)."""
        return (2 / (n + m)) ** 0.5

    def checked(self, **arrays: Array) -> dict[str, Array]:
        """The arrays, floating, after a look at names and shapes. Raises ShapeError, InputError."""
        if arrays.keys() != self.arguments.keys():
            raise jac.InputError(f"{self} takes {', '.join(self.arguments)}, but was given {', '.join(arrays) or 'nothing'}")
        found = {name: self._floating(name, arrays[name]) for name in self.arguments}
        sizes: dict[str, int] = {}
        for name, letters in self.arguments.items():
            shape = found[name].shape
            if len(shape) != len(letters) or 0 in shape or \
                    any(sizes.setdefault(n, length) != length for n, length in zip(letters, shape, strict=True)):
                raise jac.ShapeError(self._misfit(name, shape, sizes, {k: v.shape for k, v in found.items()}))
        return found

    def _outcome(self, arrays: dict[str, Array]) -> tuple[int, ...]:
        found = self.checked(**arrays)
        sizes = {n: k for name, letters in self.arguments.items() for n, k in zip(letters, found[name].shape, strict=True)}
        return tuple(sizes[n] for n in self.output)

    def _floating(self, name: str, value: Any) -> Array:
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise jac.InputError(f"{self}: {name} must be an array with rows of equal length, but {error}") from error
        if array.dtype.kind not in "fiub":
            raise jac.InputError(f"{self}: {name} must hold real numbers, not {array.dtype}")
        return array if array.dtype.kind == "f" else array.astype(float)

    def _fitting(self, what: str, value: Any, shape: tuple[int, ...]) -> Array:
        array = self._floating(what, value)
        if array.shape != shape:
            raise jac.ShapeError(f"{self}: {what} has shape {array.shape}, but {shape} is expected")
        return array

    def _misfit(self, name: str, shape: tuple[int, ...], sizes: dict[str, int], given: dict[str, Any]) -> str:
        letters = self.arguments[name]
        wanted = ", ".join(letters) + ("," if len(letters) == 1 else "")
        known = ", ".join(f"{n} = {sizes[n]}" for n in letters if len(shape) == len(letters) and sizes.get(n))
        others = ", ".join(f"{other} {given[other]}" for other in self.arguments if other != name)
        return (f"{self}: {name} has shape {shape}, but ({wanted}) is expected, no size 0"
                + (f", with {known}" if known else "") + (f"; the others are {others}" if others else ""))
