"""What a row of the table of faults is: a way to get a derivative wrong, as a transformation of the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.numeric.function import Real

STEP = 1e-5
MEASURED = 1e-10        # of the largest entry: the error of a form that is measured
RAY = (-1.5, 0.25)      # multiples of an input at which a linear function is on a line with its value

Forms = Iterator[tuple[str, Real]]


@dataclass(frozen=True, eq=False)
class Block:
    """T = ∂y/∂xₖ at one point, shape y.shape + xₖ.shape, with what a person may have used in its place.

    y, x       the value, and all arguments
    others     ∂y/∂xₗ for every argument
    claimed    C, the shape of T; None where faults are applied and not recognised
    allowed    what errors of T and C allow, entry by entry
    apply      y for another xₖ, where it can be had
    lengths    further ones that may have become a factor, by name: those of the inputs of the whole chain
    step       whether this is a part of a chain that shows what it is made of
    inside     the values between xₖ and y, by name
    swaps      T with another value in place of an argument: of what kind, what stands in place of what, T
    names      of the arguments, for sentences
    """

    true: Real
    y: Real
    x: tuple[Real, ...]
    k: int
    names: tuple[str, ...]
    others: tuple[Real, ...] = ()
    claimed: Real | None = None
    allowed: Real | None = None
    apply: Callable[[Real], Any] | None = None
    lengths: tuple[tuple[str, int], ...] = ()
    step: bool = False
    inside: tuple[tuple[str, Real], ...] = ()
    swaps: tuple[tuple[str, str, Callable[[], Real]], ...] = ()

    @property
    def out(self) -> int:
        """The number of output axes: the first ones of T."""
        return self.y.ndim

    @property
    def own(self) -> Real:
        """xₖ"""
        return self.x[self.k]

    @cached_property
    def matrix(self) -> Real:
        """T as (m, n)."""
        return self.true.reshape(self.y.size, self.own.size)

    @cached_property
    def identity(self) -> Real | None:
        """I in the shape of T where y has the shape of xₖ, else None."""
        alike = self.y.shape == self.own.shape and self.y.ndim > 0
        return np.eye(self.y.size).reshape(self.true.shape) if alike else None

    @cached_property
    def entrywise(self) -> bool:
        """Whether yᵢ depends on entry i of xₖ alone."""
        return self.identity is not None and not bool((self.true * (1 - self.identity)).any())

    def elsewhere(self, z: Real) -> Real:
        """y for another xₖ, nan where it has no value there."""
        try:
            y = np.asarray(self.apply(z), float) if self.apply else np.full(self.y.shape, np.nan)
        except Exception:       # whatever the code of a user may raise away from the point that was given
            return np.full(self.y.shape, np.nan)
        return y if y.shape == self.y.shape else np.full(self.y.shape, np.nan)

    @cached_property
    def again(self) -> Real | None:
        """T where xₖ = y, of an entrywise map, by central differences; None where f has no value there."""
        if self.apply is None or not self.entrywise:
            return None
        steps = STEP * np.maximum(1e-3, np.abs(self.y))
        columns = []
        for at in np.ndindex(self.y.shape):
            moved = [self.y.copy(), self.y.copy()]
            for z, sign in zip(moved, (1, -1), strict=True):
                z[at] += sign * steps[at]
            ahead, behind = (self.elsewhere(z).ravel() for z in moved)
            columns.append((ahead - behind) / (2 * steps[at]))
        found = np.array(columns).T.reshape(self.true.shape)
        return found if np.isfinite(found).all() else None

    @cached_property
    def linear(self) -> bool:
        """Whether y is on a line as xₖ is scaled: T belongs to a factor, and to no activation."""
        first, second = (self.elsewhere(s * self.own) - self.y for s in RAY)
        off = np.abs((1 - RAY[1]) * first - (1 - RAY[0]) * second)
        return bool((off <= 1e-9 * np.abs(first).max(initial=0.0)).all())

    @cached_property
    def mask(self) -> bool:
        """Whether T, of an entrywise map, is 1 or 0 in every entry."""
        if self.identity is None or not self.entrywise:
            return False
        return set(np.diag(self.matrix).tolist()) <= {0.0, 1.0}

    @property
    def flat(self) -> bool:
        """Whether T has an entry 1 and none but 0 and ±1: of a relu, or of what comes before and after one."""
        return bool(np.isin(self.true, (-1.0, 0.0, 1.0)).all()) and bool(self.true.any())

    def spread(self, a: Real) -> Real:
        """An array of the shape of y, to multiply T with row by row."""
        return a.reshape(self.y.shape + (1,) * self.own.ndim)

    def axes(self) -> Iterator[tuple[str, int]]:
        """Lengths by name: axis 0 of x₀, …; that of the batch, the first as a rule, before others."""
        for name, a in [*zip(self.names, self.x, strict=True), ("y", self.y)]:
            for axis, length in enumerate(a.shape):
                yield f"the length of axis {axis} of {name}", length
        yield from self.lengths

    def fits(self, form: Real) -> bool:
        """Whether C is this form: within what errors allow, and with nearly all of C − T explained by it."""
        assert self.claimed is not None
        assert self.allowed is not None
        off, error = np.abs(self.claimed - form), np.abs(self.claimed - self.true)
        size = np.maximum(np.abs(form), np.abs(self.claimed))
        ratio = np.abs(form).max(initial=0.0) / max(np.abs(self.true).max(initial=0.0), 1e-300)
        slack = self.allowed * max(1.0, ratio) + 1e-6 * size + MEASURED * np.abs(form).max(initial=0.0)
        explained = off.max(initial=0.0) <= max(1e-3 * error.max(initial=0.0), self.allowed.max())
        return bool((off <= slack).all() and explained)

    def differs(self, form: Real) -> bool:
        """Whether the form is not T."""
        assert self.allowed is not None
        return bool((np.abs(form - self.true) > 2 * self.allowed).any())

    @cached_property
    def off(self) -> Any:
        """Where C is not T."""
        assert self.claimed is not None
        assert self.allowed is not None
        return ~(np.abs(self.claimed - self.true) <= self.allowed)

    @property
    def errors(self) -> int:
        """How many entries are wrong."""
        return int(self.off.sum())

    @property
    def wrong(self) -> bool:
        """Whether any entry is wrong."""
        return bool(self.off.any())


@dataclass(frozen=True)
class Fault:
    """A row of the table.

    name       what it is called
    formula    C in terms of T
    advice     what to look at in the code
    cost       how much it takes to say it; the simplest that explains the numbers is named first
    forms      from a block, each form the fault may take, with a phrase that says which; the same phrase at every point
    least      how many wrong entries it takes, at one point, to recognise it: more where a form is fitted to C
    """

    name: str
    formula: str
    advice: str
    cost: float
    forms: Callable[[Block], Forms]
    least: int = 1

    def applied(self, block: Block) -> Forms:
        """The forms that are finite and are not T itself."""
        with np.errstate(all="ignore"):
            for phrase, form in self.forms(block):
                if form.shape == block.true.shape and np.isfinite(form).all():
                    yield phrase, form

    def explains(self, blocks: list[Block]) -> str | None:
        """The first phrase whose form is C at every point, or None."""
        wrong = [block for block in blocks if block.wrong]
        if max((block.errors for block in wrong), default=0) < self.least:
            return None
        phrases: list[str] | None = None
        for block in wrong:
            phrases = [p for p, form in self.applied(block)
                       if (phrases is None or p in phrases) and block.fits(form) and block.differs(form)]
            if not phrases:
                return None
        for block in blocks:
            if phrases and not block.wrong:
                refuted = {p for p, form in self.applied(block) if p in phrases and block.differs(form)}
                phrases = [p for p in phrases if p not in refuted]
        return phrases[0] if phrases else None

