"""The topics: each makes a sheet and its key, rises in level, and shows nobody's answers to students."""

from pathlib import Path

import numpy as np
import pytest

import jacobian as jac
from jacobian.__main__ import main
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


OWN = """title = "Mine"
[[question]]
kind = "derivative"
formula = "norm2(A*x - b)^2"
shapes = "A: m n, x: n, b: m"
by = "x"
points = 5
"""


def test_questions_of_a_teachers_own_make_a_sheet(capsys, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(OWN)
    assert main(["worksheet", "--from", str(tmp_path / "mine.toml"), "--format", "txt", "--out", str(tmp_path)]) == 0
    sheet, key = (Path(line).read_text() for line in capsys.readouterr().out.split())
    assert "Give the gradient by x." in sheet
    assert "5 points" in sheet
    assert "2 Aᵀ" not in sheet
    assert "2 Aᵀ" in key.replace("(Aᵀ : n × m)", "Aᵀ")


WRONG = {
    "no TOML": ("[[question", "is no TOML"),
    "no question": ('title = "x"', "has no question"),
    "another key": (OWN + 'colour = "red"', "question 1: 'colour' is not known"),
    "another kind": (OWN.replace("derivative", "riddle"), "question 1: the kind 'riddle' is not known"),
    "a formula that cannot be read": (OWN.replace("- b)", "- )"), "question 1"),
    "sizes that do not fit": (OWN.replace("b: m", "b: n"), "question 1"),
    "a level": (OWN + "level = 9", "a level is from 1 to 5"),
    "a type": (OWN.replace("points = 5", 'points = "5"'), "points is a whole number"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_damaged_file_gets_one_sentence_with_its_place(text: str, said: str, capsys, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    assert main(["worksheet", "--from", str(tmp_path / "mine.toml"), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "mine.toml" in error
    assert not (tmp_path / "out").exists()
