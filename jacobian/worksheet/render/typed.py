"""Formulas that are typed as text are judged as by jac.grade, from numbers alone: for practice, not for marks."""

from typing import Any

from jacobian.worksheet.answers.grade import grade
from jacobian.worksheet.answers.seal import unpacked


def accepted(answer: Any, seal: str) -> bool:
    """Whether the formula is right."""
    return isinstance(answer, str) and grade(unpacked(seal), answer).ok


def check_formula(name: str, answer: Any, seal: str) -> None:
    """Say whether the formula is right. An AssertionError with what jac.grade says where it is not."""
    if answer is ...:
        raise AssertionError(f"{name} has no answer yet: put a formula in quotes in the place of the dots")
    if not isinstance(answer, str):
        raise AssertionError(f"{name} is a formula as text: write it in quotes")
    verdict = grade(unpacked(seal), answer)
    if not verdict.ok:
        raise AssertionError(f"{name} is {verdict}")
    print(f"{name} is right.")
