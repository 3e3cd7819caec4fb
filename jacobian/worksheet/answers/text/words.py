"""The words of an answer: functions with how many operands they take, and what they make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from jacobian.symbolic import elementwise as each
from jacobian.symbolic.elementwise import LEAKY, TABLE, Function

SECH = Function("sech", lambda x: 1 / sp.cosh(x))
MAPS: dict[str, Function] = {
    **{word: f for f in TABLE.values() for word in (f.name, f.name.lower())},
    "ln": each.log, "sigmoid": each.sigmoid, "logistic": each.sigmoid, "sigma": each.sigmoid, "sigm": each.sigmoid,
    "asin": each.arcsin, "acos": each.arccos, "atan": each.arctan, "swish": each.silu, "absolute": each.absolute,
    "sgn": each.sign, "sech": SECH, "th": each.tanh, "ReLU": each.relu,
    "sqrt": Function("sqrt", sp.sqrt), "square": Function("square", lambda x: x**2), "leaky_relu": LEAKY,
    "leakyrelu": LEAKY, "lrelu": LEAKY,
}


@dataclass(frozen=True)
class Word:
    """`kind` of the node that a call makes, and the numbers of operands that it takes."""

    kind: str
    least: int
    most: int
    data: Any = None


def _words(spelled: str, kind: str, least: int, most: int | None = None, data: Any = None) -> dict[str, Word]:
    return dict.fromkeys(spelled.split(), Word(kind, least, most or least, data))


WORDS: dict[str, Word] = {
    **{name: Word("map", 1, 1, f) for name, f in MAPS.items()},
    **_words("sum total", "sum", 1), **_words("mean average avg", "mean", 1), **_words("norm norm2", "norm", 1, 2),
    **_words("rowsum row_sums", "sum", 1, data=1), **_words("colsum column_sums", "sum", 1, data=0),
    **_words("sumsq", "sumsq", 1), **_words("half_square", "half square", 1),
    **_words("softmax", "softmax", 1), **_words("diag diagonal diagflat", "diag", 1),
    **_words("transpose", "turn", 1), **_words("inv inverse", "inv", 1), **_words("det", "det", 1),
    **_words("adj adjugate", "adj", 1), **_words("logdet", "logdet", 1), **_words("tr trace", "trace", 1),
    **_words("vec ravel flatten", "vec", 1),
    **_words("outer", "outer", 2), **_words("inner vdot", "inner", 2), **_words("dot matmul", "product", 2),
    **_words("multiply hadamard", "times", 2), **_words("kron", "kron", 2), **_words("solve", "solve", 2),
    **_words("where", "where", 3), **_words("max maximum", "maximum", 1, 2), **_words("min minimum", "minimum", 1, 2),
    **_words("heaviside", "step", 1, 2), **_words("step", "step", 1), **_words("power", "power", 2),
    **_words("length len numel", "length", 1), **_words("ones", "ones", 0, 2), **_words("zeros", "zeros", 0, 2),
    **_words("eye identity", "eye", 0, 2), **_words("ones_like", "ones like", 1),
    **_words("array asarray tensor Matrix", "same", 1), **_words("vector", "same", 1, 2),
    **_words("matrix", "same", 1, 3), **_words("einsum", "einsum", 2, 4), **_words("float", "same", 1),
    **_words("reshape", "reshape", 2, 3), **_words("astype", "same", 1, 2), **_words("copy", "same", 1),
    **_words("int", "same", 1), **_words("Rational divide", "over", 2), **_words("size", "size", 1, 2),
    **_words("add", "+", 2), **_words("subtract", "-", 2), **_words("negative", "neg", 1),
    **_words("atleast_2d", "lifted", 1),
}
FILLED = {0: "zeros", 1: "ones"}        # vector(1) and vector(1, n) are vectors of ones
CONSTANTS = {"pi": sp.pi.evalf()}
