"""The formulas of a sheet as questions that are typed, each with its seal: no answer stands in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.seal import packed
from jacobian.worksheet.document import Exercise, Typed
from jacobian.worksheet.practice.section import told


def typed(exercises: Sequence[Exercise]) -> Iterator[Exercise]:
    """Each exercise with its formulas; they share the points that its numbers leave, at most their own."""
    questions = [item.question for exercise in exercises for item in exercise.asked]
    names = dict(zip(questions, told(questions), strict=True))
    for exercise in exercises:
        yield replace(exercise, typed=tuple(_formulas(exercise, names)))


def _formulas(exercise: Exercise, names: Mapping[Question, tuple[str, ...]]) -> Iterator[Typed]:
    items = [item for item in exercise.asked if item.question.asks == "formula"]
    left = exercise.points - sum(check.points for check in exercise.checks)
    share = min(1.0, max(left, 0) / (sum(item.points for item in items) or 1))
    for item in items:
        question = item.question
        yield Typed(question.text, _packed(question, names[question]), round(item.points * share, 2),
                    spelled(question.source[0]))


def spelled(formula: str) -> str:
    """The formula as a person types it: vectors of ones by their usual name."""
    return re.sub(r"vector\(1, (\w+)\)", r"ones(\1, 1)", formula)


@lru_cache(maxsize=1024)
def _packed(question: Question, names: tuple[str, ...]) -> str:
    """Once for a question, which many sheets have."""
    return packed(question, names)
