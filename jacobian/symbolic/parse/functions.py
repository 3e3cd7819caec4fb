"""The functions of the text, a row each, and how its signs are read in MATLAB's way and in NumPy's."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from jacobian.symbolic import arrays, leaves, matrix, reductions, rows, space
from jacobian.symbolic import elementwise as each
from jacobian.symbolic import operations as op
from jacobian.symbolic.expr import Axes, Expr
from jacobian.symbolic.parse.row import (
    ALL,
    EACH,
    NUMBER_OF_SQUARE,
    PAIRS,
    SPREAD,
    SQUARE,
    Row,
    above,
    after,
    beside,
    loosely,
)

# ---- signs ---------------------------------------------------------------------------------------------------------


def _spread(build: Callable[..., Expr]) -> Callable[[Expr, Expr], Expr]:
    """A function of two arrays of one shape, also where one is a scalar."""
    def spread(a: Expr, b: Expr) -> Expr:
        if a.axes == b.axes:
            return build(a, b)
        if a.axes == op.SCALAR:
            return build(op.scale(a, leaves.ones(*b.axes)), b)
        return build(a, op.scale(b, leaves.ones(*a.axes)))

    return spread


def _plus(a: Expr, b: Expr) -> Expr:
    return _spread(op.add)(a, b)


def _minus(a: Expr, b: Expr) -> Expr:
    return _spread(op.add)(a, op.scale(leaves.number(-1), b))


def _times(a: Expr, b: Expr) -> Expr:
    if op.SCALAR in (a.axes, b.axes):
        return op.scale(a, b) if a.axes == op.SCALAR else op.scale(b, a)
    return op.hadamard(a, b)


def _over(a: Expr, b: Expr) -> Expr:
    return _times(a, each.power(b, -1))


def _matrix_product(a: Expr, b: Expr) -> Expr:
    return _times(a, b) if op.SCALAR in (a.axes, b.axes) else op.matmul(a, b)


def _power(a: Expr, k: Expr) -> Expr:
    return each.power(a, k) if a.axes == op.SCALAR else matrix.matrix_power(a, k)


_PRODUCT = ("i j, j · -> i ·", "· i, i j -> · j", "i j, j k -> i k", "· i, i · -> · ·", "i ·, · j -> i j")
_MULTIPLES = ("· ·, · · -> · ·", "· ·, i · -> i ·", "· ·, · j -> · j", "· ·, i j -> i j",
              "i ·, · · -> i ·", "?· j, · · -> · j", "?i j, · · -> i j")
_NUMPY_PRODUCT = ("i j, j · -> i ·", "i ·, i j -> j ·", "i j, j k -> i k", "i ·, i · -> · ·")
_ENTRYWISE = PAIRS + SPREAD
_BIAS = ("i j, j · -> i j", "j ·, i j -> i j")
_TO_SCALAR = ("· ·, · · -> · ·",)
_POWER = (*_TO_SCALAR, "i i, · · -> i i")
_BY_SCALAR = tuple(f"{kind}, · · -> {kind}" for kind in ("· ·", "i ·", "· j", "i j"))
NEGATIVE = Row("-", EACH, lambda x: op.scale(leaves.number(-1), x))
_KRON = Row("kron", ("i j, k l -> i*k j*l", "i ·, k · -> i*k ·", "· j, · l -> · j*l",
                      "i j, k · -> i*k j", "i ·, k l -> i*k l"), arrays.kron)

SIGNS = {
    "matlab": {
        "+": Row("+", PAIRS + loosely(SPREAD), _plus),
        "-": Row("-", PAIRS + loosely(SPREAD), _minus),
        "*": Row("*", (*_MULTIPLES, *_PRODUCT), _matrix_product),
        "/": Row("/", _BY_SCALAR, _over),
        "\\": Row("\\", ("i i, i · -> i ·", "i i, i j -> i j"), matrix.solve),
        ".*": Row(".*", PAIRS + loosely(SPREAD), _times),
        "./": Row("./", PAIRS + SPREAD, _over),
        ".^": Row(".^", _BY_SCALAR + tuple(f"· ·, {kind} -> {kind}" for kind in ("i ·", "· j", "i j")), space.raised),
        "^": Row("^", _POWER, _power),
        "'": Row("'", ("?· · -> · ·", "i · -> · i", "· j -> j ·", "i j -> j i"), op.transpose),
        "kron": _KRON,
    },
    "numpy": {
        "+": Row("+", (*PAIRS, *_BIAS, *loosely(SPREAD)), space.plus),
        "-": Row("-", (*PAIRS, *_BIAS, *loosely(SPREAD)), space.minus),
        "*": Row("*", (*_ENTRYWISE, *_BIAS), space.times),
        ".*": Row("*", (*_ENTRYWISE, *_BIAS), space.times),
        "/": Row("/", (*_ENTRYWISE, *_BIAS), lambda a, b: space.times(a, each.power(b, -1))),
        "**": Row("**", _BY_SCALAR + tuple(f"· ·, {kind} -> {kind}" for kind in ("i ·", "i j")), space.raised),
        "@": Row("@", _NUMPY_PRODUCT, space.product),
        "^": Row("^", _POWER, _power),
        "'": Row(".T", ("?· · -> · ·", "i · -> i ·", "i j -> j i"), lambda x: x.T),
        "kron": _KRON,
    },
}
# What people may have meant where the operands of a sign do not fit, by the sign and the kinds of the operands.
HINTS = {
    ("*", "column", "column"): "write {0}'*{1} for the inner product, {0}*{1}' for the outer, {0}.*{1} entry by entry",
    ("*", "row", "row"): "write {0}*{1}' for the inner product, {0}.*{1} entry by entry",
    ("*", "matrix", "row"): "write {0}*{1}' for the product with the column",
    ("*", "column", "matrix"): "write {0}'*{1} for the product with the row",
    ("@", "scalar", "any"): "write * for a scalar multiple",
    ("@", "any", "scalar"): "write * for a scalar multiple",
    ("/", "any", "column"): "write ./ to divide entry by entry",
    ("/", "any", "row"): "write ./ to divide entry by entry",
    ("/", "any", "matrix"): "write ./ to divide entry by entry, {0}*inv({1}) for the matrix quotient",
    ("^", "column", "scalar"): "write .^ for a power entry by entry, {0}'*{0} for the squared norm",
    ("^", "row", "scalar"): "write .^ for a power entry by entry",
    (".^", "column", "column"): "write exp({1}.*log({0})) for powers of positive numbers, entry by entry",
    ("+", "any", "any"): "the terms of a sum have one shape, or are scalars",
    ("-", "any", "any"): "the terms of a sum have one shape, or are scalars",
    ("+", "column", "row"): "write {1}' for the column",
    ("+", "row", "column"): "write {1}' for the row",
    ("-", "column", "row"): "write {1}' for the column",
    ("-", "row", "column"): "write {1}' for the row",
}

# ---- functions -----------------------------------------------------------------------------------------------------


def _filled(fill: Callable[..., Expr]) -> tuple[Row, ...]:
    """The rows of `ones` or `zeros`: NumPy's ones(n) is a vector, MATLAB's a square matrix."""
    word = fill.__name__
    return (
        Row(word, ("-> i ·", "-> i j", "-> · j"), lambda axes: fill(*axes), ("",)),
        Row(word, ("-> i ·",), lambda axes: fill(*axes), ("i",), "numpy"),
        Row(word, ("-> i i",), lambda axes: fill(*axes), ("i",), "matlab"),
        Row(word, ("-> i j",), lambda axes: fill(*axes), ("i j",)),
    )


def _constant(axes: Axes, value: Expr) -> Expr:
    return op.scale(value, leaves.ones(*axes))


def _onehot(axes: Axes, c: Expr) -> Expr:
    return rows.onehot(c, axes[0] if axes[1] is None else axes[1])


def _reshaped(axes: Axes, x: Expr) -> Expr:
    return space.reshape(x, *(n for n in axes if n is not None))


def _diag(x: Expr) -> Expr:
    return op.diag(x) if None in x.axes else op.diagonal(x)


def _lower(x: Expr) -> Expr:
    return op.hadamard(leaves.tril(x.axes[0]), x)


def _concatenated(*blocks: Expr) -> Expr:
    """NumPy's hstack: vectors one after the other, matrices side by side."""
    return arrays.vstack(*blocks) if None in blocks[0].axes else arrays.hstack(*blocks)


def _entries(x: Expr) -> Expr:
    return leaves.number(x.size)


_SAMPLES = ("i · -> i ·", "· j -> · j", "i j -> i j")
_SAME = ("i ·, i · -> · ·", "i j, i j -> · ·")

ROWS = (
    # entry by entry
    Row("exp", EACH, each.exp), Row("log ln", EACH, each.log), Row("log1p", EACH, each.log1p),
    Row("expm1", EACH, each.expm1), Row("sqrt", EACH, each.sqrt),
    Row("sin", EACH, each.sin), Row("cos", EACH, each.cos), Row("tan", EACH, each.tan),
    Row("arcsin asin", EACH, each.arcsin), Row("arccos acos", EACH, each.arccos), Row("arctan atan", EACH, each.arctan),
    Row("sinh", EACH, each.sinh), Row("cosh", EACH, each.cosh), Row("tanh", EACH, each.tanh),
    Row("arcsinh asinh", EACH, each.arcsinh), Row("arccosh acosh", EACH, each.arccosh),
    Row("arctanh atanh artanh", EACH, each.arctanh),
    Row("erf", EACH, each.erf), Row("abs absolute", EACH, each.absolute), Row("sign", EACH, each.sign),
    Row("relu ReLU", EACH, each.relu), Row("elu ELU", EACH, each.elu), Row("gelu GELU", EACH, each.gelu),
    Row("silu SiLU swish", EACH, each.silu), Row("softplus", EACH, each.softplus),
    Row("sigmoid logistic σ", EACH, each.sigmoid),
    Row("leaky_relu leakyrelu LReLU", EACH, each.LEAKY),
    Row("leaky_relu leakyrelu LReLU", _BY_SCALAR, each.sloped),
    Row("power", _BY_SCALAR, each.power), Row("hadamard multiply", PAIRS, op.hadamard),
    Row("maximum max", _ENTRYWISE, _spread(reductions.larger)),
    Row("minimum min", _ENTRYWISE, _spread(reductions.smaller)),
    # of all entries, of rows, of columns
    Row("sum total", ALL, reductions.total), Row("mean average", ALL, reductions.mean),
    Row("max amax", ALL, reductions.maximum), Row("min amin", ALL, reductions.minimum),
    Row("norm norm2 normF norm_F fro", ALL, reductions.norm), Row("norm1 norm_1", ALL, reductions.norm1),
    Row("sumsq norm2sq", ALL, reductions.square), Row("half_square", ALL, reductions.half_square),
    Row("rowsum rowsums row_sums", ("i j -> i ·",), reductions.row_sums),
    Row("rowmean rowmeans row_means", ("i j -> i ·",), reductions.row_means),
    Row("colsum colsums column_sums", ("i j -> · j",), reductions.column_sums, syntax="matlab"),
    Row("colsum colsums column_sums", ("i j -> j ·",), reductions.column_sums, syntax="numpy"),
    Row("colmean colmeans column_means", ("i j -> · j",), reductions.column_means, syntax="matlab"),
    Row("colmean colmeans column_means", ("i j -> j ·",), reductions.column_means, syntax="numpy"),
    # of vectors, and of the rows of a matrix
    Row("softmax", _SAMPLES, rows.softmax), Row("log_softmax logsoftmax", _SAMPLES, rows.log_softmax),
    Row("logsumexp log_sum_exp lse", ("i · -> · ·", "· j -> · ·", "i j -> i ·"), rows.log_sum_exp),
    Row("crossentropy cross_entropy", (*_SAME, "?i j, i · -> · ·", "?i ·, · · -> · ·"), rows.cross_entropy),
    Row("inner", _SAME[:1], space.inner), Row("outer", ("i ·, j · -> i j",), space.outer),
    Row("dot", _SAME[:1], space.inner, syntax="matlab"),
    Row("dot matmul", _NUMPY_PRODUCT, space.product, syntax="numpy"),
    # of matrices
    Row("transpose", ("?· · -> · ·", "i · -> · i", "· j -> j ·", "i j -> j i"), op.transpose, syntax="matlab"),
    Row("transpose", ("?· · -> · ·", "i · -> i ·", "i j -> j i"), lambda x: x.T, syntax="numpy"),
    Row("tr trace", NUMBER_OF_SQUARE, matrix.trace), Row("det", NUMBER_OF_SQUARE, matrix.det),
    Row("logdet", NUMBER_OF_SQUARE, matrix.logdet), Row("inv inverse", SQUARE, matrix.inverse),
    Row("adj adjugate", SQUARE, matrix.adjugate), Row("chol cholesky", SQUARE, matrix.cholesky),
    Row("expm", SQUARE, matrix.expm), Row("eig eigenvalues eigvalsh", ("i i -> i ·",), matrix.eigenvalues),
    Row("matrix_power mpower", ("i i, · · -> i i",), matrix.matrix_power),
    Row("solve", ("i i, i · -> i ·", "i i, i j -> i j"), matrix.solve),
    Row("nuclear normnuc nuclear_norm", ("i j -> · ·",), matrix.nuclear_norm),
    Row("spectral spectral_norm", ("i j -> · ·",), matrix.spectral_norm),
    Row("diag", ("i · -> i i", "· i -> i i", "i i -> i ·"), _diag), Row("diagonal", ("i i -> i ·",), op.diagonal),
    Row("tril", SQUARE, _lower), Row("triu", SQUARE, lambda x: op.transpose(_lower(op.transpose(x)))),
    # rearranged
    _KRON, Row("vec ravel", ("i · -> i ·", "· j -> j ·", "i j -> i*j ·"), arrays.vec),
    Row("reshape", ("i j -> p q", "i · -> p q", "· j -> p q"), _reshaped, ("p q",)),
    Row("reshape", ("i j -> p ·", "i · -> p ·", "· j -> p ·"), _reshaped, ("p",)),
    Row("hstack", beside, arrays.hstack, syntax="matlab"), Row("vstack", above, arrays.vstack, syntax="matlab"),
    Row("hstack", lambda n: (*after(n), beside(n)[-1]), _concatenated, syntax="numpy"),
    Row("vstack", lambda n: above(n)[:1], arrays.vstack, syntax="numpy"),
    Row("length len", ("i · -> · ·", "· j -> · ·"), _entries), Row("numel", ALL[1:], _entries),
    # constants
    Row("vector", ("· · -> i ·",), _constant, ("", "i"), counted=True),
    Row("matrix", ("· · -> i j",), _constant, ("", "i j"), counted=True),
    Row("eye identity I", ("-> i i",), lambda axes: leaves.eye(axes[0]), ("", "i"), counted=True),
    Row("onehot", ("· · -> i ·", "j · -> j i"), _onehot, ("", "i"), counted=True),
    *_filled(leaves.ones), *_filled(leaves.zeros),
)
CONSTANTS = {"pi": sp.pi, "π": sp.pi}
# NumPy's axis=0 goes down the columns, axis=1 along the rows.
ALONG = {("sum", 0): "colsum", ("sum", 1): "rowsum", ("mean", 0): "colmean", ("mean", 1): "rowmean",
         ("softmax", 1): "softmax", ("softmax", -1): "softmax", ("logsumexp", 1): "logsumexp"}


def functions(syntax: str) -> dict[str, list[Row]]:
    """The rows of each word."""
    found: dict[str, list[Row]] = {}
    for row in ROWS:
        if row.syntax in (None, syntax):
            for word in row.words.split():
                found.setdefault(word, []).append(row)
    return found


WORDS = {syntax: functions(syntax) for syntax in SIGNS}


def abstract(name: str) -> Row:
    """The row of a declared function without values."""
    return Row(name, EACH, each.function(name))
