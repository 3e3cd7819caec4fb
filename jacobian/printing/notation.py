"""Matrix notation: an expression as boxes, by one row for each operation. The printers of boxes do the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import sympy as sp

from jacobian.algebra.entries import Size
from jacobian.errors import MissingRule
from jacobian.printing.boxes import Box, Fence, Fraction, Grid, Name, Number, Root, Row, Sub, Super, Symbol
from jacobian.printing.names import (
    ATOM,
    CIRC,
    COMMA,
    EQUALS,
    FACTOR,
    MINUS,
    OPLUS,
    OSLASH,
    OTIMES,
    PARTIAL,
    PLUS,
    PRODUCT,
    SUM,
    TENSOR,
    T,
    boxed,
    call,
    join,
    label,
    value,
)
from jacobian.printing.text import text
from jacobian.symbolic.elementwise import TABLE, power
from jacobian.symbolic.expr import Expr, make
from jacobian.symbolic.indices import Place
from jacobian.symbolic.leaves import SCALAR, inserted, is_one, number
from jacobian.symbolic.operations import coefficient, hadamard, scale, transpose
from jacobian.symbolic.reductions import NORM
from jacobian.symbolic.rewrites.factors import factored

BESIDE = Symbol("\u2063")        # between two indices

Notation = Callable[[Expr], tuple[int, Box]]
NOTATION: dict[str, Notation] = {}
_written: WeakKeyDictionary[Expr, tuple[int, Box]] = WeakKeyDictionary()


def boxes(x: Expr, tightness: int = SUM) -> Box:
    """The expression in matrix notation, in brackets if it is looser than `tightness`. Raises MissingRule."""
    if x not in _written:
        row = NOTATION.get(x.operation.name)
        if row is None:
            raise MissingRule(f"no notation for {x.operation.name}: write its row in jacobian/printing/notation.py")
        _written[x] = row(x)
    loose, box = _written[x]
    return box if loose >= tightness else Fence("(", box, ")")


def shown(operation: str) -> Callable[[Notation], Notation]:
    """Make the decorated function the notation of an operation."""
    def add(row: Notation) -> Notation:
        NOTATION[operation] = row
        return row

    return add


# ---- leaves ---------------------------------------------------------------------------------------------------------


@shown("symbol")
@shown("named")
def _(x: Expr) -> tuple[int, Box]:
    found = label(str(x.data))
    return FACTOR if isinstance(found, Fraction) else ATOM, found


NOTATION["number"] = lambda x: value(x.data)


def _indexed(symbol: Box, *sizes: Size) -> Box:
    kept = [boxed(n) for n in sizes if n is not None]
    return Sub(symbol, join(kept, COMMA) if len(kept) > 1 else kept[0])


def _turned(x: Expr, box: Box) -> tuple[int, Box]:
    """A row is written as the transpose of a column."""
    return (FACTOR, Super(box, T)) if x.axes[0] is None else (ATOM, box)


NOTATION["ones"] = lambda x: _turned(x, _indexed(Name("1", "bold"), *x.axes))
NOTATION["zeros"] = lambda x: _turned(x, _indexed(Name("0", "bold"), *x.axes))
NOTATION["eye"] = lambda x: (ATOM, _indexed(Name("I"), x.axes[0]))
NOTATION["commutation"] = NOTATION["commutation by columns"] = lambda x: (ATOM, _indexed(Name("K"), *x.data))
NOTATION["selection"] = lambda x: (ATOM, _indexed(Name("S"), x.data))
NOTATION["insertion"] = lambda x: (ATOM, Grid(tuple((boxes(block),) for block in inserted(x))))
NOTATION["tril"] = lambda x: (ATOM, _indexed(Name("Λ"), x.axes[0]))
NOTATION["permutation"] = lambda x: (ATOM, _indexed(Name("P"), x.axes[0]))
NOTATION["gather"] = lambda x: (ATOM, _indexed(Name("R"), *x.axes))


# ---- sums and products ---------------------------------------------------------------------------------------------


def column(row: Notation) -> Notation:
    """A row is written as the transpose of a column: (x + y)ᵀ."""
    return lambda x: (FACTOR, Super(boxes(transpose(x), ATOM), T)) if x.axes[0] is None != x.axes[1] else row(x)


@shown("add")
@column
def _(x: Expr) -> tuple[int, Box]:
    plus = [k for k, term in enumerate(x.args) if not coefficient(term)[0].could_extract_minus_sign()]
    lead = plus[0] if plus else 0                   # a sum begins without a sign where it can
    first, rest = x.args[lead], x.args[:lead] + x.args[lead + 1:]
    items = [boxes(first)]
    for term in rest:
        c, body = coefficient(term)
        if c.could_extract_minus_sign():
            items += [MINUS, boxes(scale(number(-c), body), TENSOR)]
        else:
            items += [PLUS, boxes(term, TENSOR)]
    return SUM, Row(tuple(items))


@shown("scale")
def _(x: Expr) -> tuple[int, Box]:
    s, body = x.args
    c, _ = coefficient(x)
    if c.could_extract_minus_sign():
        return SUM, Row((MINUS, boxes(scale(number(-c), body), PRODUCT)))
    scalars = PRODUCT if s.operation.name == "hadamard" else FACTOR
    return _quotient(x) or (PRODUCT, Row((boxes(s, scalars), boxes(body, _beside(body)))))


def _beside(x: Expr) -> int:
    """How tightly x must hold together beside a scalar factor."""
    return FACTOR if x.operation.name == "hadamard" and x.axes != SCALAR else PRODUCT


def _quotient(x: Expr) -> tuple[int, Box] | None:
    """X/s of s⁻¹ X, (s/t) X of s t⁻¹ X; None where no scalar is below the line."""
    c, scalars, body = factored(x)
    alone = is_one(body) and body.axes == SCALAR
    below = [s for s in scalars if _exponent(s) < 0]
    if not below:
        return None
    p, q = ([number(part)] if part != 1 else [] for part in c.as_numer_denom())
    over = [s for s in scalars if s not in below]
    under = _factors([*q, *(power(s.args[0], -s.data.exponent) for s in below)])
    if over and not alone:
        return PRODUCT, Row((Fraction(_factors([*p, *over]), under), boxes(body, _beside(body))))
    return FACTOR, Fraction(_factors([*p, *over] if alone else [*p, body]), under)


def _exponent(s: Expr) -> Any:
    """The number k of a power sᵏ, else 1."""
    k = s.data.exponent if s.operation.name == "map" else None
    return k if k is not None and k.is_number else 1


def _factors(xs: Sequence[Expr]) -> Box:
    """A product of scalars, numbers and short ones first, or of a number and a matrix."""
    if len(xs) < 2:
        return boxes(xs[0]) if xs else Number("1")
    *front, last = sorted(xs, key=lambda x: (x.operation.name != "number", not _short(x)))
    alone = all(x.operation.name == "number" for x in front)
    return Row((*(boxes(x, PRODUCT if x.operation.name == "sum over" else FACTOR) for x in front),
                boxes(last, _beside(last) if alone or last.operation.name == "sum over" else FACTOR)))


@shown("hadamard")
@column
def _(x: Expr) -> tuple[int, Box]:
    if x.axes == SCALAR:
        return _quotient(x) or (PRODUCT, _factors(x.args))
    under = [factor for factor in x.args if _exponent(factor) < 0]
    over = [factor for factor in x.args if factor not in under]
    if not (over and under):
        return PRODUCT, _entrywise(x.args)
    below = hadamard(*(power(factor.args[0], -factor.data.exponent) for factor in under))
    return PRODUCT, join([_entrywise(over), boxes(below, FACTOR)], OSLASH)


def _entrywise(factors: Sequence[Expr]) -> Box:
    return join([boxes(factor, FACTOR) for factor in factors], CIRC)


def _short(x: Expr) -> bool:
    """Whether x is a symbol or a power cᵏ, k > 0, which stands before functions, sums and changes: c exp(…) dx."""
    raised = x.operation.name == "map" and x.data.exponent is not None and not x.data.exponent.is_negative
    base = x.args[0] if raised else x
    return base.label is not None and base.origin is base


NOTATION["matmul"] = lambda x: (PRODUCT, Row(tuple(boxes(factor, FACTOR) for factor in x.args)))
NOTATION["kron"] = lambda x: (TENSOR, join([boxes(factor, TENSOR) for factor in x.args], OTIMES))
NOTATION["block"] = lambda x: (PRODUCT, join([boxes(factor, FACTOR) for factor in x.args], OPLUS))
NOTATION["lift"] = lambda x: NOTATION[x.args[0].operation.name](x.args[0])


# ---- functions -----------------------------------------------------------------------------------------------------


@shown("map")
def _(x: Expr) -> tuple[int, Box]:
    f, arg = x.data, x.args[0]
    if f.exponent is None:
        return ATOM, call(Name(f.name) if f.name in TABLE else label(f.name), boxes(arg))
    if arg.axes == SCALAR:
        return _quotient(x) or _power(arg, f.exponent)
    return FACTOR, Super(boxes(arg, ATOM), Row((CIRC, boxed(f.exponent))))


# What is a power itself: of what, and the exponent.
POWERS: dict[str, Callable[[Expr], tuple[Expr, int]]] = {
    "square": lambda x: (make(NORM, x.args), 2), "inverse": lambda x: (x.args[0], -1),
}


def _power(x: Expr, k: Any) -> tuple[int, Box]:
    """xᵏ; ‖x‖⁻⁴ of (‖x‖²)⁻², X⁻² of (X⁻¹)²."""
    if k == sp.Rational(1, 2):
        return ATOM, Root(boxes(x))
    row = POWERS.get(x.operation.name)
    base, inner = row(x) if row else (x, 1)
    return FACTOR, Super(boxes(base, ATOM), boxed(k * inner))


@shown("power")
def _(x: Expr) -> tuple[int, Box]:
    base, exponent = x.args
    up = boxes(exponent)
    return FACTOR, Super(boxes(base, ATOM), up if base.axes == SCALAR else Row((CIRC, up)))


NOTATION["square"] = NOTATION["inverse"] = lambda x: _power(x, 1)
NOTATION["matrix_power"] = lambda x: _power(x.args[0], x.data)


@shown("transpose")
def _(x: Expr) -> tuple[int, Box]:
    inside = x.args[0]
    if inside.operation.name == "inverse":
        return FACTOR, Super(boxes(inside.args[0], ATOM), Row((MINUS, T)))
    return FACTOR, Super(boxes(inside, ATOM), T)


NOTATION["norm"] = lambda x: (ATOM, Fence("‖", boxes(x.args[0]), "‖"))


def _indexed_norm(mark: Box) -> Notation:
    return lambda x: (ATOM, Sub(Fence("‖", boxes(x.args[0]), "‖"), mark))


NOTATION["norm1"] = _indexed_norm(Number("1"))
NOTATION["spectral"] = _indexed_norm(Number("2"))
NOTATION["nuclear"] = _indexed_norm(Symbol("∗"))
NOTATION["peak"] = lambda x: (ATOM, call(Name("arg" + x.data), boxes(x.args[0])))
NOTATION["extreme"] = lambda x: (ATOM, call(Name(x.data), boxes(x.args[0])))
NOTATION["larger"] = lambda x: (ATOM, call(Name(x.data), *map(boxes, x.args)))
NOTATION["greater"] = lambda x: (ATOM, Fence("[", Row((boxes(x.args[0]), Symbol(">"), boxes(x.args[1]))), "]"))
NOTATION["frechet"] = lambda x: (ATOM, call(Sub(Name("L"), Name("exp")), boxes(x.args[0])))
NOTATION["eigenvectors"] = lambda x: (ATOM, call(Name("V"), boxes(x.args[0])))
NOTATION["polar"] = lambda x: (ATOM, call(Name("polar"), boxes(x.args[0])))
NOTATION["leading"] = lambda x: (ATOM, call(Name("lead"), boxes(x.args[0])))


@shown("part")
def _(x: Expr) -> tuple[int, Box]:
    n, before = x.data
    rows = Row((boxed(before + 1), Symbol(":"), boxed(before + (1 if n is None else n))))
    return ATOM, Sub(boxes(x.args[0], ATOM), rows)


def _stacked(x: Expr) -> tuple[int, Box]:
    down = x.operation.name == "vstack"
    cells = tuple(map(boxes, x.args))
    return ATOM, Grid(tuple((cell,) for cell in cells) if down else (cells,))


NOTATION["vstack"] = NOTATION["hstack"] = _stacked
NOTATION["reshape"] = lambda x: (ATOM, Sub(call(Name("mat"), boxes(x.args[0])),
                                           join([boxed(n) for n in x.axes if n is not None], Symbol("×"))))
NOTATION["half_square"] = lambda x: (PRODUCT, Row((Fraction(Number("1"), Number("2")),
                                                   _power(make(NORM, x.args), 2)[1])))
NOTATION["onehot"] = lambda x: (ATOM, Sub(Name("e" if x.args[0].axes == SCALAR else "E"), boxes(x.args[0])))


def _called(word: str) -> Notation:
    return lambda x: (ATOM, call(Name(word), *map(boxes, x.args)))


for operation, word in {"softmax": "softmax", "log_sum_exp": "logsumexp", "cross_entropy": "CE", "diag": "diag",
                        "diagonal": "diagonal", "vec": "vec", "det": "det",
                        "logdet": "log det", "adjugate": "adj", "trace": "tr", "cholesky": "chol", "expm": "exp",
                        "eigenvalues": "eig"}.items():
    NOTATION[operation] = _called(word)


# ---- indices -------------------------------------------------------------------------------------------------------


def _place(p: Place) -> Box:
    """k, k + 2, n (k − 1) + l: counted from 1."""
    ends = bool(p.parts) and p.parts[-1][1] == 1
    front = [Row((boxed(stride, FACTOR), Fence("(", Row((Name(k.name), MINUS, Number("1"))), ")")))
             for k, stride in p.parts[:-1 if ends else None]]
    rest = p.offset if ends else p.offset + 1
    return join([*front, *([Name(p.parts[-1][0].name)] if ends else ()), *([boxed(rest)] if rest != 0 else ())], PLUS)


def subscript(x: Box, *places: Place) -> Box:
    """xᵢⱼ, with commas where an index is more than a letter."""
    short = all(p.plain for p in places)
    return Sub(x, join([_place(p) for p in places], BESIDE if short else COMMA))


@shown("entry")
def _(x: Expr) -> tuple[int, Box]:
    inside = boxes(x.args[0], ATOM)
    return ATOM, subscript(Fence("(", inside, ")") if isinstance(inside, Sub | Super) else inside, *x.data)


@shown("compare")
def _(x: Expr) -> tuple[int, Box]:
    sign, p, q = x.data
    if sign == "δ":
        return ATOM, subscript(Name("δ"), p, q)
    return ATOM, Fence("[", Row((_place(p), Symbol(sign), _place(q))), "]")


NOTATION["sum over"] = lambda x: (PRODUCT, Row((Sub(Symbol("∑"), Name(x.data.name)), boxes(x.args[0], PRODUCT))))


NOTATION["vec by columns"], NOTATION["frechet by columns"] = NOTATION["vec"], NOTATION["frechet"]


def derivative(over: Box, under: Expr) -> Fraction:
    """∂over/∂under."""
    return Fraction(Row((PARTIAL, over)), Row((PARTIAL, boxes(under, ATOM))))


def equation(left: Box, *right: Box) -> Row:
    """left = right = …"""
    return join([left, *right], EQUALS)


Expr.printer = staticmethod(lambda x: text(boxes(x)))
