"""The corpus of textbook derivatives is right: each expected form is what the complex step of the function finds.

Text is read by matlab.py, which shares no code with the product.
"""

import re

import matlab
import numpy as np
import pytest
import textbook
from textbook import CASES, CLOSED, Case, close, refused, tolerance

WORD = re.compile(r"[A-Za-z_]\w*")


@pytest.mark.parametrize("case", CLOSED, ids=str)
def test_the_expected_form_is_the_derivative(case: Case) -> None:
    largest = 0.0
    for values in textbook.instances(case):
        want = textbook.derivative(case, values)
        close(textbook.claimed(case, values), want, tolerance(case))
        largest = max(largest, np.abs(want).max())
    assert largest > 1e-6, "a derivative of zero at every point shows nothing"


@pytest.mark.parametrize("case", [case for case in CASES if case not in CLOSED], ids=str)
def test_without_a_closed_form_the_complex_step_is_the_difference(case: Case) -> None:
    (name,) = case.wrt
    for values in textbook.instances(case):
        want = textbook.differences(lambda x, values=values: matlab.read(case.function)({**values, name: x}),
                                    values[name], textbook.directions(case, name, values[name].shape))
        close(textbook.slopes(case, values, name), want, 1e-8)


def renamed(case: Case) -> tuple[str, ...]:
    """The case with its names, those of the sizes included, replaced by numbers in order of first appearance."""
    order: dict[str, str] = {}

    def number(name: str) -> str:
        return name if name in matlab.FUNCTIONS else order.setdefault(name, f"#{len(order)}")

    function = WORD.sub(lambda m: number(m[0]), case.function)
    shapes = sorted((number(d.name), *map(number, d.sizes), *sorted(d.assumptions)) for d in case.symbols.values())
    wrt = " ".join(number(word) for word in case.wrt) + (case.convention or "")
    return function, str(shapes), wrt


def test_no_two_cases_are_the_same_up_to_renaming() -> None:
    found: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for case in CASES:
        found.setdefault(renamed(case), set()).add((case.source, case.function))
    assert not [twice for twice in found.values() if len(twice) > 1]


def test_every_function_of_the_text_is_differentiated() -> None:
    called = {matlab.FUNCTIONS.get(name) for case in CASES for name in WORD.findall(case.function)}
    assert [name for name, function in matlab.FUNCTIONS.items() if function not in called] == []


def test_there_are_enough() -> None:
    assert len(set(map(renamed, CLOSED))) >= 500
    assert len({renamed(case) for case in CLOSED if len(case.wrt) == 2}) >= 60


def test_a_structured_variable_has_a_convention_and_no_other_has() -> None:
    for case in CASES:
        structured = {*textbook.TANGENT, "orthogonal"}
        assert {name for name in case.wrt if case.symbols[name].assumptions & structured} == \
            (set(case.wrt) if case.convention else set()), case


@pytest.mark.parametrize(("text", "declarations", "place"), refused())
def test_what_is_to_be_refused_has_no_value(text: str, declarations: str, place: str) -> None:
    """NumPy cannot compute the place either, at sizes that all differ, or the second reader refuses it."""
    assert place in text
    symbols = textbook.declared(declarations)
    sizes = {name: 2 + k for k, name in enumerate(dict.fromkeys("mnkpq"))}
    values = {d.name: np.ones((*(sizes[s] for s in d.sizes), 1, 1)[:2], complex) for d in symbols}
    values |= {name: np.full((1, 1), size, complex) for name, size in sizes.items()}
    with pytest.raises((AssertionError, ValueError, KeyError, TypeError, np.linalg.LinAlgError)):
        matlab.read(text)(values)
