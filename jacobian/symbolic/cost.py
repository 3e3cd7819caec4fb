"""What an expression costs to read: its symbols, brackets not counted, and a little for what a textbook avoids.

A symbol counts 10. The cost of an expression is its own and that of its arguments, so that a rewrite which makes a
part shorter makes the whole shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

import sympy as sp

from jacobian.symbolic.expr import Expr, alike, walk
from jacobian.symbolic.leaves import SCALAR

SYMBOL = 10


def _number(x: Expr) -> int:
    value = sp.sympify(x.data)
    if value == -1:
        return SYMBOL // 2          # a sign
    if value.is_Rational:
        return SYMBOL * (1 if value.is_Integer else 2) + (SYMBOL // 2 if value < 0 else 0)
    minus = value.could_extract_minus_sign()
    return SYMBOL * sum(1 for _ in sp.preorder_traversal(-value if minus else value)) + (SYMBOL // 2 if minus else 0)


def _matmul(x: Expr) -> int:
    """A A reads less well than A², and powers of A stand before adj(A)."""
    return sum(SYMBOL // 2 for a, b in pairwise(x.args)
               if alike(a, b) or (_bare(a).operation.name == "adjugate" and alike(_bare(_bare(a).args[0]), _bare(b))))


def _bare(x: Expr) -> Expr:
    """A of Aᵀ, Aᵏ and (Aᵏ)ᵀ."""
    while x.operation.name in ("transpose", "matrix_power"):
        x = x.args[0]
    return x


def _map(x: Expr) -> int:
    if x.data.exponent is None:
        return SYMBOL
    fraction, entrywise = not x.data.exponent.is_Integer, x.axes != SCALAR
    return SYMBOL * (1 + fraction + entrywise)


def _joined(x: Expr) -> int:
    return SYMBOL * (len(x.args) - 1)


def _multiplied(x: Expr) -> int:
    """s s reads less well than s²."""
    twice = len(x.args) - len({factor.token for factor in x.args})
    return SYMBOL // 2 * twice if x.axes == SCALAR else _joined(x)


OWN: dict[str, Callable[[Expr], int]] = {
    "number": _number, "matmul": _matmul, "map": _map, "add": _joined, "hadamard": _multiplied,
    "scale": lambda x: 0, "lift": lambda x: 0,
    "ones": lambda x: SYMBOL * (2 if x.axes[0] is None else 1),
    "half_square": lambda x: 2 * SYMBOL,
    "adjugate": lambda x: SYMBOL + (SYMBOL // 2 if x.args[0].args else 0),
    "frechet": lambda x: 2 * SYMBOL,
    "diag": lambda x: SYMBOL + 2,
    "reshape": lambda x: 3 * SYMBOL,
}
_known: WeakKeyDictionary[Expr, int] = WeakKeyDictionary()


def cost(x: Expr) -> int:
    """Tenths of a symbol, over the written expression; what has a name counts as its name."""
    if x not in _known:
        for node in walk(x, until=lambda y: y in _known or y.operation.name == "named"):
            if node not in _known:
                inside: Any = () if node.operation.name == "named" else node.args
                _known[node] = OWN.get(node.operation.name, lambda y: SYMBOL)(node) + sum(_known[y] for y in inside)
    return _known[x]
