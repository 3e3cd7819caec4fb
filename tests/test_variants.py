"""Variants: many sheets that are equally hard, whose numbers tell misconceptions from right formulas."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jacobian as jac
from jacobian.__main__ import main
from jacobian.cli.worksheet import workers
from jacobian.symbolic.evaluate import Binding
from jacobian.worksheet.answers.table import singles, values_of
from jacobian.worksheet.answers.tape import Tape
from jacobian.worksheet.backprop.numbers import _telling
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.document import Exercise
from jacobian.worksheet.effort import Effort, alike
from jacobian.worksheet.sheet import FORMATS, MARKED, TYPED, rendered
from jacobian.worksheet.variants import Variants

MAKE = partial(jac.worksheet, "backprop", network="2-3-1")
NEEDS = {"pdf": "typst", "ipynb": "nbformat"}


@pytest.mark.parametrize("pool", [partial(ThreadPoolExecutor, 2), partial(workers, 2)], ids=["threads", "processes"])
def test_files_are_the_same_on_several_cores_and_each_alone(pool: Callable[[], Any], tmp_path: Path) -> None:
    formats = ["txt", "json"]
    one = read(Variants(MAKE, 3, 5).save_all(tmp_path / "one", formats))
    with pool() as executor:
        assert executor
        assert read(Variants(MAKE, 3, 5, executor).save_all(tmp_path / "several", formats)) == one
    assert len(one) == 3 * 3 + 1
    seeds = {name.split("-")[1] for name in one if name.endswith("key.txt")}
    alone = read(path for seed in seeds for path in MAKE(seed=int(seed)).save_all(tmp_path / seed, formats))
    assert {name: text for name, text in one.items() if "variants" not in name} == {
        f"backprop-{seed}{name.removeprefix('backprop')}": text for seed in seeds
        for name, text in read((tmp_path / seed).iterdir()).items()}
    assert len(alone) == 3
    assert len({text for name, text in one.items() if name.endswith(".txt")}) == 7


def read(paths: Iterable[Path]) -> dict[str, str]:
    return {path.name: path.read_text() for path in paths}


@pytest.mark.parametrize("ending", FORMATS)
def test_what_a_program_marks_stands_in_the_formats_for_it_alone(ending: str) -> None:
    made = (MAKE(seed=5).typed if ending in TYPED else MAKE(seed=5)).key
    assert any(isinstance(block, Exercise) and block.asked for block in made.blocks)
    if ending in NEEDS:
        pytest.importorskip(NEEDS[ending])
    if ending in MARKED:
        with suppress(jac.InputError):
            assert rendered(made, ending, "a4") != rendered(made.unmarked, ending, "a4")
    else:
        assert rendered(made, ending, "a4") == rendered(made.unmarked, ending, "a4")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a signal to a group of processes is POSIX")
@pytest.mark.parametrize("wait", [1.5, 5])
def test_ctrl_c_ends_with_a_sentence_and_leaves_nothing(wait: float, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jacobian", "worksheet", "backprop", "--variants", "200", "--format", "txt",
               "--out", str(tmp_path / "out")]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    time.sleep(wait)                                        # while processes start, and while they work
    os.killpg(run.pid, signal.SIGINT)
    said = run.communicate(timeout=60)
    assert said == ("", "jacobian: interrupted\n")
    assert run.returncode in (130, -signal.SIGINT)          # Python's own end if it fell in an exec: 130 to a shell
    assert not (tmp_path / "out").exists()


def test_the_booklet_has_the_answers_of_each_seed(tmp_path: Path) -> None:
    Variants(MAKE, 3, 5).save_all(tmp_path, ["txt"])
    booklet = (tmp_path / "backprop-variants.txt").read_text()
    seeds = sorted(int(path.stem.split("-")[1]) for path in tmp_path.glob("backprop-*-key.txt"))
    for seed in seeds:
        s = Subject("2-3-1", "relu", "half-squared", seed)
        b = s.network.layers[0].b
        signal = ", ".join(str(v).replace("-", "−") for v in s.numbers(s.derivation.value_by(b)))
        row = next(line for line in booklet.splitlines() if line.split()[:1] == [str(seed)])
        assert f"({signal})" in row


def test_files_that_are_there_stay(tmp_path: Path, capsys) -> None:
    command = ["worksheet", "backprop", "--network", "2-2-1", "--variants", "1", "--format", "txt", "--out",
               str(tmp_path)]
    Variants(partial(jac.worksheet, "backprop", network="2-2-1"), 1).save_all(tmp_path, ["txt"])
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(command) == 2
    assert "is there already" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir()}


@pytest.mark.parametrize("count", [0, -3, 10**6, 2.5])
def test_so_many_variants_cannot_be(count) -> None:
    with pytest.raises(jac.InputError, match="the number of variants is from 1 to"):
        Variants(MAKE, count)


@pytest.mark.parametrize(("network", "said"), [
    ("2-3-1", r"On all of them no misconception"),
    ("2-2-1", r"On all of them but those of the seeds ([\d, ]+) no misconception"),
    ("1-1-1", r"On each of them a misconception .* the network is too small"),
])
def test_a_booklet_says_on_which_sheets_a_misconception_gives_a_right_number(network: str, said: str,
                                                                            tmp_path: Path) -> None:
    Variants(partial(jac.worksheet, "backprop", network=network), 3).save_all(tmp_path, ["md"])
    found = re.search(said, (tmp_path / "backprop-variants.md").read_text())
    assert found
    made = {int(path.stem.split("-")[1]) for path in tmp_path.glob("backprop-*-key.md")}
    silent = {"2-3-1": set(), "1-1-1": made}.get(network) if not found.groups() else set(map(int, found[1].split(",")))
    for seed in made:
        s = Subject(network, "relu", "half-squared", seed)
        bind = Binding({x: np.asarray(v, dtype=float) for x, v in s.numbers.values.items()}, s.sizes)
        assert (_telling(s.network, s.derivation, s.exact).coincidences(bind) > 0) == (seed in silent)


@pytest.mark.parametrize("args", [("2-3-4-1", "relu", "half-squared"), ("3-4-2", "tanh", "cross-entropy"),
                                  ("3-2-2", "leaky-relu", "mse")])
def test_no_misconception_gives_a_right_number(args: tuple[str, str, str]) -> None:
    for seed in range(6):
        s = Subject(*args, seed)
        telling = _telling(s.network, s.derivation, s.exact)
        bind = Binding({x: np.asarray(v, dtype=float) for x, v in s.numbers.values.items()}, s.sizes)
        assert len(telling.rows) > 8
        assert telling.coincidences(bind) == 0


def test_a_symmetric_matrix_does_not_tell_its_transpose() -> None:
    s = Subject("2-2-1", "relu", "half-squared", 3)
    telling = _telling(s.network, s.derivation, s.exact)
    changed = dict(s.numbers.values) | {s.network.layers[0].W: np.array([[1, 2], [2, 1]])}
    bind = Binding({x: np.asarray(v, dtype=float) for x, v in changed.items()}, s.sizes)
    assert telling.coincidences(bind) > 0


def test_the_hardest_and_the_easiest_are_left_out() -> None:
    efforts = [Effort(9, 2, nonzeros, 4, 50) for nonzeros in (30, 90, 31, 29, 5)]
    assert alike(efforts, 3) == [0, 2, 3]


@pytest.mark.parametrize(("answer", "shapes", "given", "total"), [
    ("(W'*delta) .* a .* (1 - a)", "W: m n, delta: m, z: n", "a = sigmoid(z)", "sum_i z_i^2"),
    ("x' * inv(A) * x", "A: n n, x: n", "", "sum_i sum_j A_ij x_j"),
    ("relu(A*x)/m", "A: m n, x: n", "", "1 + sum_i x_i"),
])
def test_trees_have_the_same_values_together_as_one_by_one(answer: str, shapes: str, given: str, total: str) -> None:
    question = jac.Question(answer, shapes, given)
    trees = [tree for _, tree, _ in singles(question.resolved, question.context)]
    trees.append(question.tree(total))
    for point in question.points[:2]:
        alone = [values_of(tree, [point]) for tree in trees]
        together = Tape(trees)(point)
        assert len(trees) > 20
        for one, made in zip(alone, together, strict=True):
            assert (made is None) == (not one)
            assert made is None or np.array_equal(made.array, one[0].array, equal_nan=True)
            assert made is None or (made.kind, made.free, made.eye) == (one[0].kind, one[0].free, one[0].eye)


def test_a_formula_asked_at_numbers_is_the_question_that_has_them() -> None:
    W, x = np.array([[1, 2, -1], [0, 3, 1]]), np.array([2, -1, 4])
    asked = ("b .* (1 - b)", "W: m n, x: n", "a = W*x; b = sigmoid(a)")
    formula = jac.Question(*asked)
    wanted = jac.Question(*asked, asks="numbers", values={"W": W, "x": x})
    found = formula.at({"W": W, "x": x})
    b = 1 / (1 + np.exp(-W @ x))
    assert np.allclose(found.rights[0].array.ravel(), b * (1 - b))
    assert found.fields == wanted.fields
    assert jac.grade(found, str((b * (1 - b)).tolist())).ok
    assert not jac.grade(found, str(b.tolist())).ok
    assert formula.asks == "formula"
    assert jac.grade(formula, "b - b.^2").ok


@pytest.mark.extra
def test_the_notebooks_of_variants_judge_formulas_too(tmp_path: Path) -> None:
    Variants(partial(jac.worksheet, "gradients"), 1, seed=4).save_all(tmp_path / "many", ["ipynb"])
    [sheet] = {path.read_text("utf-8") for path in (tmp_path / "many").glob("*4.ipynb")}
    one = jac.worksheet("gradients", seed=4).save(tmp_path / "one.ipynb").read_text("utf-8")
    asked = re.compile(r'check_formula\(\\"(\w+)')
    assert len(asked.findall(sheet)) >= 8
    assert asked.findall(sheet) == asked.findall(one)
