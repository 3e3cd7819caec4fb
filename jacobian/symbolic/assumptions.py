"""What may be known of a symbol beyond its shape: a row says how it is drawn, tested, and what changes it allows.

A derivative by a structured matrix is projected onto the changes that keep the structure: of a symmetric X the
gradient is (G + Gᵀ)/2, G the gradient as if the entries were free. Sources: Srinivasan and Panda (2023), What is the
gradient of a scalar function of a symmetric matrix?; for orthogonal matrices Edelman, Arias and Smith (1998), 2.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import Commutation, Dense, Diagonal, Identity, Jacobian, Kronecker, Product, Scalar, Sum
from jacobian.algebra.entries import Size
from jacobian.errors import InputError
from jacobian.symbolic.expr import Expr, Variable, make
from jacobian.symbolic.leaves import SYMBOL, eye, number, tril
from jacobian.symbolic.operations import scale, transpose

ROUNDING = 1e-8         # by which given numbers may miss what was assumed of them


@dataclass(frozen=True)
class Assumption:
    """`draw(rng, array)` makes a random array one of the kind, `holds(array)` tests one; `square` asks for n × n.

    `projection(x)` maps a change of x to the nearest one that keeps the kind; None where every change does. `free(x)`
    maps a change of the free entries of x to that of x, where this is another map. `words` ends the sentence
    "X is declared …, but". `change` is what a change of such a matrix is: of a positive definite one symmetric.
    """

    words: str
    draw: Callable[[np.random.Generator, Any], Any]
    holds: Callable[[Any], bool]
    projection: Callable[[Expr], Jacobian] | None = None
    free: Callable[[Expr], Jacobian] | None = None
    square: bool = True
    change: str | None = None


def _half(J: Jacobian, n: Size) -> Jacobian:
    """½ (I + J)."""
    return Product((Scalar(number(sp.Rational(1, 2)), n * n), Sum((Identity(n * n), J))))


def _symmetrised(x: Expr) -> Jacobian:
    n = x.axes[0]
    return _half(Commutation(n, n), n)


def _twice(x: Expr) -> Jacobian:
    """dX ↦ dX + dXᵀ − dX ∘ I: of a symmetric matrix each entry moves with the one across the diagonal."""
    n = x.axes[0]
    return Sum((Identity(n * n), Commutation(n, n), Diagonal(scale(number(-1), eye(n)))))


def _tangent(x: Expr) -> Jacobian:
    """dQ ↦ (dQ − Q dQᵀ Q)/2."""
    n = x.axes[0]
    back = Product((Scalar(number(-1), n * n), Kronecker(Dense(x), Dense(transpose(x))), Commutation(n, n)))
    return _half(back, n)


def _near(a: Any, b: Any) -> bool:
    return bool(np.all(np.abs(a - b) <= ROUNDING * (1 + np.abs(b).max(initial=0))))


def _rotation(rng: np.random.Generator, a: Any) -> Any:
    return np.linalg.qr(a)[0]


def _classes(rng: np.random.Generator, a: Any) -> Any:
    if not a.shape:
        raise InputError("a scalar cannot be one-hot: give it a size")
    return np.eye(a.shape[-1])[rng.integers(0, a.shape[-1], size=a.shape[:-1])]


def _is_onehot(a: Any) -> bool:
    return bool(np.isin(a, (0, 1)).all() and np.all(a.sum(axis=-1) == 1))


ASSUMPTIONS = {
    "symmetric": Assumption("symmetric", lambda rng, a: (a + a.T) / 2, lambda a: _near(a, a.T), _symmetrised,
                            _twice, change="symmetric"),
    "posdef": Assumption("symmetric and positive definite", lambda rng, a: a @ a.T + np.eye(len(a)),
                         lambda a: _near(a, a.T) and bool(np.all(np.linalg.eigvalsh(a) > 0)), _symmetrised,
                         _twice, change="symmetric"),
    "diagonal": Assumption("diagonal", lambda rng, a: a * np.eye(len(a)), lambda a: _near(a, a * np.eye(len(a))),
                           lambda x: Diagonal(eye(x.axes[0])), change="diagonal"),
    "lower": Assumption("lower triangular", lambda rng, a: np.tril(a), lambda a: _near(a, np.tril(a)),
                        lambda x: Diagonal(tril(x.axes[0])), change="lower"),
    "upper": Assumption("upper triangular", lambda rng, a: np.triu(a), lambda a: _near(a, np.triu(a)),
                        lambda x: Diagonal(transpose(tril(x.axes[0]))), change="upper"),
    "orthogonal": Assumption("orthogonal", _rotation, lambda a: _near(a.T @ a, np.eye(len(a))), _tangent),
    "invertible": Assumption("invertible", lambda rng, a: a, lambda a: np.linalg.matrix_rank(a) == len(a)),
    "positive": Assumption("positive in every entry", lambda rng, a: np.abs(a), lambda a: bool(np.all(a > 0)),
                           square=False),
    "onehot": Assumption("one-hot, a one and zeros in each sample", _classes, _is_onehot, square=False),
    "index": Assumption("an index of classes, counted from 0", lambda rng, a: a,
                        lambda a: bool(np.all((a >= 0) & (a == np.round(a)))), square=False),
    "constant": Assumption("constant", lambda rng, a: a, lambda a: True, square=False),
}
CONVENTIONS = ("projection", "free")


def change(x: Expr, label: str) -> Expr:
    """dX, a symbol for a change of X that keeps what is assumed of it: of a symmetric X it is symmetric."""
    kept = (ASSUMPTIONS[word].change for word in x.assumptions)
    return make(SYMBOL, data=Variable(label, tuple(word for word in kept if word), x), axes=x.axes)


def projection(x: Expr, convention: str = "projection") -> Jacobian:
    """P of vec dX: a derivative by X, or by its change dX, is J P. Raises InputError for an unknown convention."""
    if convention not in CONVENTIONS:
        raise InputError(f"the convention {convention!r} is not known: choose 'projection', the nearest symmetric "
                         "gradient (G + Gᵀ)/2, or 'free', the gradient by the free entries G + Gᵀ − G ∘ I")
    x = x.origin
    whole: Jacobian = Identity(x.size)
    for word in x.assumptions:
        row = ASSUMPTIONS[word]
        chosen = (row.free or row.projection) if convention == "free" else row.projection
        whole = chosen(x) if chosen else whole
    return whole
