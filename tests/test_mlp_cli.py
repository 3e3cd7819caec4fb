"""The command `mlp`: what it prints and writes, and one sentence with status 2 for what cannot be."""

import subprocess
import sys

import numpy as np
import pytest

import jacobian as jac
import mlp
from mlp.__main__ import main
from mlp.cli import train
from mlp.data import DATA, split

TINY = ["train", "tiny", "--hidden", "5", "--epochs", "12", "--batch", "4"]


def tiny(seed=1):
    rng = np.random.default_rng(0)
    t = np.arange(30) % 3
    return split(rng.normal(size=(30, 4)) + 3 * np.eye(3, 4)[t], t)


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    """A small data set, a folder of its own, and a picture that needs no extra."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(DATA, "tiny", tiny)
    monkeypatch.setattr(train, "plot", lambda *about: b"picture")
    monkeypatch.setattr(train, "require_picture", lambda: None)
    return tmp_path


def test_training_prints_losses_and_accuracy_and_writes_both_files(workplace, capsys):
    assert main(TINY) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0].startswith("tiny: 24 samples to learn from, 6 held back; network 4-5-3, relu")
    assert lines[1].startswith("epoch 1 of 12: loss ")
    assert lines[-4].startswith("epoch 12 of 12: loss ")
    assert lines[-2].startswith("test accuracy ")
    assert (workplace / "mlp-run" / "learning-curve.png").read_bytes() == b"picture"
    with np.load(workplace / "mlp-run" / "parameters.npz", allow_pickle=False) as found:
        assert sorted(found) == ["W1", "W2", "b1", "b2"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(workplace, capsys):
    for out, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        assert main([*TINY, "--seed", seed, "--out", out]) == 0
    a, b, c = ((workplace / out / "parameters.npz").read_bytes() for out in "abc")
    assert a == b
    assert a != c


def test_the_parameters_are_those_whose_accuracy_is_printed(workplace, capsys):
    main(TINY)
    data, network = tiny(), mlp.mlp("4-5-3", "relu", "cross-entropy")
    params = mlp.load("mlp-run/parameters.npz", network)
    found = mlp.accuracy(network, params, data.x_test, data.t_test)
    assert f"test accuracy {found:.4f}" in capsys.readouterr().out


@pytest.mark.parametrize(("argv", "words"), [
    ([], "required: COMMAND"),
    (["fly"], "invalid choice: 'fly'"),
    (["train"], "required: DATA"),
    (["train", "mnist"], "the data set 'mnist' is not known: choose one of digits"),
    ([*TINY, "--hidden", "64-0"], "size 2 of '64-0' is 0"),
    ([*TINY, "--hidden", ""], "size 1 of '' is missing"),
    ([*TINY, "--hidden", "999999-999999"], "1.0e+12 weights, but at most 1e+08"),
    ([*TINY, "--activation", "rely"], "choose one of relu, leaky-relu, sigmoid, tanh"),
    ([*TINY, "--epochs", "0"], "epochs must be a whole number, at least 1"),
    ([*TINY, "--epochs", "many"], "--epochs: a whole number is expected, but 'many' was given"),
    ([*TINY, "--batch", "0"], "batch must be a whole number, at least 1"),
    ([*TINY, "--rate", "-1"], "rate must be a positive number, but -1.0"),
    ([*TINY, "--rate", "nan"], "rate must be a positive number"),
    ([*TINY, "--rate", "1e300"], "in epoch 1 (the loss was nan): a rate of 1e+300 is too large, try 0.1"),
    ([*TINY, "--seed", "-1"], "seed must be a whole number, at least 0"),
    ([*TINY, "--out", "file/inside"], "file is not a folder: choose another --out"),
    ([*TINY, "--frobnicate"], "unrecognized arguments: --frobnicate"),
])
def test_bad_input_is_one_sentence_and_status_2_and_nothing_is_written(workplace, capsys, argv, words):
    (workplace / "file").write_text("")
    assert main(argv) == 2
    err = capsys.readouterr().err
    assert err.startswith("mlp: ")
    assert err.count("\n") == 1
    assert words in err
    assert [path.name for path in workplace.iterdir()] == ["file"]


def test_a_missing_extra_is_named_with_its_command_before_training_begins(workplace, capsys, monkeypatch):
    def missing():
        jac.extra("no_such_package.figure", "plot", "the learning curve")

    monkeypatch.setattr(train, "require_picture", missing)
    assert main(TINY) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert 'needs no_such_package, which is not installed: python -m pip install "jacobian-toolkit[plot]"' in err


def test_a_folder_without_permission_is_refused_before_training_begins(workplace, capsys, monkeypatch):
    monkeypatch.setattr(train.os, "access", lambda place, mode: False)
    assert main(TINY) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "may not be written to: choose another --out" in err


@pytest.mark.parametrize(("event", "status", "words"), [
    (KeyboardInterrupt, 130, "mlp: interrupted\n"),
    (MemoryError, 2, "mlp: there is not enough memory: choose smaller sizes\n"),
])
def test_ctrl_c_and_full_memory_end_without_files(workplace, capsys, monkeypatch, event, status, words):
    def ended(*_):
        raise event

    monkeypatch.setattr(train, "learn", ended)
    assert main(TINY) == status
    assert capsys.readouterr().err == words
    assert list(workplace.iterdir()) == []


def test_neither_file_is_written_where_one_cannot_be(workplace, capsys):
    (workplace / "mlp-run" / "parameters.npz").mkdir(parents=True)
    assert main(TINY) == 2
    assert "parameters.npz cannot be written" in capsys.readouterr().err
    assert [path.name for path in (workplace / "mlp-run").iterdir()] == ["parameters.npz"]


def test_brackets_in_a_folder_are_no_markup(workplace, capsys):
    assert main([*TINY, "--out", "a[b][/c]"]) == 0
    assert "a[b][/c]/parameters.npz" in capsys.readouterr().out


def test_a_terminal_shows_a_bar_with_loss_accuracy_and_time_left(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(TINY) == 0
    out = capsys.readouterr().out
    assert "━" in out
    assert "12/12" in out
    assert "left" in out


def test_help_shows_examples(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "mlp train flowers.csv --target species --patience 20" in capsys.readouterr().out


def test_the_module_runs_as_a_command():
    command = [sys.executable, "-m", "mlp", "train", "nothing"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith("mlp: the data set 'nothing' is not known")
