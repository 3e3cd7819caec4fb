"""Layers that join arrays or lay them out otherwise: they compute little, and their Jacobians have no entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

import jacobian as jac
from mlp.given import Array, classes, numbers
from mlp.layer import Layer, Sizes
from mlp.space import letters, spatial


@dataclass(frozen=True)
class Add(Layer):
    """y = x + r, for x and r (N, n): what a path leaves out is added again. By each of them it is I.

    Source: He, Zhang, Ren and Sun (2016), eq. 1.
    """

    shapes = "x: N n, r: N n"
    inputs = 2

    def spec(self, x: Any, r: Any) -> jac.Expr:
        return x + r

    def value(self, x: Array, r: Array) -> Array:
        return x + r

    def by_x(self, x: Array, r: Array) -> jac.Jacobian:
        return jac.Identity(x.size)

    def by_r(self, x: Array, r: Array) -> jac.Jacobian:
        return jac.Identity(r.size)


@dataclass(frozen=True)
class Concatenate(Layer):
    """y = [x r] side by side, for x (N, n), r (N, m), y (N, n + m). By x it is I ⊗ [I; 0], by r it is I ⊗ [0; I].

    Source: Huang, Liu, van der Maaten and Weinberger (2017), eq. 2.
    """

    shapes = "x: N n, r: N m"
    inputs = 2

    def spec(self, x: Any, r: Any) -> jac.Expr:
        return jac.hstack(x, r)

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        return sizes["N"], sizes["n"] + sizes["m"]

    def value(self, x: Array, r: Array) -> Array:
        return np.concatenate((x, r), axis=1)

    def by_x(self, x: Array, r: Array) -> jac.Jacobian:
        return jac.Kronecker(jac.Identity(len(x)), jac.Insertion(x.shape[1], 0, r.shape[1]))

    def by_r(self, x: Array, r: Array) -> jac.Jacobian:
        return jac.Kronecker(jac.Identity(len(x)), jac.Insertion(r.shape[1], x.shape[1], 0))


@dataclass(frozen=True)
class Flatten(Layer):
    """y = the entries of each sample in one row, for x (N, c, …) with so many `axes` in space, y (N, c ⋯); J = I."""

    axes: int = 2

    declared = "x: N n"
    sizes = MappingProxyType({"N": 3, "c": 2, "d": 6, "h": 5, "w": 4})

    def __post_init__(self) -> None:
        spatial("the number of axes in space", self.axes)
        object.__setattr__(self, "shapes", f"x: N c {letters(self.axes)}")

    def spec(self, x: Any) -> jac.Expr:
        return x

    def faces(self, name: str, array: Array) -> Sequence[Array]:
        return [array.reshape(len(array), -1)]

    def result(self, sizes: Sizes) -> tuple[int, ...]:
        return sizes["N"], int(np.prod([sizes[n] for n in self.arguments["x"][1:]], dtype=int))

    def value(self, x: Array) -> Array:
        return x.reshape(len(x), -1)

    def by_x(self, x: Array) -> jac.Jacobian:
        return jac.Identity(x.size)


@dataclass(frozen=True)
class Embedding(Layer):
    """y = E_c, the rows of E that c names, for c (N,), E (v, n), y (N, n). By E it is R ⊗ I, R the gather of rows.

    c holds whole numbers 0 … v − 1 and has no derivative. Source: Bengio, Ducharme, Vincent and Jauvin (2003), 2.
    """

    shapes = "c: N index, E: v n"
    indices = ("c",)
    sizes = MappingProxyType({"N": 3, "v": 5, "n": 4})

    def spec(self, c: Any, E: Any) -> jac.Expr:
        return jac.onehot(c, E.shape[0]) @ E

    def prepare(self, arrays: Mapping[str, Any]) -> Mapping[str, Any]:
        c, E = numbers(f"{self}: c", arrays["c"]), self.floating("E", arrays["E"])
        fits = c.ndim == 1 and E.ndim == 2 and len(E) > 0
        return {"c": classes(f"{self}: c", c, len(E)) if fits else c, "E": E}

    def value(self, c: Array, E: Array) -> Array:
        return E[c]

    def by_E(self, c: Array, E: Array) -> jac.Jacobian:
        return jac.Kronecker(jac.Gather(c, len(E)), jac.Identity(E.shape[1]))
