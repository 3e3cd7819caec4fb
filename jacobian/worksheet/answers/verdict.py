"""What is said of an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """`verdict` is "accepted", "wrong" or "unclear"; `mistake` names the misconception of a wrong answer, if known.

    `feedback` is a sentence for the student that does not give the answer away; `where` are the characters that it
    speaks of; `readings` are the ways in which an ambiguous answer can be meant.
    """

    verdict: str
    feedback: str
    mistake: str | None = None
    where: tuple[int, int] | None = None
    readings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return self.verdict == "accepted"

    def __str__(self) -> str:
        named = f" ({self.mistake})" if self.mistake else ""
        return f"{self.verdict}{named}: {self.feedback}" if self.feedback else self.verdict


def accepted(feedback: str = "") -> Verdict:
    return Verdict("accepted", feedback)


def wrong(mistake: str | None, feedback: str, where: tuple[int, int] | None = None) -> Verdict:
    return Verdict("wrong", feedback, mistake, where)


def unclear(feedback: str, start: int, end: int, readings: tuple[str, ...] = ()) -> Verdict:
    return Verdict("unclear", feedback, None, (start, end), readings)
