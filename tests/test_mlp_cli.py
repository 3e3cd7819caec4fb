"""The command `mlp`: what it prints and writes, and one sentence with status 2 for what cannot be."""

import re
import subprocess
import sys

import numpy as np
import pytest
from test_data_files import fill

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
    ([*TINY, "--activation", "rely"], "the activation 'rely' is not known: choose one of linear, relu, "),
    ([*TINY, "--epochs", "0"], "epochs must be a whole number, at least 1"),
    ([*TINY, "--epochs", "many"], "--epochs: a whole number is expected, but 'many' was given"),
    ([*TINY, "--batch", "0"], "batch must be a whole number, at least 1"),
    ([*TINY, "--rate", "-1"], "rate must be a positive number, but -1.0"),
    ([*TINY, "--rate", "nan"], "rate must be a positive number"),
    ([*TINY, "--rate", "1e300"], "in epoch 1 (the loss was nan): a rate of 1e+300 is too large, try 0.1"),
    ([*TINY, "--seed", "-1"], "seed must be a whole number, at least 0"),
    ([*TINY, "--out", "file/inside"], "file is not a folder: choose another place"),
    ([*TINY, "--frobnicate"], "unrecognized arguments: --frobnicate"),
    ([*TINY, "--optimiser", "adan"], "the optimiser 'adan' is not known: choose one of sgd, momentum, nesterov"),
    ([*TINY, "--optimiser", "adam:beta3=1"], "the optimiser 'adam' has no constant 'beta3': it has beta1, beta2"),
    ([*TINY, "--optimiser", "adam:beta1=x"], "beta1 of adam must be a number, but 'x' was given"),
    ([*TINY, "--optimiser", "adam:beta1=2"], "beta1 must be a number between 0 and 1, but 2"),
    ([*TINY, "--optimiser", "sgd:"], "the optimiser 'sgd' has no constant '': it has none"),
    ([*TINY, "--schedule", "cosine"], "the schedule 'cosine' needs length: write cosine:length=…"),
    ([*TINY, "--schedule", "warm-up*"], "the schedule '' is not known"),
    ([*TINY, "--decay", "-1"], "decay must be a positive number"),
    ([*TINY, "--clip-norm", "0"], "limit must be a positive number"),
    ([*TINY, "--init", "xavier"], "the initialisation 'xavier' is not known: choose one of glorot-normal"),
    ([*TINY, "--weights", "fair"], "--weights is balanced, or numbers as in 1,2.5, but not 'fair'"),
    ([*TINY, "--weights", "1,2"], "a positive weight for each of 3 classes is expected"),
    ([*TINY, "--validation", "1"], "validation must be a number between 0 and 1"),
    ([*TINY, "--validation", "0.001"], "are too few to hold 0.001 of each back"),
    ([*TINY, "--patience", "0"], "patience must be a whole number, at least 1"),
    ([*TINY, "--resume"], "name it with --checkpoint FILE"),
    ([*TINY, "--resume", "--checkpoint", "file"], "file cannot be read as a checkpoint"),
    ([*TINY, "--checkpoint", "file/run.npz"], "file is not a folder"),
    ([*TINY, "--target", "kind"], "--target is for a table that ends in .csv, not for tiny"),
    ([*TINY, "--data", "."], "--data is for fashion, not for tiny"),
    (["train", "fashion", "--data", "nowhere"], "nowhere has no file train-images-idx3-ubyte"),
    (["train", "."], ". has no file train-images-idx3-ubyte"),
    (["train", "none.csv"], "which column of none.csv is to be found? Name it with --target NAME"),
    (["train", "none.csv", "--target", "t"], "none.csv cannot be read as a table: No such file or directory"),
    (["train", "none.npz"], "none.npz cannot be read as an npz file: No such file or directory"),
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
    assert "may not be written to: choose another place" in err


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


def flowers(path="flowers.csv"):
    """Three columns and a kind: the first two tell it, the third is constant."""
    rng = np.random.default_rng(0)
    kinds = np.arange(60) % 3
    rows = [f"{100 * kind + rng.normal():.3f},{rng.normal() / 4 - 5 * kind:.4f},7,{'abc'[kind]}" for kind in kinds]
    with open(path, "w", encoding="utf-8") as stream:
        stream.write("\n".join(["length,width,same,kind", *rows]))
    return np.array([[float(cell) for cell in row.split(",")[:3]] for row in rows]), kinds


def test_a_table_is_learnt_and_the_parameters_take_its_numbers_as_they_are(workplace, capsys):
    x, kinds = flowers()
    assert main(["train", "flowers.csv", "--target", "kind", "--hidden", "8", "--rate", "0.02", "--patience", "8"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("flowers.csv: 48 samples to learn from, 12 held back; network 3-8-3, relu, rate 0.02")
    assert lines[1] == "classes: a, b, c"
    assert lines[-2] == "test accuracy 1.0000"
    assert any(line.startswith("best of ") for line in lines)
    network = mlp.mlp("3-8-3", "relu", "cross-entropy")
    params = mlp.load("mlp-run/parameters.npz", network)
    assert mlp.accuracy(network, params, x, kinds) == 1


def test_a_regression_says_how_much_is_explained(workplace, capsys):
    flowers()
    assert main(["train", "flowers.csv", "--target", "length", "--drop", "kind, same", "--hidden", "8",
                 "--optimiser", "adamw:decay=0.1", "--rate", "0.02", "--epochs", "40"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "network 1-8-1" in lines[0]
    assert ", R² " in lines[1]
    name, score = lines[-2].rsplit(" ", 1)
    assert name == "test R²"
    assert float(score) > 0.9
    x = flowers()[0]
    network = mlp.mlp("1-8-1")
    h = network.forward(mlp.load("mlp-run/parameters.npz", network), x[:, 1:2])[:, 0]
    assert 1 - np.square(h - x[:, 0]).sum() / np.square(x[:, 0] - x[:, 0].mean()).sum() > 0.9


def test_a_folder_like_that_of_mnist_is_learnt_in_single_precision(workplace, capsys):
    fill(workplace)
    for words in (["fashion", "--data", "."], ["."]):
        assert main(["train", *words, "--hidden", "4", "--epochs", "2"]) == 0
        assert "6 samples to learn from, 3 held back; network 4-4-3" in capsys.readouterr().out
    with np.load("mlp-run/parameters.npz") as found:
        assert found["W1"].dtype == np.float32
    assert main(["train", ".", "--epochs", "1", "--precision", "float64"]) == 0
    with np.load("mlp-run/parameters.npz") as found:
        assert found["W1"].dtype == np.float64


def test_a_run_goes_on_from_its_checkpoint_to_the_same_bytes(workplace, capsys):
    many = [*TINY, "--optimiser", "nesterov:momentum=0.8", "--schedule", "warm-up*exponential:gamma=0.9",
            "--validation", "0.2", "--clip-norm", "1", "--decay", "0.01", "--weights", "balanced",
            "--init", "orthogonal", "--checkpoint", "run.npz"]
    assert main([*many, "--out", "whole"]) == 0
    assert main([*many, "--epochs", "5", "--out", "begun"]) == 0
    capsys.readouterr()
    assert main([*many, "--resume", "--out", "again"]) == 0
    assert "going on after epoch 5\n" in capsys.readouterr().out
    assert (workplace / "whole/parameters.npz").read_bytes() == (workplace / "again/parameters.npz").read_bytes()
    assert main([*many, "--resume", "--out", "ended"]) == 0
    out = capsys.readouterr().out
    assert "going on after epoch 12\n" in out
    assert "test accuracy" in out
    assert main([*many, "--resume", "--rate", "0.5"]) == 2
    assert "run.npz was made with rate: None, but 0.5 is asked for" in capsys.readouterr().err


@pytest.mark.extra
def test_parameters_may_be_written_as_safetensors(workplace, capsys):
    assert main([*TINY, "--format", "safetensors"]) == 0
    network = mlp.mlp("4-5-3", "relu", "cross-entropy")
    params = mlp.load("mlp-run/parameters.safetensors", network)
    data = tiny()
    assert f"test accuracy {mlp.accuracy(network, params, data.x_test, data.t_test):.4f}" in capsys.readouterr().out


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


def test_check_prints_the_proof_of_the_layers_that_are_named(capsys):
    assert main(["check", "softmax", "huber"]) == 0
    out = capsys.readouterr().out
    assert "Softmax()" in out
    assert "Row" in out
    assert re.search(r"4 of 4 Jacobians of 3 layers are right in float64; the largest error is \d\.\d ε", out)


def test_check_of_a_wrong_layer_names_it_and_fails(capsys, monkeypatch):
    monkeypatch.setattr(mlp.Huber, "bend", lambda self, d: d)
    assert main(["check", "huber", "hinge", "--precision", "float32"]) == 1
    out = capsys.readouterr().out
    assert "wrong: Huber() by h\nwrong: Huber() by t" in out
    assert "2 of 4 Jacobians" in out


@pytest.mark.parametrize(("argv", "words"), [
    (["check", "qqq"], "no layer is called 'qqq': choose among Affine"), (["check", "--seed", "-1"], "from 0 on"),
])
def test_check_says_what_it_does_not_know(argv, words, capsys):
    assert main(argv) == 2
    assert words in capsys.readouterr().err
