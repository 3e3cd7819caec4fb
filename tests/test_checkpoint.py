"""Checkpoints: a run that was killed at any moment ends bit for bit as one that was never stopped."""

import io
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import jacobian as jac
import mlp
from mlp import checkpoint
from mlp.train import Settings

ROOT = Path(__file__).parent.parent
RULES = {name: row() for name, row in mlp.OPTIMISERS.items()} | {
    "clipped": mlp.ClipNorm(mlp.Decay(mlp.Momentum(), 1e-3), 0.5)}


def problem(optimiser=RULES["adam"], epochs=6, **given):
    rng = np.random.default_rng(0)
    data = mlp.split(rng.normal(size=(40, 4)) + np.eye(4)[np.arange(40) % 4], np.arange(40) % 4)
    settings = Settings("6", epochs=epochs, batch=8, rate=0.02, optimiser=optimiser, **given)
    return mlp.perceptron(data, settings), data, settings


def bits(network, run):
    """Everything a run holds, as bytes."""
    trees = [run.point.params, run.best, *run.point.state.slots.values()]
    return [array.tobytes() for tree in trees for array in network.named(tree).values()] + [
        repr(run.epochs), run.generator, run.point.state.steps]


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("given", [{}, {"validation": 0.25, "schedule": mlp.Plateau(1, 0.5)}, {"patience": 2}],
                         ids=["plain", "plateau", "patience"])
def test_a_run_goes_on_from_every_epoch_to_the_same_bits(tmp_path, name, given):
    network, data, settings = problem(RULES[name], **given)
    runs = list(mlp.learn(network, data, settings))
    for k, run in enumerate(runs):
        path = checkpoint.save(tmp_path / "run.npz", network, data, settings, run)
        again = checkpoint.load(path, network, data, settings)
        assert bits(network, again) == bits(network, run)
        rest = list(mlp.learn(network, data, settings, again))
        assert len(rest) == len(runs) - k - 1
        assert bits(network, [again, *rest][-1]) == bits(network, runs[-1])


def test_single_precision_and_more_epochs_go_on_as_well(tmp_path):
    network, data, settings = problem(epochs=3)
    data = replace(data, x=data.x.astype(np.float32), x_test=data.x_test.astype(np.float32))
    *_, run = mlp.learn(network, data, settings)
    path, more = checkpoint.save(tmp_path / "run.npz", network, data, settings, run), replace(settings, epochs=5)
    *_, last = mlp.learn(network, data, more, checkpoint.load(path, network, data, more))
    *_, whole = mlp.learn(network, data, more)
    assert bits(network, last) == bits(network, whole)
    assert network.named(last.best)["W1"].dtype == np.float32


def test_a_checkpoint_of_another_run_is_refused_with_what_differs(tmp_path):
    network, data, settings = problem(epochs=1)
    (run,) = mlp.learn(network, data, settings)
    path = checkpoint.save(tmp_path / "run.npz", network, data, settings, run)
    other = replace(data, x=data.x + 1e-9)
    for now, words in (
        ((network, data, replace(settings, rate=0.1)), r"made with rate: 0\.02, but 0\.1 is asked for"),
        ((network, data, replace(settings, optimiser=mlp.SGD())), r"made with optimiser: Adam\(.*, but SGD\(\)"),
        ((network, data, replace(settings, seed=3)), "made with seed: 0, but 3"),
        ((network, other, settings), "made with other data: "),
        ((mlp.mlp("4-6-4", "tanh", "cross-entropy"), data, settings), "made with another network: "),
    ):
        with pytest.raises(jac.InputError, match=words):
            checkpoint.load(path, *now)


def test_a_file_that_is_no_checkpoint_is_one_sentence(tmp_path):
    network, data, settings = problem(epochs=1)
    (run,) = mlp.learn(network, data, settings)
    path = checkpoint.save(tmp_path / "run.npz", network, data, settings, run)
    content = path.read_bytes()
    for damage in (b"", b"text", content[:-20], content[:len(content) // 2],
                   content[:200] + bytes(b ^ 255 for b in content[200:300]) + content[300:]):
        path.write_bytes(damage)
        with pytest.raises(jac.InputError, match=r"run\.npz"):
            checkpoint.load(path, network, data, settings)
    with np.load(io.BytesIO(content)) as whole:
        named = dict(whole)
    for missing in ("about", "epochs", "best/W1", "params/b2", "slot m/W2"):
        mlp.save(path, {name: array for name, array in named.items() if name != missing})
        with pytest.raises(jac.InputError, match=r"run\.npz"):
            checkpoint.load(path, network, data, settings)
    mlp.save(path, {**named, "about": np.frombuffer(b"[1]", np.uint8)})
    with pytest.raises(jac.InputError, match=r"run\.npz is no checkpoint"):
        checkpoint.load(path, network, data, settings)


# ---- killed --------------------------------------------------------------------------------------------------------


def command(folder, *more):
    return [sys.executable, "-m", "mlp", "train", "a.npz", "--hidden", "150-100", "--epochs", "12", "--batch", "8",
            "--patience", "6", "--checkpoint", str(folder / "run.npz"), "--out", str(folder), *more]


def start(workplace, folder, *more):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(command(folder, *more), cwd=workplace, env=env, stdout=subprocess.PIPE, text=True)


@pytest.mark.extra
@pytest.mark.slow
def test_a_process_that_is_killed_again_and_again_ends_with_the_same_bits(tmp_path):
    """SIGKILL after 1, 2, … epochs and then a moment more, so that it falls into epochs and into writing."""
    rng = np.random.default_rng(0)
    mlp.save(tmp_path / "a.npz", {"x": rng.normal(size=(600, 40)), "t": rng.integers(0, 5, 600)})
    whole = start(tmp_path, tmp_path / "whole")
    whole.communicate(timeout=120)
    assert whole.returncode == 0
    killed, went_on = 0, 0
    for attempt in range(12):
        process = start(tmp_path, tmp_path / "killed", "--resume")
        printed = []
        for line in process.stdout:
            printed.append(line)
            if line.startswith("epoch"):
                time.sleep(0.004 * attempt)
                process.send_signal(signal.SIGKILL)
                break
        process.stdout.close()
        went_on += any(re.match("going on after epoch", line) for line in printed)
        killed += process.wait(120) == -signal.SIGKILL
    assert killed >= 5
    assert went_on >= 5
    process = start(tmp_path, tmp_path / "killed", "--resume")
    process.communicate(timeout=120)
    assert process.returncode == 0
    for name in ("parameters.npz", "run.npz"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
