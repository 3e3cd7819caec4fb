"""Derivatives of the textbook's functions: right, in matrix notation, and as short as the textbook's.

Function and expected form stand in corpus/*.txt and are proven in test_textbook.py; the numbers to agree with are those
of the second reader of the text, matlab.py.
"""

from functools import cache
from itertools import groupby
from statistics import median
from typing import Any
from unicodedata import decomposition

import numpy as np
import pytest
import textbook
from textbook import CASES, CLOSED, Case, close, refused, tolerance

import jacobian as jac
from jacobian.symbolic.expr import walk

FORMULAS = [case for case in CLOSED if case.form == "value"]


@cache
def derivation(case: Case) -> Any:
    """What the product says of the case."""
    wrt = dict(zip(case.symbols, jac.symbols(case.declarations), strict=True))
    said = {"convention": case.convention} if case.convention else {}
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


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_derivation_holds_and_is_printed(case: Case) -> None:
    assert derivation(case).checked().text()


# What stands for a map of vecs rather than for a matrix, unless the function or the expected form has it too.
VECS = {"commutation", "selection", "permutation", "insertion", "frechet", "kron", "vec", "reshape", "part", "lift"}


def operations(x: jac.Expr) -> set[str]:
    return {node.operation.name for node in walk(x)}


@pytest.mark.parametrize("case", FORMULAS, ids=str)
def test_our_derivative_is_in_matrix_notation(case: Case) -> None:
    """It is made of what a textbook writes, and has the shape of the expected form."""
    value, expected = derivation(case).value, jac.parse(case.answer, case.declarations)
    allowed = operations(expected) | operations(jac.parse(case.function, case.declarations))
    assert operations(value) & VECS <= allowed, value
    assert value.axes == expected.axes, value


def kind(character: str) -> str:
    if decomposition(character).startswith("<super>"):
        return "superscript"
    return "word" if character.isalnum() or character in "._" else character


def symbols(text: str) -> int:
    """How many symbols a formula has: a word, a number, a superscript, a sign. Brackets, spaces and commas are none."""
    return sum(1 if len(k) > 1 else len(list(run)) for k, run in groupby(text, kind) if k not in " ()[]{}⟨⟩‖|,")


def length(case: Case) -> float:
    """Our length by that of the expected form, both printed by our printer."""
    return symbols(str(derivation(case).value)) / symbols(str(jac.parse(case.answer, case.declarations)))


@pytest.mark.parametrize("case", FORMULAS, ids=str)
def test_no_formula_is_longer_than_one_and_a_half_of_the_textbooks(case: Case) -> None:
    assert length(case) <= 1.5, f"{derivation(case).value} for {case.answer}"


def test_in_the_median_formulas_are_as_short_as_the_textbooks() -> None:
    assert median(map(length, FORMULAS)) <= 1


@pytest.mark.parametrize(("text", "declarations", "place"), refused())
def test_what_does_not_fit_is_refused_with_its_place(text: str, declarations: str, place: str) -> None:
    with pytest.raises(jac.InputError) as caught:
        jac.parse(text, declarations)
    assert place.replace(" ", "") in str(caught.value).replace(" ", "")
