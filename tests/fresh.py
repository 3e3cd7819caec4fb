"""Random functions with exact derivatives, new at every seed: SymPy expressions in doubles, single precision, noise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from hard import cast, noisy, single_inside

LARGEST, SMALLEST = 1e8, 1e-8     # entries beyond these are drawn again

UNARY: tuple[Callable[[Any], Any], ...] = (
    sp.sin, sp.cos, sp.exp, sp.tanh, sp.atan, lambda u: sp.log(u**2 + 1), lambda u: sp.sqrt(u**2 + 1),
    lambda u: 1 / (1 + u**2), lambda u: u**2, lambda u: u**3, lambda u: sp.exp(-(u**2)), lambda u: 1 / (1 + sp.exp(-u)),
    lambda u: sp.sin(7 * u), lambda u: -u, lambda u: sp.log(1 + sp.exp(u)), lambda u: 1 / u,
)
KINDS: dict[str, Callable[[np.random.Generator], Callable[..., Any]]] = {
    "clean": lambda random: lambda f: f,
    "real code": lambda random: cast,
    "float32": lambda random: single_inside,
    "noisy": lambda random: noisy(10 ** random.uniform(-11, -3)),
}


@dataclass(frozen=True)
class Fresh:
    """f: (n,) → (m,) in doubles and J, its exact Jacobian at x."""

    name: str
    family: str
    f: Callable[..., Any]
    x: Any
    exact: Any

    def __call__(self, x: Any) -> Any:
        return self.f(x)

    def slopes(self) -> tuple[Any, Any]:
        return self.exact, self.exact


def expression(random: np.random.Generator, x: list[sp.Symbol], depth: int) -> sp.Expr:
    if depth == 0:
        return x[random.integers(len(x))]       # a constant would be rounded in f, which no one can see from outside
    if random.random() < 0.5:
        return UNARY[random.integers(len(UNARY))](expression(random, x, depth - 1))
    a, b = expression(random, x, depth - 1), expression(random, x, depth - 1)
    return a * b if random.random() < 0.5 else a + sp.Integer(int(random.integers(1, 4))) * b


def fresh(seed: int, count: int, family: str) -> Iterator[Fresh]:
    """`count` functions of a family; the same for the same seed."""
    random = np.random.default_rng([seed, sorted(KINDS).index(family)])
    found = 0
    while found < count:
        n, m = int(random.integers(1, 5)), int(random.integers(1, 4))
        x = list(sp.symbols(f"x:{n}", real=True))
        y = [expression(random, x, int(random.integers(1, 5))) for _ in range(m)]
        if any(entry.has(sp.zoo, sp.oo, sp.nan) for entry in y):
            continue
        point = random.choice([-1.0, 1.0], n) * 10 ** random.uniform(-1.5, 0.7, n)
        point = np.float32(point).astype(float)
        f, exact = sp.lambdify([x], y, "numpy"), jacobian(y, x, point)
        with np.errstate(all="ignore"):
            finite = np.isfinite(np.array(f(point), float)).all()
        wrap = KINDS[family](random)
        if exact is not None and finite:
            yield Fresh(f"{y}".replace(" ", ""), family, wrap(lambda z, f=f: np.array(f(z))), point, exact)
            found += 1


def jacobian(y: list[sp.Expr], x: list[sp.Symbol], point: Any) -> Any:
    """∂y/∂x to 60 digits, or None where a value or an entry is no number of a usual size."""
    with mpmath.workdps(60):
        at = [mpmath.mpf(float(p)) for p in point]
        rows = [[sp.diff(entry, symbol) for symbol in x] for entry in y]
        try:
            values = sp.lambdify([x], y, "mpmath")(at)
            exact = np.array(sp.lambdify([x], rows, "mpmath")(at), dtype=object)
        except (ArithmeticError, ValueError):
            return None
        sizes = [abs(mpmath.mpmathify(v)) for v in (*values, *exact.ravel())]
    usual = all(size == 0 or SMALLEST < size < LARGEST for size in sizes)
    return exact if usual and any(exact.ravel()) else None
