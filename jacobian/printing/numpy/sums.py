"""Source of leaves, sums and multiples: `2 * x - s`, `x / n`, ones that NumPy broadcasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jacobian.algebra.entries import count
from jacobian.printing.numpy.elementwise import power
from jacobian.printing.numpy.program import (
    ATOM,
    PRODUCT,
    SIGN,
    SOURCE,
    SUM,
    WHOLE,
    Code,
    Program,
    axes,
    literal,
    written,
)
from jacobian.symbolic.elementwise import MAP
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.operations import HADAMARD, coefficient

# ---- leaves and names ------------------------------------------------------------------------------------------------

SOURCE["symbol"] = lambda p, x: Code(p.named(x))
SOURCE["named"] = lambda p, x: p.full(x.args[0])
SOURCE["ones"] = lambda p, x: Code("1", covers=frozenset())
SOURCE["zeros"] = lambda p, x: Code(f"np.zeros({p.shape(x.shape)}, {p.dtype()})")
SOURCE["eye"] = lambda p, x: Code(f"np.eye({p.size(x.axes[0])}, dtype={p.dtype()})")
SOURCE["tril"] = lambda p, x: Code(f"np.tri({p.size(x.axes[0])}, dtype={p.dtype()})")
SOURCE["gather"] = lambda p, x: Code(
    f"(np.array({list(x.data)})[:, None] == np.arange({x.axes[1]})).astype({p.dtype()})")
SOURCE["permutation"] = lambda p, x: Code(f"np.eye({len(x.data)}, dtype={p.dtype()})[{list(x.data)}]")


@written("number")
def _(p: Program, x: Expr) -> Code:
    for n in x.data.free_symbols:
        p.size(n)
    return literal(x.data, p.named)


@written("commutation")
def _(p: Program, x: Expr) -> Code:
    m, n = (p.size(count(k)) for k in x.data)
    mn = p.size(x.axes[0])
    order = f"np.arange({mn}).reshape({m}, {n}).T.reshape(-1)"
    return Code(f"np.eye({mn}, dtype={p.dtype()})[{order}]")


@written("selection")
def _(p: Program, x: Expr) -> Code:
    return Code(f"np.eye({p.size(x.axes[1])}, dtype={p.dtype()})[::{p.size(x.axes[0])} + 1]")


@written("insertion")
def _(p: Program, x: Expr) -> Code:
    n, before, _ = x.data
    return Code(f"np.eye({p.size(x.axes[0])}, {p.size(count(n))}, -{p.size(before).at(ATOM)}, dtype={p.dtype()})")


# ---- sums and multiples ----------------------------------------------------------------------------------------------


@written("add")
def _(p: Program, x: Expr) -> Code:
    text, covers = "", frozenset[int]()
    for term in x.args:
        c, body = coefficient(term)
        minus = c.could_extract_minus_sign() and bool(text)
        code = _multiple(p, -c if minus else c, body)
        covers |= code.covers & axes(body)
        sign = (" - " if minus else " + ") if text else ""
        text += sign + code.at(PRODUCT)
    return Code(text, SUM, covers=_settled(covers, x))


def _settled(covers: frozenset[int], x: Expr) -> frozenset[int]:
    return WHOLE if covers >= axes(x) else covers


@written("scale")
def _(p: Program, x: Expr) -> Code:
    s, body = x.args
    c, rest = coefficient(x)
    return _multiple(p, c, rest) if rest is not x else _fraction(p, (*_scalars(s), body), x)


def _multiple(p: Program, c: Any, body: Expr) -> Code:
    """c times body for a number c: 2 * x, x / 3, -x."""
    code = p.code(body)
    for n in c.free_symbols:
        p.size(n)
    over, under = c.as_numer_denom() if c.free_symbols or c.is_Rational else (c, 1)
    if over == -1:
        code = Code(f"-{code.at(SIGN)}", SIGN, covers=code.covers)
    elif over != 1:
        code = _product(literal(over, p.named), code)
    if under == 1:
        return code
    return Code(f"{code.at(PRODUCT)} / {literal(under, p.named).at(SIGN)}", PRODUCT, covers=code.covers)


def _product(left: Code, right: Code) -> Code:
    """left * right, where a one is not written."""
    if right.text == "1":
        return replace(left, covers=right.covers)
    return Code(f"{left.at(PRODUCT)} * {right.at(SIGN)}", PRODUCT, covers=right.covers)


SOURCE["hadamard"] = lambda p, x: _fraction(p, x.args, x)


def _scalars(s: Expr) -> tuple[Expr, ...]:
    return s.args if s.operation is HADAMARD else (s,)


def _fraction(p: Program, factors: Sequence[Expr], x: Expr) -> Code:
    """The product of the factors, x; negative powers are written below the line."""
    above: list[Code] = []
    below: list[Code] = []
    found: list[frozenset[int]] = []
    for factor in factors:
        k = factor.data.exponent if factor.operation is MAP else None
        if k is None or k > 0:
            code = p.code(factor)
            above.append(code)
        else:
            code = power(p.code(factor.args[0]), -k)
            below.append(code)
        found.append(code.covers & axes(factor))
    covers = frozenset[int]().union(*found)
    above = [code for code in above if code.text != "1"]
    text = " * ".join(code.at(PRODUCT if k == 0 else SIGN) for k, code in enumerate(above)) or "1"
    text += "".join(f" / {code.at(SIGN)}" for code in below)
    return Code(text, PRODUCT, covers=_settled(covers, x))
