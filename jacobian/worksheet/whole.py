"""Small whole numbers for a symbol, as its assumptions ask: a row for each assumption."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jacobian.errors import MissingRule
from jacobian.symbolic import sample
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr


def _left(a: Any) -> Any:
    """L with ones on its diagonal, so that its inverse has whole numbers, too."""
    return np.tril(a, -1) + np.eye(len(a), dtype=int)


def _invertible(rng: np.random.Generator, a: Any) -> Any:
    """L U, of determinant ±1."""
    return _left(a) @ (np.triu(a, 1) + np.diag(rng.choice((-1, 1), size=len(a))))


def _posdef(rng: np.random.Generator, a: Any) -> Any:
    """L D Lᵀ with 1 and 2 on the diagonal of D."""
    L = _left(np.sign(a))
    return L @ np.diag(rng.integers(1, 3, size=len(a))) @ L.T


def _signed_permutation(rng: np.random.Generator, a: Any) -> Any:
    return np.eye(len(a), dtype=int)[rng.permutation(len(a))] * rng.choice((-1, 1), size=len(a))


# A row makes an array of the kind from an array of small whole numbers.
WHOLE: dict[str, Callable[[np.random.Generator, Any], Any]] = {
    "symmetric": lambda rng, a: np.triu(a) + np.triu(a, 1).T,
    "posdef": _posdef,
    "diagonal": lambda rng, a: a * np.eye(len(a), dtype=int),
    "lower": lambda rng, a: np.tril(a),
    "upper": lambda rng, a: np.triu(a),
    "orthogonal": _signed_permutation,
    "invertible": _invertible,
    "positive": lambda rng, a: np.abs(a) + (a == 0),
    "onehot": ASSUMPTIONS["onehot"].draw,
    "constant": lambda rng, a: a,
}


def whole(rng: np.random.Generator, x: Expr, root: Expr, bind: Binding, span: int) -> Any:
    """An array for a symbol of the expression `root` with entries from -span to span, or as its assumptions ask.

    Raises MissingRule for an assumption without a row.
    """
    if "index" in x.assumptions:                # counted from 0, and at most as large as its use allows
        return sample.value(rng, x, root, bind).astype(int)
    drawn: Any = rng.integers(-span, span + 1, size=[bind.size(n) for n in x.shape])
    for word in x.assumptions:
        if word not in WHOLE:
            raise MissingRule(f"no whole numbers are known for {x}, which is {word}: "
                              f"write the row {word!r} of WHOLE in jacobian/worksheet/whole.py")
        drawn = WHOLE[word](rng, drawn)
    return np.asarray(drawn).astype(int)
