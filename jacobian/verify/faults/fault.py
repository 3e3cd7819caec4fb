"""What a row of the table of faults is: a way to get a derivative wrong, as a transformation of the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.numeric.function import Real

Forms = Iterator[tuple[str, Real]]


@dataclass(frozen=True, eq=False)
class Block:
    """T = ∂y/∂xₖ at one point, shape y.shape + xₖ.shape, with what a person may have used in its place.

    y, x       the value, and all arguments
    others     ∂y/∂xₗ for every argument
    claimed    C, the shape of T; None where faults are applied and not recognised
    allowed    what errors of T and C allow, entry by entry
    at         T where xₖ is another array of its shape, or None
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
    at: Callable[[Real], Real | None] = lambda z: None

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

    @cached_property
    def again(self) -> Real | None:
        """T where xₖ = y, of an entrywise map."""
        return self.at(self.y) if self.entrywise else None

    @cached_property
    def linear(self) -> bool:
        """Whether T, of an entrywise map, is the same for another xₖ: it belongs to a factor, and to no activation."""
        other = self.at(-1.5 * self.own) if self.entrywise else None
        return other is not None and bool(np.allclose(other, self.true, rtol=1e-6, atol=1e-9 * np.abs(self.true).max()))

    def spread(self, a: Real) -> Real:
        """An array of the shape of y, to multiply T with row by row."""
        return a.reshape(self.y.shape + (1,) * self.own.ndim)

    def axes(self) -> Iterator[tuple[str, int]]:
        """Lengths by name: axis 0 of x₀, …; that of the batch, the first as a rule, before others."""
        for name, a in [*zip(self.names, self.x, strict=True), ("y", self.y)]:
            for axis, length in enumerate(a.shape):
                yield f"the length of axis {axis} of {name}", length

    def fits(self, form: Real) -> bool:
        """Whether C is this form: within what errors allow, and with nearly all of C − T explained by it."""
        assert self.claimed is not None
        assert self.allowed is not None
        off, error = np.abs(self.claimed - form), np.abs(self.claimed - self.true)
        size = np.maximum(np.abs(form), np.abs(self.claimed))
        ratio = np.abs(form).max(initial=0.0) / max(np.abs(self.true).max(initial=0.0), 1e-300)
        slack = self.allowed * max(1.0, ratio) + 1e-6 * size
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
        for block in blocks:
            if phrases and not block.wrong:
                refuted = {p for p, form in self.applied(block) if p in phrases and block.differs(form)}
                phrases = [p for p in phrases if p not in refuted]
        return phrases[0] if phrases else None

