"""To and from SymPy's matrix expressions: MatrixSymbol and what is built of it.

SymPy knows matrices only. What has one row or one column there has no such axis here: a MatrixSymbol n × 1 is a vector,
1 × n a row, 1 × 1 a scalar. What is a scalar here is one in SymPy, too: of a product 1 × 1 the trace.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices import expressions as mx
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

from jacobian.algebra.entries import count
from jacobian.errors import InputError, MissingRule
from jacobian.symbolic.arrays import hstack, kron, lift, vec, vstack
from jacobian.symbolic.elementwise import TABLE, Function, X, absolute, elementwise, exp, function, log, power, sqrt
from jacobian.symbolic.expr import Axes, Expr, Variable, make, size, walk
from jacobian.symbolic.leaves import SCALAR, SYMBOL, eye, number, ones, zeros
from jacobian.symbolic.matrix import det, inverse, matrix_power, trace
from jacobian.symbolic.operations import add, diag, diagonal, hadamard, matmul, scale, transpose
from jacobian.symbolic.reductions import larger, row_sums, smaller, total
from jacobian.symbolic.rows import log_softmax
from jacobian.symbolic.space import inner, raised

HERE = "jacobian/symbolic/exchange.py"


# ---- from SymPy ----------------------------------------------------------------------------------------------------


def from_sympy(expr: Any) -> Expr:
    """The expression that a SymPy expression or matrix says: MatrixSymbol("A", m, n) is jac.symbol("A: m n").

    A Symbol is a scalar, unless it is one of the sizes. Raises MissingRule naming the row where there is none, and
    InputError for what is no SymPy expression.
    """
    if isinstance(expr, sp.MatrixBase):
        expr = expr.as_immutable()
    if not isinstance(expr, sp.Expr):
        raise InputError(f"a SymPy expression or matrix was expected, but {expr!r} was given; jac.parse reads texts")
    shapes = [n for part in sp.preorder_traversal(expr) if getattr(part, "is_Matrix", False) for n in part.shape]
    return _Reader({s.name for n in shapes for s in sp.sympify(n).free_symbols}, {})(expr)


class _Reader:
    """read(e) is the expression that e says; `sizes` are names, `known` is what was read or stands for a variable."""

    def __init__(self, sizes: set[str], known: dict[Any, Expr]) -> None:
        self.sizes, self.known = sizes, known

    def __call__(self, e: Any) -> Expr:
        if e not in self.known:
            row = next((READ[kind] for kind in type(e).__mro__ if kind in READ), None)
            if row is None:
                raise MissingRule(f"SymPy's {type(e).__name__} is not read, in {e}: write the row "
                                  f"{type(e).__name__} of READ in {HERE}")
            self.known[e] = row(self, e)
        return self.known[e]

    def all(self, e: Any) -> list[Expr]:
        return [self(arg) for arg in e.args]

    def scalars(self, e: Any) -> list[Expr]:
        """The arguments of a function of scalars. Raises InputError for a matrix among them."""
        for arg in e.args:
            if getattr(arg, "is_Matrix", False):
                raise InputError(f"{e} is a function of scalars, but {arg} is a matrix: "
                                 "write A.applyfunc(f) for f entry by entry")
        return self.all(e)

    def size(self, n: Any) -> Any:
        """A size as it is named here; None of 1."""
        return None if n == 1 else size(n.xreplace({s: size(s.name) for s in n.free_symbols}))

    def axes(self, e: Any) -> Axes:
        return self.size(e.shape[0]), self.size(e.shape[1])


def _symbol(read: _Reader, e: Any) -> Expr:
    if e.name in read.sizes:
        return number(size(e.name))
    return make(SYMBOL, data=Variable(e.name, ("positive",) if e.is_positive else ()), axes=SCALAR)


def _sum(*terms: Expr) -> Expr:
    """Terms of which some are scalars, which are added to every entry."""
    axes = next((term.axes for term in terms if term.axes != SCALAR), SCALAR)
    return add(*(term if term.axes == axes else scale(term, ones(*axes)) for term in terms))


def _product(*factors: Expr) -> Expr:
    """Factors entry by entry, scalars in front."""
    scalars, arrays = ([x for x in factors if (x.axes == SCALAR) is kind] for kind in (True, False))
    return scale(hadamard(number(1), *scalars), hadamard(*arrays) if arrays else number(1))


def _matmul(read: _Reader, e: Any) -> Expr:
    scalars, matrices = ([read(x) for x in e.args if bool(x.is_Matrix) is kind] for kind in (False, True))
    return scale(_product(*scalars), matmul(*matrices))


def _square(f: Callable[..., Expr], of_scalar: Callable[..., Expr]) -> Callable[..., Expr]:
    """f of a matrix; of what is a scalar here, though 1 × 1 in SymPy, another."""
    return lambda x, *more: (f if x.axes != SCALAR else of_scalar)(x, *more)


def _applied(read: _Reader, e: Any) -> Expr:
    (variable,), body, x = e.function.variables, e.function.expr, read(e.expr)
    named = _forms().get(body.xreplace({variable: X}))
    return named(x) if named else _sum(zeros(*x.axes), _Reader(read.sizes, {variable: x})(body))


@cache
def _forms() -> dict[Any, Function]:
    return {f.form: f for f in TABLE.values()}


def _piecewise(read: _Reader, e: Any) -> Expr:
    """A function of the table, or one of the argument that is compared with a number."""
    first, condition = e.args[0]
    for inside in (first, *condition.args):
        for form, f in _forms().items():
            if isinstance(form, sp.Piecewise) and form.subs(X, inside) == e:
                return f(read(inside))
    for inside in condition.args:
        form = e.xreplace({inside: X})
        if form.free_symbols == {X}:
            return elementwise("piecewise", form)(read(inside))
    raise MissingRule(f"{e} is not a function of one argument: write the row Piecewise of READ in {HERE}")


def _abstract(read: _Reader, e: Any) -> Expr:
    (x,), label = read.scalars(e), e.func.__name__
    f = function(label.rstrip("′"))
    return reduce(lambda f, _: f.prime(), label[len(f.name):], f)(x)


def _blocks(read: _Reader, e: Any) -> Expr:
    rows = e.blocks if isinstance(e, (mx.BlockMatrix, mx.BlockDiagMatrix)) else e
    return _below(*(_beside(*map(read, rows.row(i))) for i in range(rows.rows)))


def _beside(*blocks: Expr) -> Expr:
    if len(blocks) == 1:
        return blocks[0]
    if blocks[0].axes[0] is None:
        return transpose(_below(*map(transpose, blocks)))
    return hstack(*blocks)


def _below(*blocks: Expr) -> Expr:
    """Blocks of a column are its parts; a row is lifted to a matrix of one row."""
    if len(blocks) == 1:
        return blocks[0]
    if blocks[0].axes[1] is None:
        return vstack(*blocks)
    return vstack(*(lift(x, (count(x.axes[0]), x.axes[1])) for x in blocks))


def _element(read: _Reader, e: Any) -> Expr:
    if e.parent.shape == (1, 1):
        return read(e.parent)
    raise MissingRule(f"{e} is one entry of a matrix: declare it as a symbol, or write the row MatrixElement of READ "
                      f"in {HERE}")


def _diagonal_part(x: Expr) -> Expr:
    if None in x.axes or x.axes[0] != x.axes[1]:
        raise MissingRule(f"DiagonalMatrix of {x}, which is not square: write the row DiagonalMatrix of READ in {HERE}")
    return hadamard(x, eye(x.axes[0]))


def _plain(f: Callable[..., Expr]) -> Callable[[_Reader, Any], Expr]:
    return lambda read, e: f(*read.all(e))


def _scalar(f: Callable[..., Expr]) -> Callable[[_Reader, Any], Expr]:
    return lambda read, e: f(*read.scalars(e))


READ: dict[Any, Callable[[_Reader, Any], Expr]] = {
    # scalars
    sp.Number: lambda read, e: number(float(e) if e.is_Float else e),
    sp.NumberSymbol: lambda read, e: number(e),
    sp.Symbol: _symbol,
    sp.Add: _scalar(_sum), sp.Mul: _scalar(_product), sp.Pow: _scalar(raised),
    sp.Max: _scalar(lambda *xs: reduce(larger, xs)), sp.Min: _scalar(lambda *xs: reduce(smaller, xs)),
    sp.Piecewise: _piecewise, AppliedUndef: _abstract, MatrixElement: _element,
    **{type(f.form): _scalar(f) for f in TABLE.values() if f.form.args == (X,)},
    # numbers made of matrices
    mx.Trace: _plain(_square(trace, lambda x: x)), mx.Determinant: _plain(_square(det, lambda x: x)),
    mx.DotProduct: lambda read, e: inner(*map(vec, read.all(e))),
    # matrices
    mx.MatrixSymbol: lambda read, e: make(SYMBOL, data=Variable(e.name), axes=read.axes(e)),
    mx.Identity: lambda read, e: eye(read.axes(e)[0]),
    mx.ZeroMatrix: lambda read, e: zeros(*read.axes(e)), mx.OneMatrix: lambda read, e: ones(*read.axes(e)),
    mx.MatAdd: _plain(add), mx.MatMul: _matmul, mx.HadamardProduct: _plain(hadamard),
    mx.HadamardPower: _plain(raised), ElementwiseApplyFunction: _applied,
    mx.Transpose: _plain(transpose), mx.Adjoint: _plain(transpose),
    mx.Inverse: lambda read, e: _square(inverse, lambda x: power(x, -1))(read(e.arg)),
    mx.MatPow: _plain(_square(matrix_power, power)),
    mx.KroneckerProduct: lambda read, e: reduce(kron, read.all(e)),
    mx.DiagMatrix: _plain(lambda x: diag(x) if x.axes != SCALAR else x), mx.DiagonalOf: _plain(diagonal),
    mx.DiagonalMatrix: _plain(_diagonal_part),
    mx.BlockMatrix: _blocks, mx.BlockDiagMatrix: _blocks, sp.MatrixBase: _blocks,
}


# ---- to SymPy ------------------------------------------------------------------------------------------------------


def matrix_expression(x: Expr) -> Any:
    """x with a MatrixSymbol for each array and a Symbol for each scalar; what is assumed of an array is not said.

    What SymPy has no name for is written by its definition, adj(A) as det(A) A⁻¹, which asks for A⁻¹. Raises
    MissingRule naming the row for an operation that matrix expressions cannot say.
    """
    return _written(x, {})


def _written(x: Expr, done: dict[Expr, Any]) -> Any:
    for node in walk(x, until=lambda y: y in done):
        if node not in done:
            row = WRITTEN.get(node.operation.name)
            if row is None:
                raise MissingRule(f"SymPy has no matrix expression for {node.operation.name}, in {node}: f.sympy(sizes)"
                                  f" writes entries, or write the row {node.operation.name!r} of WRITTEN in {HERE}")
            done[node] = row(node, *(done[arg] for arg in node.args))
    return done[x]


def _shape(y: Expr) -> tuple[Any, Any]:
    return count(y.axes[0]), count(y.axes[1])


def _letter(y: Expr) -> Any:
    if "index" in y.assumptions:
        raise InputError(f"{y} is an index of classes, which SymPy cannot count with: use a one-hot vector")
    if y.axes == SCALAR:
        return sp.Symbol(str(y.label), real=True, positive="positive" in y.assumptions or None)
    return sp.MatrixSymbol(str(y.label), *_shape(y))


def _matrix(y: Expr, x: Any) -> Any:
    """What is written of y as a matrix, 1 × 1 of a scalar."""
    return sp.ImmutableMatrix([[x]]) if y.axes == SCALAR else x


def _multiplied(y: Expr, *xs: Any) -> Any:
    product = mx.MatMul(*xs).doit(deep=False)
    return sp.Trace(product) if y.axes == SCALAR else product


def _mapped(y: Expr, x: Any) -> Any:
    f = sp.Function(y.data.name) if y.data.abstract else sp.Lambda(X, y.data.form)
    if y.axes == SCALAR:
        return f(x)
    return ElementwiseApplyFunction(f, x) if y.data.exponent is None else mx.HadamardPower(x, y.data.exponent)


def _by_shape(scalar: Callable[..., Any], array: Callable[..., Any]) -> Callable[..., Any]:
    return lambda y, *xs: (scalar if y.axes == SCALAR else array)(*xs)


def _stacked(arrange: Callable[[list[Any]], list[list[Any]]]) -> Callable[..., Any]:
    def write(y: Expr, *xs: Any) -> Any:
        blocks = list(map(_matrix, y.args, xs))
        explicit = all(isinstance(block, sp.MatrixBase) for block in blocks)
        return (sp.ImmutableMatrix if explicit else mx.BlockMatrix)(arrange(blocks))

    return write


def _defined(f: Callable[..., Expr]) -> Callable[..., Any]:
    """A function written as what it is defined by."""
    def write(y: Expr, *xs: Any) -> Any:
        letters = [make(SYMBOL, data=Variable(f"argument {k}"), axes=arg.axes) for k, arg in enumerate(y.args)]
        return _written(f(y, *letters), dict(zip(letters, xs, strict=True)))

    return write


def _squared(x: Expr) -> Expr:
    return trace(matmul(transpose(x), x)) if x.axes != SCALAR and None not in x.axes else inner(x, x)


def _log_sum_exp(x: Expr) -> Expr:
    return log(total(exp(x)) if None in x.axes else row_sums(exp(x)))


def _chosen(y: Expr, a: Expr, b: Expr) -> Expr:
    """max(a, b) = (a + b + |a − b|)/2, min(a, b) with −."""
    off = scale(number(1 if y.data == "max" else -1), absolute(add(a, scale(number(-1), b))))
    return scale(number(sp.Rational(1, 2)), add(a, b, off))


WRITTEN: dict[str, Callable[..., Any]] = {
    "symbol": _letter, "number": lambda y: y.data, "named": lambda y, x: x,
    "lift": lambda y, x: _matrix(y.args[0], x),
    "ones": lambda y: mx.OneMatrix(*_shape(y)), "zeros": lambda y: mx.ZeroMatrix(*_shape(y)),
    "eye": lambda y: mx.Identity(y.axes[0]),
    "add": _by_shape(sp.Add, lambda *xs: mx.MatAdd(*xs).doit(deep=False)),
    "hadamard": _by_shape(sp.Mul, mx.hadamard_product),
    "scale": _by_shape(sp.Mul, lambda s, x: mx.MatMul(s, x).doit(deep=False)),
    "matmul": _multiplied, "kron": lambda y, a, b: mx.KroneckerProduct(a, b),
    "map": _mapped, "power": _by_shape(sp.Pow, mx.HadamardPower),
    "transpose": lambda y, x: x.T, "inverse": lambda y, x: x.I, "matrix_power": lambda y, x: x**y.data,
    "det": lambda y, x: sp.Determinant(x), "trace": lambda y, x: sp.Trace(x),
    "diag": lambda y, x: mx.DiagMatrix(x), "diagonal": lambda y, x: mx.DiagonalOf(x),
    "vstack": _stacked(lambda xs: [[x] for x in xs]), "hstack": _stacked(lambda xs: [xs]),
    "logdet": _defined(lambda y, x: log(det(x))), "adjugate": _defined(lambda y, x: scale(det(x), inverse(x))),
    "square": _defined(lambda y, x: _squared(x)), "norm": _defined(lambda y, x: sqrt(_squared(x))),
    "half_square": _defined(lambda y, x: scale(number(sp.Rational(1, 2)), _squared(x))),
    "norm1": _defined(lambda y, x: total(absolute(x))), "larger": _defined(_chosen),
    "softmax": _defined(lambda y, x: exp(log_softmax(x))), "log_sum_exp": _defined(lambda y, x: _log_sum_exp(x)),
    "cross_entropy": _defined(lambda y, z, t: scale(number(-1), inner(t, log_softmax(z)))),
}
