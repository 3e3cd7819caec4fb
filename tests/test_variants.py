"""Variants: many sheets that are equally hard, whose numbers tell misconceptions from right formulas."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import jacobian as jac
from jacobian.__main__ import main
from jacobian.symbolic.evaluate import Binding
from jacobian.worksheet.backprop.numbers import _telling
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.effort import Effort, alike
from jacobian.worksheet.variants import Variants

MAKE = partial(jac.worksheet, "backprop", network="2-3-1")


def test_files_are_the_same_with_and_without_an_executor(tmp_path: Path) -> None:
    texts = []
    for name, executor in (("one", None), ("several", ThreadPoolExecutor(2))):
        paths = Variants(MAKE, 3, 5, executor).save_all(tmp_path / name, ["txt", "md"])
        texts.append({path.name: path.read_text() for path in paths})
    assert texts[0] == texts[1]
    assert len(texts[0]) == 2 * (2 * 3 + 1)
    sheets = [text for name, text in texts[0].items() if name.endswith(".txt") and "key" not in name]
    assert len(set(sheets)) == 4


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
