"""Names, numbers and sizes as boxes, and what SymPy writes in explicit entries; how boxes are joined and called."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import Application
from sympy.core.relational import Relational

from jacobian.algebra.entries import Size
from jacobian.printing.boxes import APPLY, Box, Fence, Fraction, Name, Number, Root, Row, Sub, Super, Symbol, Words

# How tightly an expression holds together; a looser one inside a tighter one is put in brackets.
SUM, TENSOR, PRODUCT, FACTOR, ATOM = range(5)

GREEK = dict(zip(
    ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi",
     "rho", "sigma", "tau", "phi", "chi", "psi", "omega"],
    "αβγδεζηθκλμνξπρστφχψω", strict=True))
T, PRIME, TIMES, PLUS, MINUS, CIRC, OSLASH, OTIMES, OPLUS, COMMA, EQUALS, PARTIAL = map(Symbol, "⊤′·+−∘⊘⊗⊕,=∂")
LONG = 1000             # what is as long above a line is not read at a glance


@lru_cache
def label(word: str) -> Box:
    """W1 as W with the index 1, delta2 as δ with the index 2, f′ with a prime; the differential dX in italics.

    The derivative dJ_dz1 is the fraction ∂J/∂z₁.
    """
    if word.endswith("′"):
        return Super(label(word[:-1]), PRIME)
    if slope := re.fullmatch(r"d([^\W_]+)_d([^\W_]+)", word):
        return Fraction(*(Row((PARTIAL, label(part))) for part in slope.groups()))
    [(stem, index)] = re.findall(r"\A(.+?)_?(\d*)\Z", word)
    base = Name(GREEK.get(stem, stem), "italic" if re.fullmatch(r"d[^\W\d_]", stem) else None)
    return Sub(base, Number(index)) if index else base


def decimal(x: sp.Expr) -> str | None:
    """0.044715 of 8943/200000: the decimals of a positive fraction with a long numerator, where they end."""
    if not x.is_Rational or x.p < LONG or x.q == 1:
        return None
    places = max(sp.multiplicity(2, x.q), sp.multiplicity(5, x.q))
    digits = str(x * 10**places).zfill(places + 1) if 10**places % x.q == 0 else ""
    return digits and f"{digits[:-places]}.{digits[-places:]}"


@lru_cache(maxsize=1024, typed=True)
def value(x: Any) -> tuple[int, Box]:
    """A number, or a product, power or sum of sizes."""
    x = sp.sympify(x)
    for kind, row in EXPLICIT.items():
        if isinstance(x, kind):
            return row(x)
    c, _ = x.as_coeff_Mul()
    if c.is_negative:
        return SUM, Row((MINUS, boxed(-x, FACTOR)))
    if said := decimal(x):
        return ATOM, Number(said)
    over, under = x.as_numer_denom()
    if under != 1:
        return FACTOR, Fraction(boxed(over), boxed(under))
    if x.is_Number:
        return ATOM, Number(str(x))
    if x.is_Symbol:
        return ATOM, label(x.name)
    if x.is_Pow and x.exp == sp.Rational(1, 2):
        return ATOM, Root(boxed(x.base))
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
    return ATOM, Name(GREEK.get(str(x), str(x)))


def _pieces(x: Any) -> tuple[int, Box]:
    """[x > 0], or all pieces: {x if x > 0; 0 otherwise}."""
    if len(x.args) == 2 and (x.args[0].expr, x.args[1].expr) == (1, 0):
        return ATOM, Fence("[", boxed(x.args[0].cond), "]")
    ends = (Words("otherwise") if holds == sp.true else Row((Words("if"), boxed(holds))) for _, holds in x.args)
    said: list[Box] = [Row((boxed(piece), end)) for (piece, _), end in zip(x.args, ends, strict=True)]
    return ATOM, Fence("{", join(said, Symbol(";")), "}")


def _related(x: Any) -> tuple[int, Box]:
    sign = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}.get(x.rel_op, x.rel_op)
    return SUM, Row((boxed(x.lhs), Symbol(sign), boxed(x.rhs)))


# What SymPy writes in entries, beside products, powers and sums.
EXPLICIT: dict[type, Callable[[Any], tuple[int, Box]]] = {
    sp.Piecewise: _pieces, Relational: _related,
    sp.Abs: lambda x: (ATOM, Fence("|", boxed(x.args[0]), "|")),
    Application: lambda x: (ATOM, call(label(x.func.__name__), *map(boxed, x.args))),
}


def boxed(x: Any, tightness: int = SUM) -> Box:
    """The same, in brackets if it is looser than `tightness`."""
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
    return join([boxed(n, PRODUCT if len(sizes) > 1 else SUM) for n in sizes], Symbol("×")) if sizes else Name("scalar")
