"""Matrix notation: an expression as boxes, by one row for each operation. The printers of boxes do the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sympy as sp

from jacobian.algebra.entries import Size
from jacobian.errors import MissingRule
from jacobian.printing.boxes import APPLY, Box, Fence, Fraction, Name, Number, Row, Sub, Super, Symbol
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.operations import SCALAR, coefficient, number, scale

# How tightly an expression holds together; a looser one inside a tighter one is put in brackets.
SUM, PRODUCT, FACTOR, ATOM = range(4)

GREEK = dict(zip(
    ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi",
     "rho", "sigma", "tau", "phi", "chi", "psi", "omega"],
    "αβγδεζηθκλμνξπρστφχψω", strict=True))
T, PRIME, TIMES, PLUS, MINUS, CIRC, OTIMES, OPLUS, COMMA, EQUALS, PARTIAL = map(Symbol, "⊤′·+−∘⊗⊕,=∂")

Notation = Callable[[Expr], tuple[int, Box]]
NOTATION: dict[str, Notation] = {}


def boxes(x: Expr, tightness: int = SUM) -> Box:
    """The expression in matrix notation, in brackets if it is looser than `tightness`. Raises MissingRule."""
    row = NOTATION.get(x.operation.name)
    if row is None:
        raise MissingRule(f"no notation for {x.operation.name}: write its row in jacobian/printing/notation.py")
    loose, box = row(x)
    return box if loose >= tightness else Fence("(", box, ")")


def shown(operation: str) -> Callable[[Notation], Notation]:
    """Make the decorated function the notation of an operation."""
    def add(row: Notation) -> Notation:
        NOTATION[operation] = row
        return row

    return add


# ---- names and numbers ---------------------------------------------------------------------------------------------


def label(word: str) -> Box:
    """W1 as W with the index 1, delta2 as δ with the index 2, f′ with a prime."""
    if word.endswith("′"):
        return Super(label(word[:-1]), PRIME)
    [(stem, index)] = re.findall(r"\A(.+?)_?(\d*)\Z", word)
    base = Name(GREEK.get(stem, stem))
    return Sub(base, Number(index)) if index else base


def value(x: Any) -> tuple[int, Box]:
    """A number, or a product, power or sum of sizes."""
    x = sp.sympify(x)
    c, _ = x.as_coeff_Mul()
    if c.is_negative:
        return SUM, Row((MINUS, boxed(-x, FACTOR)))
    over, under = x.as_numer_denom()
    if under != 1:
        return FACTOR, Fraction(boxed(over), boxed(under))
    if x.is_Number:
        return ATOM, Number(str(x))
    if x.is_Symbol:
        return ATOM, label(x.name)
    if x.is_Pow:
        return FACTOR, Super(boxed(x.base, ATOM), boxed(x.exp))
    if x.is_Mul:
        return PRODUCT, Row(tuple(boxed(arg, FACTOR) for arg in x.as_ordered_factors()))
    if x.is_Add:
        first, *rest = x.as_ordered_terms()
        items = [boxed(first)]
        for term in rest:
            minus = term.could_extract_minus_sign()
            items += [MINUS if minus else PLUS, boxed(-term if minus else term, PRODUCT)]
        return SUM, Row(tuple(items))
    return ATOM, Name(str(x))


def boxed(x: Any, tightness: int = SUM) -> Box:
    loose, box = value(x)
    return box if loose >= tightness else Fence("(", box, ")")


def join(items: list[Box], between: Box) -> Row:
    """Items with something between each two."""
    return Row(tuple(part for item in items for part in (between, item))[1:])


def call(name: Box, *args: Box) -> Row:
    """name(args)."""
    return Row((name, APPLY, Fence("(", join(list(args), COMMA), ")")))


def shape(sizes: tuple[Size, ...]) -> Box:
    """A shape in words of a person: scalar, n, m × n."""
    return join([boxed(n) for n in sizes], Symbol("×")) if sizes else Name("scalar")


NOTATION["symbol"] = NOTATION["named"] = lambda x: (ATOM, label(str(x.data)))
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
NOTATION["commutation"] = lambda x: (ATOM, _indexed(Name("K"), *x.data))
NOTATION["selection"] = lambda x: (ATOM, _indexed(Name("S"), x.data))
NOTATION["permutation"] = lambda x: (ATOM, _indexed(Name("P"), x.axes[0]))


# ---- sums and products ---------------------------------------------------------------------------------------------


@shown("add")
def _(x: Expr) -> tuple[int, Box]:
    first, *rest = x.args
    items = [boxes(first)]
    for term in rest:
        c, body = coefficient(term)
        if c.could_extract_minus_sign():
            items += [MINUS, boxes(scale(number(-c), body), PRODUCT)]
        else:
            items += [PLUS, boxes(term, PRODUCT)]
    return SUM, Row(tuple(items))


@shown("scale")
def _(x: Expr) -> tuple[int, Box]:
    s, body = x.args
    c, _ = coefficient(x)
    tightness = FACTOR if body.operation.name == "hadamard" and body.axes != SCALAR else PRODUCT
    if c.could_extract_minus_sign():
        return SUM, Row((MINUS, boxes(scale(number(-c), body), PRODUCT)))
    return PRODUCT, Row((boxes(s, FACTOR), boxes(body, tightness)))


@shown("hadamard")
def _(x: Expr) -> tuple[int, Box]:
    if x.axes == SCALAR:
        return PRODUCT, Row(tuple(boxes(factor, FACTOR) for factor in x.args))
    return PRODUCT, join([boxes(factor, FACTOR) for factor in x.args], CIRC)


NOTATION["matmul"] = lambda x: (PRODUCT, Row(tuple(boxes(factor, FACTOR) for factor in x.args)))
NOTATION["kron"] = lambda x: (PRODUCT, join([boxes(factor, FACTOR) for factor in x.args], OTIMES))
NOTATION["block"] = lambda x: (PRODUCT, join([boxes(factor, FACTOR) for factor in x.args], OPLUS))
NOTATION["lift"] = lambda x: NOTATION[x.args[0].operation.name](x.args[0])
NOTATION["transpose"] = lambda x: (FACTOR, Super(boxes(x.args[0], ATOM), T))


# ---- functions -----------------------------------------------------------------------------------------------------


@shown("map")
def _(x: Expr) -> tuple[int, Box]:
    f, arg = x.data, x.args[0]
    if f.exponent is None:
        return ATOM, call(label(f.name), boxes(arg))
    exponent = boxed(f.exponent)
    return FACTOR, Super(boxes(arg, ATOM), exponent if arg.axes == SCALAR else Row((CIRC, exponent)))


def _norm(x: Expr) -> Box:
    return Super(Fence("‖", boxes(x.args[0]), "‖"), Number("2"))


NOTATION["square"] = lambda x: (FACTOR, _norm(x))
NOTATION["half_square"] = lambda x: (PRODUCT, Row((Fraction(Number("1"), Number("2")), _norm(x))))
NOTATION["onehot"] = lambda x: (ATOM, Sub(Name("e"), boxes(x.args[0])))


def _called(word: str) -> Notation:
    return lambda x: (ATOM, call(Name(word), *map(boxes, x.args)))


for operation, word in {"softmax": "softmax", "log_sum_exp": "logsumexp", "cross_entropy": "CE", "diag": "diag",
                        "diagonal": "diagonal", "vec": "vec"}.items():
    NOTATION[operation] = _called(word)


def derivative(over: Box, under: Expr) -> Fraction:
    """∂over/∂under."""
    return Fraction(Row((PARTIAL, over)), Row((PARTIAL, boxes(under, ATOM))))


def equation(left: Box, *right: Box) -> Row:
    """left = right = …"""
    return join([left, *right], EQUALS)


Expr.printer = staticmethod(lambda x: text(boxes(x)))
