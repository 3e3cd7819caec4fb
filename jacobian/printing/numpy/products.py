"""Source of matrix products: in the cheapest order, with solve for an inverse and sums for ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra.chain import bracketing
from jacobian.algebra.entries import Size, count
from jacobian.printing.numpy.program import ATOM, PRODUCT, SIGN, WHOLE, Code, Program, written
from jacobian.symbolic.expr import Axes, Expr
from jacobian.symbolic.leaves import ONES, SCALAR
from jacobian.symbolic.matrix import INVERSE
from jacobian.symbolic.operations import DIAG, TRANSPOSE

COLUMN = "{}[:, None]"
STAND_IN = 64       # for a symbolic size, when the cheapest order of a product is looked for


@dataclass(frozen=True)
class Operand:
    """A factor of a product: its code, or that of d in diag(d), of A in A⁻¹; nothing of ones."""

    axes: Axes
    code: Code
    kind: str = "array"


def _operand(p: Program, x: Expr) -> Operand:
    if x.operation is ONES:
        return Operand(x.axes, Code("1"), "ones")
    if x.operation is DIAG:
        return Operand(x.axes, p.full(x.args[0]), "diag")
    if x.operation is INVERSE:
        return Operand(x.axes, p.full(x.args[0]), "inverse")
    if x.operation is TRANSPOSE and x.args[0].operation is INVERSE:
        return Operand(x.axes, _transposed(p.full(x.args[0].args[0])), "inverse")
    return Operand(x.axes, p.full(x))


def _transposed(code: Code) -> Code:
    if code.view == "{}.T":
        return replace(code, view="{}")
    return replace(code, view="{}.T") if code.view == "{}" else Code(code.at(ATOM) + ".T")


def dense(p: Program, x: Operand) -> Code:
    """The array of a factor."""
    if x.kind == "ones":
        return Code(f"np.ones({p.shape(n for n in x.axes if n is not None)}, {p.dtype()})")
    return {"diag": Code(f"np.diag({x.code})"), "inverse": Code(f"np.linalg.inv({x.code})")}.get(x.kind) or x.code


def _multiply(p: Program, a: Operand, b: Operand) -> Operand:
    """a b, by the cheapest call."""
    whole = a.axes[0], b.axes[1]
    kind, code = "array", None
    row, column = a.axes[0] is None, b.axes[1] is None
    if a.kind == b.kind == "diag":
        kind, code = "diag", Code(f"{a.code.at(PRODUCT)} * {b.code.at(SIGN)}", PRODUCT)
    elif a.kind == "diag":
        d = a.code.at(PRODUCT) if column else f"{a.code.at(ATOM)}[:, None]"
        code = Code(f"{d} * {dense(p, b).at(SIGN)}", PRODUCT)
    elif b.kind == "diag":
        code = Code(f"{dense(p, a).at(PRODUCT)} * {b.code.at(SIGN)}", PRODUCT)
    elif a.kind == "inverse":
        code = Code(f"np.linalg.solve({a.code}, {dense(p, b)})")
    elif b.kind == "inverse":
        left = dense(p, a) if row else _transposed(dense(p, a))
        code = Code(f"np.linalg.solve({_transposed(b.code)}, {left})", view="{}" if row else "{}.T")
    elif b.kind == "ones" and a.kind != "ones":
        code = _sums(p, a, 1)
        code = code if column else replace(code, view="{}" if row else COLUMN, covers=frozenset(() if row else (0,)))
    elif a.kind == "ones" and b.kind != "ones":
        code = _sums(p, b, 0)
        code = code if row else replace(code, covers=frozenset(() if column else (1,)))
    elif a.axes[1] is None:
        code = Code(f"np.outer({dense(p, a)}, {dense(p, b)})")
    else:
        code = Code(f"{dense(p, a).at(PRODUCT)} @ {dense(p, b).at(SIGN)}", PRODUCT)
    return Operand(whole, code, kind)


def _sums(p: Program, x: Operand, axis: int) -> Code:
    """The sums along an axis; where there is none, x itself."""
    code = dense(p, x)
    if x.axes[axis] is None:
        return code
    return Code(f"{code.at(ATOM)}.sum({f'axis={axis}' if x.axes[1 - axis] is not None else ''})")


def _filled(p: Program, x: Operand) -> Operand:
    """A factor that is multiplied again is an array of its own."""
    if x.kind != "array" or x.code.covers == WHOLE:
        return x
    return replace(x, code=Code(f"np.full({p.shape(n for n in x.axes if n is not None)}, {x.code}, {p.dtype()})"))


def _chain(p: Program, factors: Sequence[Expr]) -> tuple[list[Operand], Any]:
    """The factors, and after which of them each stretch is divided."""
    found = [_operand(p, x) for x in factors]
    if len(found) < 3:
        return found, {(0, len(found) - 1): 0}
    sizes = [_stand_in(n) for n in (*(x.axes[0] for x in found), found[-1].axes[1])]
    stored, rows, columns = np.zeros((3, len(found), len(found)))
    for i in range(len(found)):
        for j in range(i, len(found)):
            thin = all(x.kind == "diag" for x in found[i:j + 1])
            m, n = (1, 1) if thin else (sizes[i], sizes[j + 1])
            rows[i, j], columns[i, j], stored[i, j] = m, n, sizes[i] if thin else m * n
    return found, bracketing(stored, rows, columns)[1]


@lru_cache(maxsize=4096)
def _stand_in(n: Size) -> int:
    n = sp.sympify(count(n))
    return int(n.subs(dict.fromkeys(n.free_symbols, STAND_IN)))


def _composed(p: Program, found: list[Operand], at: Any, i: int, j: int) -> Operand:
    if i == j:
        return found[i]
    left, right = _composed(p, found, at, i, at[i, j]), _composed(p, found, at, at[i, j] + 1, j)
    return _multiply(p, _filled(p, left), _filled(p, right))


def split(p: Program, factors: Sequence[Expr]) -> tuple[Operand, Operand]:
    """The two halves of a product, each composed."""
    found, at = _chain(p, factors)
    k = at[0, len(found) - 1]
    return _filled(p, _composed(p, found, at, 0, k)), _filled(p, _composed(p, found, at, k + 1, len(found) - 1))


@written("matmul")
def _(p: Program, x: Expr) -> Code:
    ends = x.args[0].operation, x.args[-1].operation
    if ends == (ONES, ONES) and x.axes == SCALAR and len(x.args) == 3:
        return Code(f"{p.full(x.args[1]).at(ATOM)}.sum()")
    found, at = _chain(p, x.args)
    whole = _composed(p, found, at, 0, len(found) - 1)
    return dense(p, whole) if whole.kind != "array" else whole.code
