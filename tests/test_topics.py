"""The topics: each makes a sheet and its key, rises in level, and shows nobody's answers to students."""

import numpy as np
import pytest

import jacobian as jac
from jacobian.derivation.measure import complex_step
from jacobian.symbolic.evaluate import Binding
from jacobian.worksheet.case import Case
from jacobian.worksheet.sheet import FORMATS
from jacobian.worksheet.topics import SETS, read_topic

ROWS = [pytest.param(row, id=f"{name} {k} {row.kind}") for name in SETS
        for k, row in enumerate(read_topic(name).rows, 1)]


@pytest.mark.parametrize("name", SETS)
def test_a_topic_makes_a_sheet_and_a_key_that_rise_in_level(name: str) -> None:
    made = jac.worksheet(name, seed=1)
    levels = [exercise.level for exercise in made.exercises]
    assert levels == sorted(levels)
    assert {1, 5} <= set(levels)
    assert len(set(levels)) >= 4
    for ending in ("html", "md", "txt", "tex"):
        assert FORMATS[ending](made.sheet) != FORMATS[ending](made.key)
    assert all(exercise.answer for exercise in made.exercises)
    assert not any(piece.answer or piece.asked for piece in made.sheet.blocks if hasattr(piece, "asked"))


@pytest.mark.parametrize("name", SETS)
def test_the_same_seed_gives_the_same_text(name: str) -> None:
    texts = [FORMATS["txt"](jac.worksheet(name, seed=seed).key) for seed in (2, 2, 3)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("row", ROWS)
def test_the_derivative_of_each_question_is_the_complex_step_at_its_numbers(row) -> None:
    case = Case(row.formula, row.shapes, row.by, row.sizes, 4)
    bind = Binding({s: np.asarray(v, dtype=float) for s, v in case.numbers.values.items()}, case.sizes)
    for x in case.wrt:
        if x.assumptions:           # a step leaves the matrices of a kind
            continue
        derived = np.asarray(case.numbers(case.derivation.value_by(x)), dtype=float).reshape(-1)
        measured = complex_step(lambda at, x=x: bind.replaced(x, at)(case.goal), bind(x)).reshape(-1)
        np.testing.assert_allclose(derived, measured, rtol=1e-9, atol=1e-9)
