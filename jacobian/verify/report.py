"""The verdict on a claimed derivative, and how it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from jacobian.errors import InputError
from jacobian.verify.diagnose import Cause
from jacobian.verify.shown import as_html, as_json, plot
from jacobian.verify.table import TALL, WIDE, indices, pick, table

Verdict = Literal["right", "wrong", "undecided"]


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
    causes     the faults that explain the numbers, the simplest first
    names      what the inputs are called: as the parameters of f, where it has names for them
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
        return "\n".join([*self.sentences(), *self._tables()])

    __str__ = text

    def json(self) -> str:
        """The whole report as a JSON object."""
        return as_json(self)

    def plot(self) -> Any:
        """A picture, a matplotlib figure: claimed, numeric and difference over bound as heat maps.

        Raises MissingExtra without matplotlib, the extra "plot", and InputError where shapes do not fit.
        """
        return plot(self)

    def _repr_html_(self) -> str:
        """In a notebook."""
        return as_html(self)

    def sentences(self) -> list[str]:
        """All but the tables, line by line."""
        return [self.sentence, *self.notes, *self._why(), *self._worst()]

    def _why(self) -> list[str]:
        """The simplest cause, how sure it is, what to look at, and what else explains the numbers."""
        if self.cause is None:
            return []
        sure = "Cause" if self.cause.certain else "Likely cause"
        said = self.cause.name if self.cause.sentence in self.notes else self.cause.sentence
        lines = [f"{sure}: {said}.", f"  Look at {self.cause.advice}."]
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
        name = derivative(self.where, self.names)
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
            heading = f"  {self.names[k]}:" if self._several() else ""
            lines += ["", *([heading] if heading else [])]
            lines += table(pick(self.claimed, k), pick(self.numeric, k), pick(self.allowed, k), width)
        return lines


def derivative(place: Place, names: Sequence[str]) -> str:
    """∂y[1, 0]/∂W[2], W the name of the input."""
    return f"∂y{indices(place.output)}/∂{names[place.input]}{indices(place.entry)}"
