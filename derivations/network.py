"""The network of the notes, with any number of layers: z = W a + b, a = g(z), and no activation at the output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

import jacobian as jac
from jacobian.symbolic.elementwise import X

g = jac.elementwise("g", sp.Piecewise((X, X > 0), (0, True)))     # ReLU under the letter that the notes give it


@dataclass(frozen=True)
class Network:
    """x → z₁ → a₁ → … → h → J; the keys of W, b, z, a are the numbers of the layers, and a[0] is x."""

    x: jac.Expr
    t: jac.Expr
    W: dict[int, jac.Expr]
    b: dict[int, jac.Expr]
    z: dict[int, jac.Expr]
    a: dict[int, jac.Expr]
    h: jac.Expr
    J: jac.Expr


def network(*sizes: int | str, activation: Callable[[Any], jac.Expr] = jac.relu, samples: int | str = 1) -> Network:
    """The network with layers of these sizes, x first: columns are matrices (n, 1), or (n, N) with N samples.

    J = ½ ‖h − t‖², which is ½ (h − t)² of one output, added up over the samples.
    """
    last = len(sizes) - 1
    x, t = jac.symbol(f"x: {sizes[0]} {samples}"), jac.symbol(f"t: {sizes[last]} {samples}")
    W = {k: jac.symbol(f"W{k}: {sizes[k]} {sizes[k - 1]}") for k in range(1, last + 1)}
    b = {k: jac.symbol(f"b{k}: {sizes[k]} 1") for k in W}
    z, a = {}, {0: x}
    for k in W:
        shift = b[k] if samples == 1 else b[k] @ jac.ones(1, x.shape[1])
        z[k] = jac.name(f"z{k}" if k < last else "h", W[k] @ a[k - 1] + shift)
        if k < last:
            a[k] = jac.name(f"a{k}", activation(z[k]))
    return Network(x, t, W, b, z, a, z[last], jac.name("J", jac.half_square(z[last] - t)))
