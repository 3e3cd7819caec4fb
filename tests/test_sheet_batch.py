"""A sheet on the back-propagation of a batch: every number once more in NumPy, by rows and by columns."""

import re

import numpy as np
import pytest

import jacobian as jac
from jacobian.__main__ import main
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.sheet import FORMATS

CASES = [
    ("2-3-2", "relu", "half-squared", 4, "rows", 0),
    ("2-3-2", "leaky-relu", "mse", 3, "columns", 1),
    ("3-4-2", "relu", "cross-entropy", 2, "rows", 2),
    ("2-2-3-1", "tanh", "half-squared", 3, "columns", 3),
    ("3-2", "relu", "mse", 5, "rows", 4),
]
ACTIVATIONS = {"relu": lambda z: np.maximum(z, 0), "leaky-relu": lambda z: np.where(z > 0, z, z / 2), "tanh": np.tanh}
LOSSES = {          # of each sample, the rows of h and t
    "half-squared": lambda h, t: ((h - t) ** 2).sum(axis=1) / 2,
    "mse": lambda h, t: ((h - t) ** 2).mean(axis=1),
    "cross-entropy": lambda h, t: -(t * (h - np.log(np.exp(h).sum(axis=1, keepdims=True)))).sum(axis=1),
}


def subject(text, activation, loss, batch, samples, seed) -> Subject:
    return Subject(text, activation, loss, seed, batch=batch, samples=samples)


def feed(values, layers, activation, loss, samples):
    """Sample by sample, in column vectors: each result of the forward feed as rows, and the loss."""
    rows = (lambda x: x.T) if samples == "columns" else (lambda x: x)
    a, found = rows(values["X"]), {}
    for k in range(1, layers + 1):
        z = np.stack([values[f"W{k}"] @ sample + values[f"b{k}"] for sample in a])
        found["H" if k == layers else f"Z{k}"] = z
        if k < layers:
            a = found[f"A{k}"] = ACTIVATIONS[activation](z)
    return found, float(np.mean(LOSSES[loss](found["H"], rows(values["T"]))))


def plain(s: Subject) -> dict[str, np.ndarray]:
    return {symbol.label: np.array(value, dtype=float) for symbol, value in s.numbers.values.items()}


@pytest.mark.parametrize(("text", "activation", "loss", "batch", "samples", "seed"), CASES)
def test_every_number_of_the_batch_is_that_of_its_samples(text, activation, loss, batch, samples, seed) -> None:
    s = subject(text, activation, loss, batch, samples, seed)
    values, layers = plain(s), len(s.network.layers)
    found, J = feed(values, layers, activation, loss, samples)
    for y in s.network.named[:-1]:
        numbers = np.array(s.numbers(y), dtype=float)
        assert numbers.shape[samples == "columns"] == batch
        np.testing.assert_allclose(numbers.T if samples == "columns" else numbers, found[y.label], rtol=1e-12)
    assert float(s.numbers(s.network.goal).item()) == pytest.approx(J, rel=1e-12)
    for p in s.network.parameters:
        gradient = np.array(s.numbers(s.derivation.value_by(p)), dtype=float)
        for place in np.ndindex(*gradient.shape):
            ends = []
            for h in (1e-5, -1e-5):
                moved = {**values, p.label: values[p.label].copy()}
                moved[p.label][place] += h
                ends.append(feed(moved, layers, activation, loss, samples)[1])
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-7)


# Of a batch by rows and by columns: the item, its right formula, and mistakes with their names.
ANSWERS = {
    "rows": ("rows", {"Δ₂ = ∂J/∂H": ("(H - T)/N", {"H - T": "batch sum or mean"}),
                      "∂J/∂W₂": ("Delta2'*A1", {"A1'*Delta2": "layout", "Delta2'*A1/N": "batch sum or mean"}),
                      "∂J/∂b₁": ("Delta1.T @ np.ones(N)", {"Delta1.T @ np.ones(N)/N": "batch sum or mean"})}),
    "columns": ("columns", {"Δ₁ = ∂J/∂Z₁": ("(W2'*Delta2) .* (Z1 > 0)", {"(W2'*Delta2)": "derivative missing"}),
                            "∂J/∂W₁": ("Delta1*X'", {"X*Delta1'": "layout"})}),
}


@pytest.mark.parametrize(("samples", "answers"), ANSWERS.values(), ids=ANSWERS)
def test_answers_for_a_batch_are_graded_and_their_mistakes_named(samples, answers) -> None:
    made = jac.worksheet("backprop", network="2-3-2", batch=4, samples=samples)
    items = {item.name: item.question for exercise in made.exercises for item in exercise.asked}
    for name, (right, wrong) in answers.items():
        assert jac.grade(items[name], right).ok, name
        for typed, mistake in wrong.items():
            verdict = jac.grade(items[name], typed)
            assert (verdict.verdict, verdict.mistake) == ("wrong", mistake), typed


@pytest.mark.parametrize("samples", ["rows", "columns"])
def test_a_batch_says_how_its_samples_lie_in_every_format(samples: str) -> None:
    made = jac.worksheet("backprop", network="2-3-1", batch=2, samples=samples)
    for ending in ("html", "md", "txt", "tex"):
        write = FORMATS[ending]
        sheet = write(made.sheet, "a4") if ending == "tex" else write(made.sheet)
        words = " ".join(re.sub(r"[│\n]+", " ", sheet).split())
        assert f"The samples are the {samples} of" in words
        assert "mean over the samples" in words


WRONG = {
    "one": (["--batch", "1"], "a batch has from 2 to 8 samples, but 1 was given"),
    "many": (["--batch", "400"], "a batch has from 2 to 8 samples, but 400 was given"),
    "negative": (["--batch", "-3"], "a batch has from 2 to 8 samples"),
    "diagonal": (["--batch", "3", "--samples", "diagonals"], "invalid choice: 'diagonals'"),
    "columns": (["--network", "2-3", "--batch", "3", "--samples", "columns", "--loss", "cross-entropy"],
                "takes its samples as rows"),
    "letters": (["--batch", "3", "--names", "x=w"], "two quantities would be called W"),
}


@pytest.mark.parametrize(("arguments", "sentence"), WRONG.values(), ids=WRONG)
def test_a_batch_that_cannot_be_gets_one_sentence(arguments, sentence, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["worksheet", "backprop", *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())
