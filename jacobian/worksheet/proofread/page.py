"""What stands on a page, whatever its format: exercises with lines, formulas as `jacobian.printing.text` has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

HEADING = re.compile(r"(\d+)[.\s\u2002]\s*(.*?)(?:\s*\((?:level|\d+ point).*\))?$")


@dataclass(frozen=True)
class Line:
    """A line: of the question or of the answer; a `formula` on a line of its own, a row of a table, or words."""

    text: str
    kind: str = "words"             # "formula", "row", "words"
    answer: bool = False

    @property
    def number(self) -> int | None:
        """The number behind a formula, (3)."""
        found = re.search(r"\s\((\d+)\)$", self.text) if self.kind == "formula" else None
        return int(found[1]) if found else None

    @property
    def said(self) -> str:
        """The text without its number."""
        return re.sub(r"\s+\(\d+\)$", "", self.text) if self.number is not None else self.text


@dataclass
class Exercise:
    """A question under its number; 0 is what stands before the first."""

    number: int
    title: str
    lines: list[Line] = field(default_factory=list)

    @property
    def answered(self) -> bool:
        return any(line.answer for line in self.lines)

    @property
    def words(self) -> str:
        """Every sentence of the question."""
        return " ".join(line.text for line in self.lines if line.kind == "words" and not line.answer)


@dataclass
class Page:
    """A whole file; `said` is all of its words, `faults` are what was noticed in reading it.

    Such a fault is an alternative text that says another formula.
    """

    exercises: list[Exercise] = field(default_factory=lambda: [Exercise(0, "")])
    said: str = ""
    faults: list[tuple[Exercise, str, str]] = field(default_factory=list)

    @property
    def key(self) -> bool:
        return any(exercise.answered for exercise in self.exercises)

    def heading(self, text: str) -> None:
        """The heading of an exercise, "3. Shapes (level 1, recall · 3 points)"; any other ends the exercises."""
        found = HEADING.match(text.strip())
        if found:
            self.exercises.append(Exercise(int(found[1]), found[2]))

    def fault(self, line: str, said: str) -> None:
        self.faults.append((self.exercises[-1], line, said))

    def add(self, text: str, kind: str = "words", answer: bool = False) -> None:
        text = " ".join(text.split())
        if text:
            self.exercises[-1].lines.append(Line(text, kind, answer))
