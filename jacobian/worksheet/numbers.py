"""Numbers that a person can compute with, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from jacobian.derivation.derivation import Derivation
from jacobian.derivation.measure import complex_step
from jacobian.symbolic.assumptions import projection
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr

STEEPEST = 60            # entry of a gradient
DIGITS = 4               # printed of a number that is no fraction
FAINTEST = 10 ** (1 - DIGITS)     # such a number, so that two digits of it are seen
LONGEST = 7              # fraction, with its sign and its stroke
PRECISION = 30           # digits it is computed with


@dataclass(frozen=True)
class Instance:
    """Numbers for the symbols; every other quantity follows, as fractions where `exact`, else to `PRECISION` digits."""

    values: Mapping[Expr, Any]
    sizes: Mapping[str, int]
    exact: bool = True

    def __call__(self, x: Expr) -> Any:
        """The value of an expression, in NumPy's shape."""
        if x in self.values:
            return self.values[x]
        values = self.values if self.exact else {s: _rounded(v) for s, v in self.values.items()}
        return Binding(values, self.sizes).natural(x)

    def changed(self, other: Mapping[Expr, Any]) -> Instance:
        """The same with other values for some symbols."""
        return replace(self, values={**self.values, **other})


_rounded = np.vectorize(lambda entry: sp.Float(entry, PRECISION), otypes=[object])


def exact(array: Any) -> Any:
    return np.vectorize(sp.Integer, otypes=[object])(array)


def alive(g: Any) -> bool:
    """Whether a gradient neither vanishes nor grows out of hand."""
    return bool(np.count_nonzero(g) >= max(1, min(2, len(g) - 1)) and np.max(np.abs(g)) <= STEEPEST)


def visible(array: Any) -> bool:
    """Whether every entry is 0 or shows two digits when it is printed."""
    return all(v == 0 or abs(v) >= FAINTEST for v in np.ravel(array))


def confirm(derivation: Derivation, found: Instance) -> None:
    """Compare every gradient with the complex step at these very numbers; raises ArithmeticError if they differ."""
    bind = Binding({s: np.asarray(v, dtype=float) for s, v in found.values.items()}, found.sizes)
    for x in derivation.wrt:
        derived = np.asarray(found(derivation.value_by(x)), dtype=float).reshape(-1)
        kept = projection(x, derivation.convention).map(bind, bind.size).dense()       # changes that x may undergo
        measured = complex_step(lambda at, x=x: bind.replaced(x, at)(derivation.goal), bind(x), kept).reshape(-1)
        if not np.allclose(derived, measured, rtol=1e-9, atol=1e-9):
            raise ArithmeticError(f"∂{derivation.goal}/∂{x} = {derived} as derived, but {measured} by the complex step")


def written(x: Any, digits: int = DIGITS) -> str:
    """A number as a person writes it: 3, −0.25, 2/3; rounded to so many decimals where it has no short form."""
    value = sp.sympify(x)
    decimal = f"{round(float(value), digits) + 0.0:.{digits}f}"          # and not −0
    if not value.is_Rational:
        return str(int(value)) if float(value).is_integer() else decimal
    exact = Fraction(int(value.p), int(value.q))
    short = decimal.rstrip("0").rstrip(".")
    if Fraction(short) == exact:
        return short
    return str(exact) if len(str(exact)) <= LONGEST or not visible(value) else decimal
