"""What the package derives in the place of a claim: printed from a derivation, which is checked before that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

import jacobian as jac
from jacobian.derivation.write import definition, left_side
from jacobian.printing.boxes import Box, Fraction, Row, Symbol
from jacobian.printing.latex import latex
from jacobian.printing.names import join, label
from jacobian.printing.notation import boxes, derivative, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import leaves

PARTIAL, PLUS = Symbol("∂"), Symbol("+")


@dataclass(frozen=True)
class Correction:
    """Equations read off a derivation; text() and latex() raise CheckFailed where one of its steps does not hold."""

    derivation: jac.Derivation
    equations: tuple[Box, ...]

    def text(self) -> str:
        self.derivation.checked()
        return ";  ".join(map(text, self.equations))

    def latex(self) -> str:
        self.derivation.checked()
        return r",\quad ".join(map(latex, self.equations))


def derived(d: jac.Derivation) -> Correction:
    """∂J/∂W₂ = δ₂ a₁ᵀ for every variable of the derivation, with the error signals δ that it speaks of."""
    if len(d.wrt) == 1 and not any(line.name for line in d.lines):
        return Correction(d, (equation(derivative(boxes(d.goal), d.wrt[0]), boxes(d.value)),))
    lines = [line for line in d.lines if line.name or line.quantity in d.wrt]
    order = {x: k for k, x in enumerate(d.wrt)}
    lines.sort(key=lambda line: order.get(line.quantity, -1))
    return Correction(d, tuple(equation(left_side(line, d.goal), boxes(line.value)) for line in lines))


def defined(*names: jac.Expr) -> Correction:
    """The definition of each named result, such as z₁ = W₁ x + b₁; the last of them is differentiated for the check."""
    last = names[-1]
    return Correction(jac.derive(last, tuple(leaves(last))), tuple(map(definition, names)))


def entries(d: jac.Derivation, value: jac.Expr, left: Mapping[tuple[int, int], Box], sizes: Mapping[str, int],
            partial: Mapping[str, str] = MappingProxyType({})) -> Correction:
    """Entries (i, j) of an expression of the derivation, term by term, such as z₁ = W₁₁ x₁ + W₁₂ x₂ + b₁.

    `partial` says which letters stand for partial derivatives: {"F": "f g"} writes F₁₂ as ∂f₁/∂g₂.
    """
    whole = sp.Matrix([jac.explicit(value, sizes)])
    return Correction(d, tuple(equation(box, _sum(whole[i - 1, j - 1], partial)) for (i, j), box in left.items()))


def _sum(value: sp.Expr, partial: Mapping[str, str]) -> Box:
    return join([_product(term, partial) for term in sp.Add.make_args(sp.expand(value))], PLUS)


def _product(term: sp.Expr, partial: Mapping[str, str]) -> Box:
    order = {letter: k for k, letter in enumerate(partial)}
    factors = map(str, sp.Mul.make_args(term))
    ordered = sorted(factors, key=lambda factor: order.get(factor.partition("_")[0], len(order)))
    return Row(tuple(_factor(factor, partial) for factor in ordered))


def _factor(symbol: str, partial: Mapping[str, str]) -> Box:
    stem, _, index = symbol.partition("_")
    if stem not in partial:
        return label(symbol)
    over, under = partial[stem].split()
    return slope(over + index[:-1], under + index[-1])


def slope(over: str, under: str) -> Box:
    """∂f₁/∂g₂ from "f1" and "g2"."""
    return Fraction(Row((PARTIAL, label(over))), Row((PARTIAL, label(under))))
