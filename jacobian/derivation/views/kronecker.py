"""The Jacobian of vec Y by vec X, written with ⊗, commutations and diag(vec …); vec stacks rows, or columns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jacobian.algebra.entries import count
from jacobian.derivation.layout import turned
from jacobian.derivation.views.marks import marks
from jacobian.derivation.views.view import Array, Equation, View, definitions, dense, value
from jacobian.derivation.write import called
from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Fraction, Name, Row, Super, Words
from jacobian.printing.names import PARTIAL, T, call
from jacobian.printing.notation import boxes, equation
from jacobian.symbolic.arrays import kron, vec
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Axes, Expr
from jacobian.symbolic.leaves import SCALAR
from jacobian.symbolic.operations import matmul, transpose
from jacobian.symbolic.stacking import by_columns
from jacobian.symbolic.symbols import symbols

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation

A, X, B = symbols("A: p m, X: m n, B: n q")
STACKINGS = {
    "rows": Row((Words("vec stacks the rows:"), equation(
        boxes(vec(A @ X @ B)), boxes(matmul(kron(A, transpose(B)), vec(X)))))),
    "columns": Row((Words("vec stacks the columns, as in MATLAB and in Magnus and Neudecker:"), equation(
        boxes(vec(A @ X @ B)), boxes(matmul(kron(transpose(B), A), vec(X)))))),
}
LIES = {False: Words("A row for each entry of the function, a column for each of the variable."),
        True: Words("A row for each entry of the variable, a column for each of the function.")}


def kronecker(d: Derivation, stacking: str = "rows", layout: str | None = None) -> View:
    """∂vec(Y)/∂vec(X)ᵀ = A ⊗ Bᵀ."""
    if stacking not in STACKINGS:
        raise InputError(f"vec stacks 'rows' or 'columns', but {stacking!r} was given")
    stacked = by_columns if stacking == "columns" else _by_rows
    maps = {x: stacked(_whole(d.value_by(x), d.goal.axes, x.axes), d.goal.axes, x.axes) for x in d.wrt}
    denominator = turned(X, layout)

    def line(x: Expr) -> Equation:
        right = transpose(maps[x]) if denominator else maps[x]
        return Equation(_left(d.goal, x, denominator), boxes(right), partial(value, right), partial(wanted, x))

    def wanted(x: Expr, bind: Binding) -> Array:
        J = dense(d, x, bind)
        if stacking == "columns":
            J = J[_order(d.goal, bind)][:, _order(x, bind)]
        return J.T if denominator else J

    words = (STACKINGS[stacking], *marks(*maps.values()), LIES[denominator])
    return View("kronecker", d, (*definitions(d), *map(line, d.wrt)), words)


def _by_rows(J: Expr, out: Axes, into: Axes) -> Expr:
    return J


def _whole(x: Expr, out: Axes, into: Axes) -> Expr:
    """The Jacobian as a matrix, a row for each entry of the function, from the form that `value` has."""
    if out == SCALAR != into and x.axes == into:
        return transpose(vec(x))
    return vec(x) if into == SCALAR else x


def _order(x: Expr, bind: Binding) -> Array:
    """Where the entries of x, column after column, stand row after row."""
    m, n = (bind.size(count(size)) for size in x.axes)
    return [i * n + j for j in range(n) for i in range(m)]


def _left(goal: Expr, x: Expr, denominator: bool) -> Box:
    """∂vec(Y)/∂vec(X)ᵀ, ∂y/∂xᵀ; in denominator layout ∂vec(Y)ᵀ/∂vec(X)."""
    over, under = _stacked(called(goal), goal.axes), _stacked(boxes(x), x.axes)
    if denominator:
        over = over if goal.axes == SCALAR else Super(over, T)
    else:
        under = under if x.axes == SCALAR else Super(under, T)
    return Fraction(Row((PARTIAL, over)), Row((PARTIAL, under)))


def _stacked(x: Box, axes: Axes) -> Box:
    return x if None in axes else call(Name("vec"), x)
