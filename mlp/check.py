"""Every layer held beside what it says it is: its spec in symbols, with many digits, and by the complex step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

import jacobian as jac
from mlp.given import Array
from mlp.layer import Arrays, Layer

DIGITS = 60
STEP = sp.Float("1e-20", DIGITS)
TINY = 1e-30        # the complex step
RIGHT = {"float64": 1e-11, "float32": 2e-5}      # relative to the largest entry


def example(layer: Layer, rng: np.random.Generator, dtype: Any = float,
            sizes: Mapping[str, int] | None = None) -> dict[str, Array]:
    """Random arrays that fit the layer, no entry near 0, where kinks are; with what `shapes` says of their entries."""
    sizes = {**layer.sizes, **(sizes or {})}
    found = {}
    for name, letters in layer.arguments.items():
        shape = [sizes[n] for n in letters]
        known = layer.symbols[name].assumptions
        magnitude = rng.uniform(0.2, 2, shape)
        if "onehot" in known:
            found[name] = np.eye(shape[1], dtype=dtype)[rng.integers(shape[1], size=shape[0])]
        elif "index" in known:
            found[name] = rng.integers(sizes["v"], size=shape)
        else:
            signs = 1 if "positive" in known else rng.choice([-1, 1], shape)
            found[name] = (magnitude * signs).astype(dtype)
    return found


# ---- references ----------------------------------------------------------------------------------------------------


def symbolic(layer: Layer, wrt: str, arrays: Arrays) -> Array:
    """∂y/∂wrt by the rules of matrix calculus, evaluated: the explicit matrix (out, in)."""
    J = jac.differentiate(layer.written, layer.symbols[wrt])
    return layer.assembled(wrt, arrays, [J.map(bind, bind.size).dense() for bind in layer.bindings(arrays)])


def stepped(layer: Layer, wrt: str, arrays: Arrays) -> Array:
    """∂y/∂wrt by the complex step Im y(x + ih eⱼ)/h of the spec (Squire and Trapp 1998)."""
    return layer.assembled(wrt, arrays, [_columns(layer, bind, layer.symbols[wrt], _imaginary)
                                         for bind in layer.bindings(arrays)])


def precise(layer: Layer, wrt: str, arrays: Arrays) -> Array:
    """∂y/∂wrt by central differences of the spec in 60 digits, of which 40 are right."""
    exact = {name: np.vectorize(lambda entry: sp.Float(float(entry), DIGITS), otypes=[object])(array)
             for name, array in arrays.items() if name not in layer.indices}
    parts = [_columns(layer, bind, layer.symbols[wrt], _central) for bind in layer.bindings({**arrays, **exact})]
    return layer.assembled(wrt, arrays, [part.astype(float) for part in parts])


def _columns(layer: Layer, bind: jac.Binding, x: jac.Expr, slope: Any) -> Array:
    at = bind(x)
    return np.stack([slope(lambda moved: np.asarray(bind.replaced(x, moved).natural(layer.written)).reshape(-1), at, j)
                     for j in range(at.size)], axis=1)


def _imaginary(y: Any, at: Array, j: int) -> Array:
    moved = at.astype(complex, order="C")
    moved.reshape(-1)[j] += TINY * 1j
    return np.imag(y(moved)) / TINY


def _central(y: Any, at: Array, j: int) -> Array:
    def side(h: Any) -> Array:
        moved = at.copy()
        moved.reshape(-1)[j] += h
        return y(moved)

    return (side(STEP) - side(-STEP)) / (2 * STEP)


# ---- the table -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """A layer by one of its arguments: its kind of Jacobian, and how far four things are from the 60-digit Jacobian.

    Errors are those of the worst entry, relative to the largest one, in units of the machine epsilon of `dtype`.
    """

    layer: Layer
    wrt: str
    kind: str
    dtype: str
    errors: Mapping[str, float]     # explicit, jvp, vjp, symbolic, complex step

    @property
    def right(self) -> bool:
        """Whether all of them are within 1e-11 (float64), 2e-5 (float32)."""
        return bool(max(self.errors.values()) * np.finfo(self.dtype).eps <= RIGHT[self.dtype])


def prove(layers: Iterable[Layer], seed: int = 0, dtype: str = "float64") -> Iterator[Proof]:
    """A Proof for each layer and each argument that it is differentiated by, at a random example."""
    for layer in layers:
        rng = np.random.default_rng(seed)
        fed, _ = layer.measure(example(layer, rng, dtype))
        for wrt in layer.variables:
            yield _proof(layer, wrt, fed, rng, dtype)


def _proof(layer: Layer, wrt: str, fed: Arrays, rng: np.random.Generator, dtype: str) -> Proof:
    wide = {name: array.astype(float) if array.dtype.kind == "f" else array for name, array in fed.items()}
    exact, J = precise(layer, wrt, wide), layer.local(wrt, fed)
    v, g = (rng.normal(size=n).astype(dtype) for n in reversed(exact.shape))
    scale = max(np.abs(exact).max(initial=0), np.finfo(dtype).tiny) * np.finfo(dtype).eps
    found = {
        "explicit": (J.dense(), exact), "jvp": (J.push(v), exact @ v.astype(float)),
        "vjp": (layer.pull(g, wrt, fed).reshape(-1), exact.T @ g.astype(float)),
        "symbolic": (symbolic(layer, wrt, fed), exact), "complex step": (stepped(layer, wrt, wide), exact)}
    return Proof(layer, wrt, kind(J), dtype,
                 {name: float(np.abs(one - other).max(initial=0) / scale) for name, (one, other) in found.items()})


def kind(J: jac.Jacobian) -> str:
    """The structure in short: "Diagonal", "Kronecker(Identity, Dense)", "Product(…)"."""
    inner = [kind(part) for part in (*getattr(J, "factors", ()), *getattr(J, "terms", ()))]
    if isinstance(J, jac.Kronecker):
        inner = [kind(J.a), kind(J.b)]
    if isinstance(J, jac.BlockDiagonal):
        inner = [f"{len(J.blocks)} × {kind(J.blocks[0])}"]
    return type(J).__name__ + (f"({', '.join(inner)})" if inner else "")
