"""A claim of the notes beside what is derived: the verdict is computed, never typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from textwrap import fill, indent
from typing import Any

import numpy as np

import jacobian as jac
from derivations.correction import Correction
from derivations.point import Point, Side

DRAWS = 4                # random points at which both sides are compared, each with other sizes
READABLE = 12            # points of small whole numbers that are tried for a counterexample
TOLERANCE = 1e-9         # of double precision


@dataclass(frozen=True)
class Reading:
    """One way to understand a claim: what it then says, and what is derived in its place, as expressions or functions.

    `shown` are the quantities to be named beside a counterexample; without them all that were drawn. A reading that is
    `mended` changes what is written, to find out what was meant: it is shown, but does not count for the verdict.
    """

    claimed: Side
    derived: Side
    note: str = ""
    shown: tuple[jac.Expr, ...] = ()
    mended: bool = False


@dataclass(frozen=True)
class Finding:
    """Whether one reading agrees with the derivation; if not, why: shapes that do not fit, or numbers that differ."""

    agrees: bool
    reason: str = ""
    where: str = ""
    claimed: Any = None
    derived: Any = None
    smooth: bool = True
    zeros: int = 0

    @property
    def effort(self) -> tuple[float, ...]:
        """How hard it is to read: numbers before shapes, few of them and no zeros, all different."""
        if self.claimed is None or self.claimed.shape != self.derived.shape:
            return (float("inf"), len(self.reason))
        same = np.sum(self.claimed == self.derived)
        return (self.zeros + self.derived.size, same, len(self.where))


def compare(reading: Reading, at: Point) -> Finding:
    """Both sides at one point. A ShapeError of the claim is the reason in its own sentence."""
    try:
        claimed = at(reading.claimed)
    except jac.ShapeError as error:
        return Finding(False, f"the shapes do not fit: {error}")
    derived = at(reading.derived)
    if claimed.shape != derived.shape:
        reason = f"the notes give {_kind(claimed)}, derived is {_kind(derived)}"
        return Finding(False, reason, "", claimed, derived, at.smooth)
    if np.allclose(claimed, derived, rtol=TOLERANCE, atol=TOLERANCE):
        return Finding(True)
    shown = reading.shown or tuple(at.values)
    where = ", ".join(f"{x} = {numerals(at(x))}" for x in shown)
    reason = f"the notes give {numerals(claimed)}, derived is {numerals(derived)}"
    zeros = sum(int(np.sum(at(x) == 0)) for x in shown) + int(np.sum(claimed == 0) + np.sum(derived == 0))
    return Finding(False, reason, where, claimed, derived, at.smooth, zeros)


def first_failure(reading: Reading, seed: int) -> Finding | None:
    """What was found at the first of several points at which the two sides differ; None if they agree at all."""
    found = (compare(reading, Point(seed, draw)) for draw in range(DRAWS))
    return next((one for one in found if not one.agrees), None)


def examine(reading: Reading, seed: int = 0) -> Finding:
    """Agreement at every one of several points; else the counterexample that is easiest to read."""
    failure = first_failure(reading, seed)
    if failure is None:
        return Finding(True)
    small = (compare(reading, Point(seed, draw, readable=True)) for draw in range(DRAWS, DRAWS + READABLE))
    failed = [one for one in small if not one.agrees and one.smooth]
    return min(failed or [failure], key=lambda one: one.effort)


@dataclass(frozen=True)
class Claim:
    """What the notes say: its number here, which of their equations it is, text and LaTeX, how it may be read."""

    number: str
    says: str
    latex: str
    readings: tuple[Reading, ...]
    correct: Correction
    equations: tuple[int, ...] = ()
    remark: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found for each reading."""
        return _findings(self)

    @property
    def verdict(self) -> str:
        """right in every reading, wrong in every reading, or ambiguous; readings that are mended do not count."""
        return self._verdict([finding.agrees for finding in self.findings])

    def judged(self, seed: int) -> str:
        """The verdict at other points."""
        return self._verdict([first_failure(reading, seed) is None for reading in self.readings])

    def _verdict(self, agree: list[bool]) -> str:
        counted = [found for found, reading in zip(agree, self.readings, strict=True) if not reading.mended]
        return "right" if all(counted) else "ambiguous" if any(counted) else "wrong"

    @property
    def title(self) -> str:
        """Its number, and the numbers of the notes' equations in brackets."""
        runs: list[list[int]] = []
        for k in self.equations:
            runs[-1:] = [[runs[-1][0], k]] if runs and runs[-1][-1] == k - 1 else [*runs[-1:], [k]]
        written = ", ".join("–".join(map(str, run)) for run in runs)
        return f"{self.number} ({written})" if written else self.number

    def reasons(self) -> Iterator[str]:
        """For each reading that needs one, what it is and what was found."""
        for reading, found in zip(self.readings, self.findings, strict=True):
            said = f"{reading.note}: " if reading.note else ""
            if not found.agrees:
                yield said + found.reason + (f", at {found.where}" if found.where else "")
            elif reading.note:
                yield f"{said}agrees with the derivation"

    def summary(self) -> Iterator[str]:
        """The same without the point, for a table."""
        for reading, found in zip(self.readings, self.findings, strict=True):
            said = f"{reading.note}: " if reading.note else ""
            if not found.agrees:
                yield said + found.reason
            elif reading.note:
                yield said + "right"

    def problems(self, seed: int = 0) -> Iterator[str]:
        """Whatever the evidence does not bear: none, if the verdict stands."""
        try:
            self.correct.derivation.checked()
        except jac.CheckFailed as failed:
            yield f"{self.number}: {failed}"
        if seed and self.judged(seed) != self.verdict:
            yield f"{self.number}: {self.verdict} at seed 0, but {self.judged(seed)} at seed {seed}"
        for reading, found in zip(self.readings, self.findings, strict=True):
            if not found.agrees and first_failure(replace(reading, claimed=reading.derived), seed):
                yield f"{self.number}: what is derived differs from itself"

    def __str__(self) -> str:
        lines = [f"{self.title}  {self.says}", f"verdict: {self.verdict}", *self.reasons()]
        name = "derived" if self.verdict == "right" else "correct"
        lines += [f"{name}: {self.correct.text()}", *([self.remark] if self.remark else []),
                  f"LaTeX of the notes: {self.latex}", f"LaTeX, {name}: {self.correct.latex()}"]
        wrapped = (indent(fill(line, 112, subsequent_indent="  "), "    ") for line in lines[1:])
        return "\n".join([lines[0], *wrapped]) + "\n"


_findings = lru_cache(maxsize=None)(lambda claim: tuple(map(examine, claim.readings)))


def _kind(array: Any) -> str:
    return f"an array of shape {array.shape}" if array.shape else "a number"


def numerals(array: Any) -> str:
    """3 of a number, (1, 2) of a vector, [1 2; 3 4] of a matrix."""
    array = np.asarray(array)
    if array.ndim == 0:
        return "yes" if array is np.True_ else _numeral(array)
    if array.ndim == 1:
        return f"({', '.join(map(_numeral, array))})"
    return f"[{'; '.join(' '.join(map(_numeral, row)) for row in array.reshape(array.shape[0], -1))}]"


def _numeral(value: Any) -> str:
    if isinstance(value, np.bool_) or (isinstance(value, np.ndarray) and value.dtype == bool):
        return "yes" if value else "no"
    number = float(value)
    return (f"{number:.0f}" if number == round(number) else f"{number:.4g}").replace("-0", "0").replace("-", "−")
