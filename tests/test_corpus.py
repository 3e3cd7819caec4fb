"""The textbook's derivatives: the expected forms are right, and ours are the same, as short, and in matrix notation.

The expected forms are compared with the complex step of a second reader of the text (matlab.py), which knows nothing of
the product; then the product is compared with the same numbers.
"""

import re
from functools import cache
from statistics import median
from typing import Any

import matlab
import numpy as np
import pytest
import textbook
from textbook import Case

import jacobian as jac

CASES = textbook.cases()
CLOSED = [case for case in CASES if case.answer != "none"]
FORMULAS = [case for case in CLOSED if case.form == "value"]
WORD = re.compile(r"[A-Za-z_]\w*")


def close(value: Any, want: Any, tolerance: float) -> None:
    assert value.shape == want.shape
    np.testing.assert_allclose(value, want, rtol=0, atol=tolerance * max(1e-3, np.abs(want).max()))


def tolerance(case: Case) -> float:
    """Of the complex step; of the differences that a second derivative takes."""
    return 1e-8 if len(case.wrt) == 2 else 1e-10


# ---- the corpus itself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CLOSED, ids=str)
def test_the_expected_form_is_the_derivative(case: Case) -> None:
    largest = 0.0
    for values in textbook.instances(case):
        want = textbook.derivative(case, values)
        close(textbook.claimed(case, values), want, tolerance(case))
        largest = max(largest, np.abs(want).max())
    assert largest > 1e-6, "a derivative of zero at every point shows nothing"


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
        structured = {"symmetric", "posdef", "diagonal", "lower", "upper", "orthogonal"}
        assert {name for name in case.wrt if case.symbols[name].assumptions & structured} == \
            (set(case.wrt) if case.convention else set()), case


# ---- the product ---------------------------------------------------------------------------------------------------


@cache
def derivation(case: Case) -> Any:
    """What the product says of the case."""
    wrt = dict(zip(case.symbols, jac.symbols(case.declarations), strict=True))
    said = {"symmetric": case.convention} if case.convention else {}
    return jac.derive(jac.parse(case.function, case.declarations), *(wrt[name] for name in case.wrt), **said)


def binding(case: Case, values: textbook.Values) -> jac.Binding:
    """The same numbers for the product."""
    symbols = jac.symbols(case.declarations)
    sizes = {name: int(values[name].item().real) for name in case.sizes}
    return jac.Binding({s: values[str(s)].real.reshape([sizes[str(n)] for n in s.shape]) for s in symbols}, sizes)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_our_derivative_is_the_derivative(case: Case) -> None:
    d = derivation(case)
    for values in textbook.instances(case):
        bind, want = binding(case, values), textbook.derivative(case, values)
        close(d.jacobian.map(bind, bind.size).dense(), want, tolerance(case))
        close(np.asarray(bind(d.value)).reshape(want.shape), want, tolerance(case))


@pytest.mark.parametrize("case", FORMULAS, ids=str)
def test_our_derivative_is_in_matrix_notation(case: Case) -> None:
    value = derivation(case).value
    assert not re.search(r"∂|Σ|d[A-Za-z]|K_|S_|P_", str(value)), value
    if None not in value.axes:
        f = jac.parse(case.function, case.declarations)
        assert value.shape == jac.parse(case.answer, case.declarations).shape, f"{f}: {value}"


def symbols(text: str) -> int:
    """How many symbols a formula has: a name, a number, a superscript or a sign is one; brackets, spaces, commas none."""
    return len(re.findall(r"[⁻ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹]+|\d+(?:\.\d+)?|[^\W\d⁻ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹][^\W⁻ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹]*|[^\w\s()\[\]{}⟨⟩‖|,]", text))


def length(case: Case) -> float:
    """Our length by that of the expected form, both printed by our printer."""
    return symbols(str(derivation(case).value)) / symbols(str(jac.parse(case.answer, case.declarations)))


@pytest.mark.parametrize("case", FORMULAS, ids=str)
def test_no_formula_is_longer_than_one_and_a_half_of_the_textbooks(case: Case) -> None:
    assert length(case) <= 1.5, f"{derivation(case).value} for {case.answer}"


def test_in_the_median_formulas_are_as_short_as_the_textbooks() -> None:
    assert median(map(length, FORMULAS)) <= 1


# ---- what has no meaning -------------------------------------------------------------------------------------------


def refused() -> list[list[str]]:
    lines = (textbook.FOLDER / "refused" / "shapes.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("text", "declarations", "place"), refused())
def test_what_does_not_fit_is_refused_with_its_place(text: str, declarations: str, place: str) -> None:
    with pytest.raises(jac.InputError) as caught:
        jac.parse(text, declarations)
    assert place.replace(" ", "") in str(caught.value).replace(" ", "")


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
