"""jac.taylor_rates: how fast what a derivative leaves of a change of f falls with the step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from jacobian.errors import InputError, extra
from jacobian.numeric.arguments import called, flat, matrix, parted
from jacobian.numeric.function import ComplexFunction, Function, Real, quiet
from jacobian.numeric.noise import EPSILON, noise, scales

FIRST = 2.0**-3         # the largest step, of the size of x
ROUNDING = 2.0**4       # units of rounding that a remainder must be above to tell
WRONG, RIGHT = 1.25, 1.75       # rates that a first-order and a second-order remainder stay below and above


@dataclass(frozen=True, eq=False)
class TaylorRates:
    """‖f(x + hv) − f(x)‖ = O(h) and ‖f(x + hv) − f(x) − h Jv‖ = O(h²) where J is the derivative.

    h, change (the first norm) and remainder (the second) are (K,), each h half of the one before; rounding (K,) is
    what rounding in f makes of a remainder.
    """

    h: Real
    change: Real
    remainder: Real
    rounding: Real

    @property
    def rates(self) -> Real:
        """log₂ of the remainder at h over that at h / 2, (K − 1,); nan where rounding hides it."""
        with quiet():
            rates = np.log2(self.remainder[:-1] / self.remainder[1:])
        return np.where(self.remainder[1:] > self.rounding[1:], rates, np.nan)

    @property
    def order(self) -> float:
        """The median of the last three rates that rounding does not hide, nan if there is none: 2 for a derivative."""
        known = self.rates[~np.isnan(self.rates)]
        return float(np.median(known[-3:])) if known.size else float("nan")

    @property
    def verdict(self) -> str:
        """ "right", "wrong", or "undecided"."""
        if np.isnan(self.order):
            below = np.isfinite(self.remainder).all() and (self.remainder <= self.rounding).all()
            return "right" if below and (self.change > self.rounding).any() else "undecided"
        return "right" if self.order > RIGHT else "wrong" if self.order < WRONG else "undecided"

    def __str__(self) -> str:
        lines = ["       h    change   rate  remainder   rate"]
        with quiet():
            changes = np.log2(self.change[:-1] / self.change[1:])
        for k, h in enumerate(self.h):
            rate, own = (f"{r[k - 1]:5.2f}" if k and np.isfinite(r[k - 1]) else "    –" for r in (changes, self.rates))
            lines.append(f"{h:8.2e}  {self.change[k]:8.2e}  {rate}   {self.remainder[k]:8.2e}  {own}")
        return "\n".join([*lines, self.sentence])

    @property
    def sentence(self) -> str:
        """The verdict with its reason."""
        if self.verdict == "right":
            what = "is nothing but rounding" if np.isnan(self.order) else f"falls with h^{self.order:.2f}"
            return f"The derivative is right along this line: the remainder {what}."
        if self.verdict == "wrong":
            return f"The derivative is wrong: the remainder falls with h^{self.order:.2f}, not with h^2."
        return "Undecided: " + ("rounding hides the remainder." if np.isnan(self.order) else
                                f"the remainder falls with h^{self.order:.2f} (a kink or noise close to x?).")

    def plot(self, axes: Any = None) -> Any:
        """Change and remainder over h, both axes logarithmic, with lines of slope 1 and 2; returns the axes.

        Raises MissingExtra where matplotlib, the extra "plot", is not installed.
        """
        if axes is None:
            axes = extra("matplotlib.pyplot", "plot", "a plot of Taylor remainders").subplots()[1]
        for power, values, label in ((1, self.change, "‖f(x + hv) − f(x)‖"),
                                     (2, self.remainder, "‖f(x + hv) − f(x) − h Jv‖")):
            (line,) = axes.loglog(self.h, values, "o-", label=label)
            ideal = values[0] * (self.h / self.h[0]) ** power
            axes.loglog(self.h, ideal, ":", color=line.get_color(), label=f"h^{power}")
        axes.set_xlabel("h")
        axes.legend()
        return axes


def taylor_rates(
    f: Callable[..., Any], x: Any, *, jvp: Any = None, vjp: Any = None, jacobian: Any = None, gradient: Any = None,
    halvings: int = 10, seed: int = 0,
) -> TaylorRates:
    """r(h) = ‖f(x + hv) − f(x) − h Jv‖ for h = h₀, h₀/2, …: log₂ r(h)/r(h/2) tends to 2 where J is the derivative.

    J is given by one of: jvp(v, *x) = Jv, vjp(g, *x) = Jᵀg, jacobian, gradient, as for `jac.check`. v is random, as
    long in each entry as x; of a vjp only ⟨g, ·⟩ of the remainder is seen, for a random g. f(x) may be complex: then
    so are Jv, J and g, and vjp(g, *x) = Re Jᴴg. print(…) is a table, .plot() a picture, .order the rate, .verdict
    "right", "wrong" or "undecided".

    Raises InputError if there is not one claim or it raises, ShapeError where its shape does not fit.
    Source: Farrell, Ham, Funke and Rognes 2013, SIAM J. Sci. Comput. 35, C369–C393, section 6.1.
    """
    offered = {"jvp": jvp, "vjp": vjp, "jacobian": jacobian, "gradient": gradient}
    claims = {name: claim for name, claim in offered.items() if claim is not None}
    if len(claims) != 1:
        raise InputError(f"taylor_rates needs one of jvp=, vjp=, jacobian= and gradient=; {len(claims)} were given")
    if not isinstance(halvings, int) or halvings < 2:
        raise InputError(f"halvings must be a whole number of at least 2; it is {halvings!r}")
    ((name, claim),) = claims.items()
    function, random = ComplexFunction(f, x), np.random.default_rng(seed)
    v = random.choice([-1.0, 1.0], function.x.size) * random.uniform(0.5, 1.0, function.x.size) * scales(function)
    g = random.choice([-1.0, 1.0], function.y.size) * random.uniform(0.5, 1.0, function.y.size)
    weighted = name == "vjp"
    slope = TANGENTS[name](claim, function, v, g)
    with quiet():
        level = noise(function)
        h = FIRST * np.exp2(-np.arange(halvings + 1.0))
        moved = np.array([y - function.y for y in function.at([function.x + t * v for t in h])])
        uncertain = ROUNDING * (level.sigma + level.epsilon * np.abs(function.y))
    if weighted:
        moved, uncertain = (moved @ g)[:, None], np.array([uncertain @ np.abs(g)])
    rest = moved - h[:, None] * slope
    rounding = norms(uncertain[None]) + ROUNDING * EPSILON * h * norms(np.reshape(slope, (1, -1)))
    return TaylorRates(h, norms(moved), norms(rest), rounding)


def norms(rows: Real) -> Real:
    """‖·‖ of each row."""
    return np.sqrt(np.sum(rows**2, axis=1))


def tangent(claim: Any, function: Function, v: Real, g: Real) -> Real:
    """J v by a jvp."""
    parts = parted(v, function.shapes)
    value = called("jvp", claim, function.one(parts), *copies(function))
    return function.flat(flat("jvp", value, (function.shape,), "fiub" + function.dtype.kind)[0])


def cotangent(claim: Any, function: Function, v: Real, g: Real) -> Real:
    """⟨g, J v⟩ by a vjp."""
    value = called("vjp", claim, function.cotangent(g), *copies(function))
    return flat("vjp", value, function.shapes)[0] @ v


def written(claim: Any, function: Function, v: Real, g: Real) -> Real:
    """J v by a Jacobian, or a function of x that gives it."""
    value = called("jacobian", claim, *copies(function)) if callable(claim) else claim
    product = matrix(value, function.shape, function.shapes)(v)
    return function.flat(flat("jacobian", product, (product.shape,), "fiub" + function.dtype.kind)[0])


def slope_of_scalar(claim: Any, function: Function, v: Real, g: Real) -> Real:
    """⟨∇f, v⟩ of a scalar f."""
    if function.y.size != 1:
        what = f"has shape {function.shape}" if function.shape else "is complex"
        raise InputError(f"gradient= needs a scalar f; f(x) {what}: use jacobian= or vjp=")
    value = called("gradient", claim, *copies(function)) if callable(claim) else claim
    return np.array([flat("gradient", value, function.shapes)[0] @ v])


TANGENTS: dict[str, Callable[[Any, Function, Real, Real], Real]] = {
    "jvp": tangent, "vjp": cotangent, "jacobian": written, "gradient": slope_of_scalar}


def copies(function: Function) -> tuple[Any, ...]:
    """The inputs, to be written into by whom they are given to."""
    return tuple(part.copy() for part in function.given)
