"""Faults of a product as code: not linear, not pure, not the same twice; and arrays of the wrong shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Defect:
    """A property that a derivative lacks: its name in the table, the sentence for the report, and what to look at."""

    name: str
    sentence: str
    advice: str
    inputs: tuple[int, ...] = ()


ADVICE = {
    "not linear in g": "where g enters: every term must have the factor g (or v) once",
    "stale cache": "what is kept between calls: it must belong to the x of this call",
    "accumulated": "where the gradient is added to something kept between calls: it must start from 0",
    "buffer reused": "the array that is returned: a new one for every call",
    "overflow": "exp, log, roots and quotients: a stable form, as in f",
    "argument changed": "assignments and operators such as *= that write into an argument",
    "not deterministic": "random numbers, and state that changes from call to call",
}


def defect(name: str, sentence: str, inputs: tuple[int, ...] = ()) -> Defect:
    return Defect(name, sentence, ADVICE[name], inputs)


@dataclass(frozen=True)
class Misshapen:
    """A way to get the shape of a gradient wrong; `holds` reads the given shape, the expected one, and that of y."""

    name: str
    phrase: str
    advice: str
    holds: Callable[[Shape, Shape, Shape], bool]


SHAPES = (
    Misshapen("transpose", "its axes are in another order", "transposes, and the order of factors in products",
              lambda given, expected, y: given != expected and sorted(given) == sorted(expected)),
    Misshapen("sum over broadcast missing", "an axis along which the input was broadcast is still there",
              "the sum over the batch, or over every axis along which the input was broadcast",
              lambda given, expected, y: len(given) > len(expected) and given[len(given) - len(expected):] == expected),
    Misshapen("sum over broadcast missing", "it has the shape of the output",
              "the sum over every axis along which the input was broadcast",
              lambda given, expected, y: given == y and given != expected),
    Misshapen("sum over broadcast missing", "it was summed over an axis that the input has", "the axes of each sum",
              lambda given, expected, y: len(given) < len(expected) or (1 in given and len(given) == len(expected))),
    Misshapen("transpose", "its shape is another", "transposes, and the order of factors in products",
              lambda given, expected, y: True),
)


def misshapen(given: Sequence[Shape], expected: Sequence[Shape], y: Shape) -> Defect:
    """The fault that gives these shapes in place of the expected ones."""
    wrong = tuple(k for k, (a, b) in enumerate(zip(given, expected, strict=False)) if a != b)
    if len(given) != len(expected) or not wrong:
        sentence = f"{len(given)} gradients are returned where {len(expected)} are expected"
        return Defect("path dropped", sentence, "what is returned: one gradient per input", wrong)
    if len(wrong) > 1 and sorted(given) == sorted(expected):
        return Defect("inputs swapped", "the gradients have the shapes of one another",
                      "the order in which the gradients are returned", wrong)
    row = next(r for r in SHAPES if r.holds(given[wrong[0]], expected[wrong[0]], y))
    return Defect(row.name, row.phrase, row.advice, wrong)
