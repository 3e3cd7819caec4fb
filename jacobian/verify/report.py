"""The verdict on a claimed derivative, and how it is shown."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from jacobian.errors import InputError
from jacobian.numeric.function import Real
from jacobian.verify.diagnose import Cause

Verdict = Literal["right", "wrong", "undecided"]
WIDE, TALL = 6, 8       # a Jacobian up to this size is shown whole, of a larger one the rows with the worst entries


class WrongDerivative(AssertionError):
    """A claimed derivative is wrong, or cannot be shown to be right; the message is the report."""


@dataclass(frozen=True)
class Place:
    """∂y[output] / ∂xₖ[entry], k = input counted from 0."""

    input: int
    output: tuple[int, ...]
    entry: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Report:
    """|claimed − numeric| ≤ bound, entry by entry: right, wrong, or undecided where the bound is too wide to tell.

    claim      "vjp", "jvp", "jacobian" or "gradient"
    sentence   the verdict and why
    error      |claimed − numeric| at the worst entry, `where`; bound is what was allowed there
    claimed, numeric    the two Jacobians, f(x).shape + x.shape, tuples of these where x is a tuple
    allowed    what was allowed, entry by entry; claimed and allowed are None where shapes do not fit
    notes      further sentences: what the other claims are, which property of a vjp failed
    causes     the faults that explain the numbers, the simplest first; names are those of the inputs
    wrong      the inputs, by position, with a wrong gradient
    x          where the verdict holds: the x that was given, or a smaller one at which the claim fails
    evaluations     how often f was called
    """

    verdict: Verdict
    claim: str
    sentence: str
    error: float
    bound: float
    where: Place | None
    claimed: Any
    numeric: Any
    allowed: Any = None
    notes: tuple[str, ...] = field(default=())
    causes: tuple[Cause, ...] = ()
    names: tuple[str, ...] = ()
    wrong: tuple[int, ...] = ()
    x: Any = None
    evaluations: int = 0

    @property
    def cause(self) -> Cause | None:
        """The simplest fault that explains the numbers, if there is one."""
        return self.causes[0] if self.causes else None

    @property
    def ok(self) -> bool:
        """verdict == "right": an undecided claim is not ok."""
        return self.verdict == "right"

    def __bool__(self) -> bool:
        raise InputError("a report has three verdicts and no truth value: "
                         "ask report.ok, or call report.raise_if_wrong()")

    def raise_if_wrong(self) -> None:
        """verdict == "wrong" raises WrongDerivative, an AssertionError whose message is the report."""
        if self.verdict == "wrong":
            raise WrongDerivative(self.text())

    def text(self) -> str:
        """The verdict in one sentence, the worst entry with both values, and the two Jacobians side by side."""
        return "\n".join([self.sentence, *self.notes, *self._why(), *self._worst(), *self._tables()])

    __str__ = text

    def _why(self) -> list[str]:
        """The simplest cause, how sure it is, what to look at, and what else explains the numbers."""
        if self.cause is None:
            return []
        sure = "Cause" if self.cause.certain else "Likely cause"
        lines = [f"{sure}: {self.cause.sentence}.", f"  Look at {self.cause.advice}."]
        others = [cause.name for cause in self.causes[1:3]]
        return lines + ([f"  It could also be: {', '.join(others)}."] if others else [])

    def _several(self) -> bool:
        return isinstance(self.numeric, tuple)

    def _small(self) -> bool:
        blocks = self.numeric if self._several() else (self.numeric,)
        return sum(block.size for block in blocks) <= TALL * WIDE

    def _worst(self) -> list[str]:
        if self.where is None or self.claimed is None:
            return []
        k, at = self.where.input, (*self.where.output, *self.where.entry)
        claimed, found = (float(pick(blocks, k)[at]) for blocks in (self.claimed, self.numeric))
        name = derivative(self.where, self._several())
        return [
            f"  worst entry {name}: claimed {claimed:.10g}, numeric {found:.10g},"
            f" off by {self.error:.3g}, allowed {self.bound:.3g}"
        ]

    def _tables(self) -> list[str]:
        if self.allowed is None or self.where is None or (self.ok and not self._small()):
            return []
        width = len(self.where.output)
        shown = range(len(self.numeric)) if self._several() else [0]
        lines = []
        for k in shown:
            heading = f"  input {k}:" if self._several() else ""
            lines += ["", *([heading] if heading else [])]
            lines += table(pick(self.claimed, k), pick(self.numeric, k), pick(self.allowed, k), width)
        return lines


def pick(blocks: Any, k: int) -> Real:
    """The k-th of a tuple of Jacobians; of a single one, itself."""
    return blocks[k] if isinstance(blocks, tuple) else blocks


def derivative(place: Place, several: bool) -> str:
    """∂y[1, 0]/∂x[2]; with several inputs ∂y[1, 0]/∂x₀[2], inputs counted from 0."""
    x = "x" + (str(place.input).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")) if several else "")
    return f"∂y{indices(place.output)}/∂{x}{indices(place.entry)}"


def indices(at: tuple[Any, ...]) -> str:
    """[1, 0], and nothing for a scalar."""
    return f"[{', '.join(str(int(i)) for i in at)}]" if at else ""


def table(claimed: Real, found: Real, allowed: Real, width: int) -> list[str]:
    """claimed | numeric, a row per output entry, a column per input entry; * marks the wrong entries."""
    out, into = found.shape[:width], found.shape[width:]
    matrices = [a.reshape(int(np.prod(out)), int(np.prod(into))) for a in (claimed, found, allowed)]
    if matrices[1].size == 0:
        return ["  (no entries)"]
    excess = surplus(*matrices)
    rows, columns = largest(excess.max(axis=1), TALL), largest(excess.max(axis=0), WIDE)
    head = [indices(np.unravel_index(j, into)) if into else "x" for j in columns]
    left = [[f"{matrices[0][i, j] + 0.0:.4g}" + ("*" if excess[i, j] > 1 else " ") for j in columns] for i in rows]
    right = [[f"{matrices[1][i, j] + 0.0:.4g} " for j in columns] for i in rows]
    size = max(len(cell) for row in [[h + " " for h in head], *left, *right] for cell in row)
    names = ["y" + indices(np.unravel_index(i, out)) if out else "y" for i in rows]
    margin = max(map(len, names))
    span = len(columns) * (size + 1)
    lines = [f"  {'':{margin}} {'claimed':^{span}} | {'numeric':^{span}}".rstrip()]
    lines += [line("", [h + " " for h in head] * 2, margin, size)] if into else []
    lines += [line(name, a + b, margin, size) for name, a, b in zip(names, left, right, strict=True)]
    hidden = matrices[1].size - len(rows) * len(columns)
    return lines + ([f"  ({hidden} further entries are not shown)"] if hidden else [])


def line(name: str, cells: list[str], margin: int, size: int) -> str:
    """name  cells of the left half | cells of the right half."""
    half = len(cells) // 2
    left, right = ("".join(f" {cell:>{size}}" for cell in part) for part in (cells[:half], cells[half:]))
    return f"  {name:{margin}} {left} | {right}".rstrip()


def surplus(claimed: Real, found: Real, allowed: Real) -> Real:
    """|claimed − numeric| / allowed; inf where the claim is nan or infinite and the number is known, 0 where it is not.

    Above 1 an entry is wrong.
    """
    with np.errstate(all="ignore"):
        gap = np.abs(claimed - found)
        ratio = np.where(gap == 0, 0.0, gap / allowed)
    ratio = np.where(np.isfinite(claimed), ratio, np.inf)
    return np.where(np.isfinite(found) & np.isfinite(allowed), ratio, 0.0)


def largest(excess: Real, count: int) -> list[int]:
    """The places of the largest entries, in their order."""
    return sorted(int(i) for i in np.argsort(-excess, kind="stable")[:count])
