"""The worksheet: every number worked out a second time from what is printed, nothing of the key on the sheet."""

import re
from base64 import b64decode
from dataclasses import replace
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp

import jacobian as jac
from jacobian.printing.latex import latex
from jacobian.printing.notation import boxes, equation
from jacobian.worksheet.backprop import network as networks
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.backprop.topic import made
from jacobian.worksheet.document import Display, Document, Exercise, Paragraph, flat
from jacobian.worksheet.matter import grid
from jacobian.worksheet.numbers import written
from jacobian.worksheet.sheet import FORMATS, KEYED, Worksheet

NEEDS = {"pdf", "ipynb"}                # formats that need an optional package
PLAIN = [ending for ending in FORMATS if ending not in NEEDS | KEYED]
ENDINGS = [pytest.param(ending, marks=pytest.mark.extra) if ending in NEEDS else ending for ending in FORMATS
           if ending not in KEYED]
CASES = [
    ("2-3-4-1", "relu", "half-squared", 7),
    ("2-3-4-1", "relu", "half-squared", 0),
    ("3-2", "relu", "mse", 1),
    ("1-1-1", "leaky-relu", "half-squared", 2),
    ("3-5-2", "leaky-relu", "mse", 3),
    ("2-3-2", "sigmoid", "half-squared", 4),
    ("4-3-3-2", "tanh", "cross-entropy", 5),
    ("3-4-3", "relu", "cross-entropy", 6),
    ("2-3-2-1", "leaky-relu,relu", "half-squared", 8),
]


def forward(values: dict[str, np.ndarray], layers: int, activation: str,
            loss: str) -> tuple[dict[str, np.ndarray], float]:
    """A plain forward feed, written here once more in NumPy."""
    acts = {"relu": lambda z: np.maximum(z, 0), "leaky-relu": lambda z: np.where(z > 0, z, z / 2), "tanh": np.tanh,
         "sigmoid": lambda z: 1 / (1 + np.exp(-z))}
    names = activation.split(",")
    a, found = values["x"], {}
    for k in range(1, layers + 1):
        z = values[f"W{k}"] @ a + values[f"b{k}"]
        found["h" if k == layers else f"z{k}"] = z
        if k < layers:
            a = found[f"a{k}"] = acts[names[k - 1 if len(names) > 1 else 0]](z)
    h, t = found["h"], values["t"]
    measures = {"half-squared": np.sum((h - t) ** 2) / 2, "mse": np.mean((h - t) ** 2),
                "cross-entropy": -np.sum(t * (h - np.log(np.sum(np.exp(h)))))}
    return found, float(measures[loss])


def plain(s: Subject) -> dict[str, np.ndarray]:
    return {symbol.label: np.array(value, dtype=float) for symbol, value in s.numbers.values.items()}


@pytest.mark.parametrize(("text", "activation", "loss", "seed"), CASES)
def test_every_number_of_the_forward_feed_is_right(text, activation, loss, seed) -> None:
    s = Subject(text, activation, loss, seed)
    found, J = forward(plain(s), len(s.network.layers), activation, loss)
    for y in s.network.named[:-1]:
        np.testing.assert_allclose(np.array(s.numbers(y), dtype=float), found[y.label], rtol=1e-12)
    assert float(s.numbers(s.network.goal).item()) == pytest.approx(J, rel=1e-12)


@pytest.mark.parametrize(("text", "activation", "loss", "seed"), CASES)
def test_every_gradient_is_the_slope_of_the_loss(text, activation, loss, seed) -> None:
    s = Subject(text, activation, loss, seed)
    values, layers = plain(s), len(s.network.layers)
    for p in s.network.parameters:
        gradient = np.array(s.numbers(s.derivation.value_by(p)), dtype=float)
        for place in np.ndindex(*gradient.shape):
            ends = []
            for h in (1e-5, -1e-5):
                moved = {**values, p.label: values[p.label].copy()}
                moved[p.label][place] += h
                ends.append(forward(moved, layers, activation, loss)[1])
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(("text", "activation", "loss", "seed"), [case for case in CASES if case[0].count("-") > 1])
def test_the_chain_of_jacobians_ends_in_the_first_error_signal(text, activation, loss, seed) -> None:
    s = Subject(text, activation, loss, seed)
    chain = next(e for e in Worksheet("backprop", s.seed, made(s)).exercises if e.title == "The chain of Jacobians")
    signal = s.numbers(s.derivation.value_by(s.network.layers[0].b)).reshape(1, -1)
    assert [*flat(chain.answer)][-1].box.items[-1] == grid(signal)


def test_one_layer_has_neither_activation_nor_chain(tmp_path: Path) -> None:
    made = jac.worksheet("backprop", network="3-2")
    titles = [e.title for e in made.exercises]
    assert "The chain of Jacobians" not in titles
    assert [e.number for e in made.exercises] == list(range(1, len(titles) + 1))
    assert "ReLU" not in made.save(tmp_path / "key.html", key=True).read_text()


def test_the_numbers_of_parameters_of_the_notes_network_are_30() -> None:
    assert Subject("2-3-4-1", "relu", "half-squared", 7).parameters == 30


@pytest.mark.parametrize(("text", "activation", "loss", "seed"), CASES)
def test_the_total_differential_comes_near_the_change_of_the_loss(text, activation, loss, seed) -> None:
    s = Subject(text, activation, loss, seed)
    b = s.network.layers[0].b
    change = s.change_of(b)
    predicted = float(s.numbers(s.derivation.value_by(b)) @ change)
    values = plain(s)
    before = forward(values, len(s.network.layers), activation, loss)[1]
    values["b1"] = values["b1"] + np.array(change, dtype=float)
    after = forward(values, len(s.network.layers), activation, loss)[1]
    assert after - before == pytest.approx(predicted, rel=0.1)
    assert float(s.difference({b: change})) == pytest.approx(after - before, abs=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_numbers_are_humane_and_teach(seed: int) -> None:
    s = Subject("2-3-4-1", "relu", "half-squared", seed)
    for symbol in (*s.network.parameters, s.network.x):
        assert all(entry.is_Integer and abs(entry) <= 3 for entry in s.numbers(symbol).flat)
    for layer in s.network.layers[:-1]:
        z = s.numbers(layer.z)
        assert all(entry.is_Integer and 0 < abs(entry) <= 20 for entry in z)
        assert any(entry > 0 for entry in z)
        assert any(entry < 0 for entry in z)
    for p in s.network.parameters:
        gradient = s.numbers(s.derivation.value_by(p))
        assert any(entry != 0 for entry in gradient.flat)
        assert all(entry.is_Integer and abs(entry) <= 60 for entry in gradient.flat)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    texts = []
    for k, seed in enumerate((7, 7, 8)):
        jac.worksheet("backprop", seed=seed).save_all(tmp_path / str(k))
        texts.append({p.name: p.read_bytes() for p in sorted((tmp_path / str(k)).iterdir())})
    assert texts[0] == texts[1]
    assert all(texts[0][name] != texts[2][name] for name in texts[0])


LONG = {"1-1-1-1-1-2", "2-2-2-2-2-2", "8-8-8-2", "8-8-8-8-8-8"}        # networks that take seconds


def every_kind(*texts: str) -> list:
    return [pytest.param(*case, marks=pytest.mark.slow) if case[0] in LONG else case
            for case in product(texts, networks.ACTIVATIONS, networks.LOSSES)
            if not (case[2] == "cross-entropy" and case[0].endswith("-1"))]


@pytest.mark.parametrize(("text", "activation", "loss"), every_kind(
    "1-1", "1-8-1", "3-4-2", "2-3-4-1", "1-1-1-1-1-2", "2-2-2-2-2-2", "8-8-8-2"))
def test_every_number_of_a_key_is_seen(text, activation, loss, tmp_path: Path) -> None:
    for seed in range(2):
        made = jac.worksheet("backprop", network=text, activation=activation, loss=loss, seed=seed)
        assert not re.findall(r"(?<![\d.])0\.0+(?!\d)", made.save(tmp_path / "key.md", key=True).read_text())


@pytest.mark.parametrize(("text", "activation", "loss"), every_kind("2-3-4-2", "8-8-8-8-8-8"))
def test_small_numbers_are_found_where_the_activation_and_the_loss_are_not_flat(text, activation, loss) -> None:
    for seed in range(3):
        s = Subject(text, activation, loss, seed)
        found, _ = forward(plain(s), len(s.network.layers), activation, loss)
        z = np.concatenate([found[k.z.label] for k in s.network.layers[:-1]])
        slope = {"tanh": 1 - np.tanh(z) ** 2, "sigmoid": np.exp(-z) / (1 + np.exp(-z)) ** 2}.get(activation, np.ones(1))
        assert slope.min() >= 0.05
        assert 0.1 <= np.abs(z).max() <= 20
        if loss == "cross-entropy":
            assert np.ptp(found["h"]) <= 4
        for line in s.derivation.lines:
            assert all(entry == 0 or abs(entry) >= 0.001 for entry in np.ravel(s.numbers(line.value)))


ANSWERS = ["I_{n_{1}}", r"\mathrm{diag}", r"\underbrace{W_{3}^{\top}}", r"\underbrace{a_{2}^{\top}}",
           r"\underbrace{x^{\top}}", "= 30"]
BARE = [r"\circ ( W_{3}^{\top}", r"\delta_{3} a_{2}^{\top}", r"\delta_{1} x^{\top}"]


def test_the_key_has_every_answer_and_the_sheet_none(tmp_path: Path) -> None:
    made = jac.worksheet("backprop", seed=7)
    key = made.save(tmp_path / "key.md", key=True).read_text()
    sheet = made.save(tmp_path / "sheet.md").read_text()
    for answer in ANSWERS:
        assert answer in key
        assert answer not in sheet
    assert not any(answer in sheet for answer in BARE)
    assert all(e.answer is None for e in made.sheet.blocks if isinstance(e, Exercise))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_sheet_is_the_same_whatever_the_answers_are(ending: str) -> None:
    made, other = (jac.worksheet("backprop", seed=7) for _ in range(2))
    other.__dict__["exercises"] = [replace(e, answer=(Paragraph(("another",)),)) for e in made.exercises]
    assert FORMATS[ending](other.sheet) == FORMATS[ending](made.sheet)
    assert FORMATS[ending](other.key) != FORMATS[ending](made.key)


@pytest.mark.parametrize(("text", "activation", "loss", "seed"), CASES)
def test_no_formula_of_an_answer_stands_on_the_sheet(text, activation, loss, seed) -> None:
    """Seen, heard (alttext) or hidden; what the sheet gives, the definitions and the numbers, is no answer."""
    made = jac.worksheet("backprop", network=text, activation=activation, loss=loss, seed=seed)
    answers = [block for e in made.exercises for block in e.answer if isinstance(block, Display)]
    assert formulas(answers) & formulas(made.sheet.blocks) <= formulas(given(Subject(text, activation, loss, seed)))
    page = FORMATS["md"](made.sheet)
    assert not [latex(answer.box) for answer in answers if latex(answer.box) in page]


def given(s: Subject) -> list[Display]:
    """The definitions and the numbers of a sheet."""
    return [*(Display(equation(boxes(y), boxes(y.args[0]))) for y in s.network.named),
            *(Display(equation(boxes(x), grid(value))) for x, value in s.numbers.values.items())]


def formulas(blocks) -> set[str]:
    return set(re.findall(r"<math.*?</math>", FORMATS["html"](Document("", "", "en", tuple(blocks)))))


@pytest.mark.parametrize("ending", PLAIN)
def test_no_shape_is_told_on_the_sheet(ending: str) -> None:
    """Not in words, attributes, comments, nor in Markdown's picture; only numbers that are read out have a shape."""
    made = jac.worksheet("backprop", seed=7)

    def told(document: Document) -> list[str]:
        text = re.sub(r"<style>.*?</style>", "", FORMATS[ending](document), flags=re.DOTALL)
        text = re.sub(r"matrix of \d+ by \d+: row 1", "", text)
        text = re.sub(r"[${}]", "", text).replace(r"\times", "×")
        text = re.sub(r"base64,([\w+/=]+)", lambda found: b64decode(found[1]).decode(), text)
        return re.findall(r"\d *(?:×|x|\*|by|\\times|&times;) *\d", re.sub(r"<svg[^>]*>", "", text))

    assert not told(made.sheet)
    assert "3 × 2" in told(made.key)


def test_there_is_room_for_the_answer_and_no_more_than_a_page() -> None:
    small, large = (jac.worksheet("backprop", network=text).exercises for text in ("2-2-2", "2-4-2"))
    assert all(0 < a.lines <= b.lines for a, b in zip(small, large, strict=True))
    assert sum(e.lines for e in small) < sum(e.lines for e in large)
    assert max(e.lines for e in jac.worksheet("backprop", network="8-8-8-8-8-8").exercises) <= 24


def test_the_page_is_whole_and_needs_nothing_else(tmp_path: Path) -> None:
    page = jac.worksheet("backprop", seed=7).save(tmp_path / "key.html", key=True).read_text()
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=[\"']?http", page)
    assert page.count("font/woff2;base64") == 1
    for formula in re.findall(r"<math.*?</math>", page, re.DOTALL):
        ElementTree.fromstring(formula)


@pytest.mark.parametrize(("ending", "said"), [("sheet.doc", "no ending that is known"), ("sheet", "no ending")])
def test_an_unknown_format_is_refused(tmp_path: Path, ending: str, said: str) -> None:
    with pytest.raises(jac.InputError, match=said):
        jac.worksheet("backprop").save(tmp_path / ending)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("network", "shown"), [([2, 3], r"\[2, 3\]"), (23, "23"), ("２-3", "'２-3'"), ("2-", "'2-'")])
def test_a_network_is_written_in_digits(network, shown: str) -> None:
    with pytest.raises(jac.InputError, match=f"such as 2-3-4-1, but {shown} was given"):
        jac.worksheet("backprop", network=network)


def test_a_seed_may_be_a_number_of_numpy() -> None:
    write = FORMATS["md"]
    assert write(jac.worksheet("backprop", seed=np.int64(7)).key) == write(jac.worksheet("backprop", seed=7).key)


@pytest.mark.parametrize(("number", "text"), [
    (sp.Integer(-3), "-3"), (sp.Rational(1, 2), "0.5"), (sp.Rational(2, 3), "2/3"), (sp.Rational(-1, 400), "-0.0025"),
    (sp.Float("0.123456"), "0.1235"), (sp.Float(2), "2"), (0, "0"), (sp.sqrt(2), "1.4142"),
    (sp.Float("-0.00001"), "0.0000"), (sp.Rational(-1, 30000), "-1/30000"), (sp.Rational(-95, 128), "-95/128"),
    (sp.Rational(-8097, 1280), "-6.3258"), (sp.Rational(100, 1), "100"), (sp.Float(-300), "-300"),
])
def test_numbers_are_written_as_a_person_would(number, text: str) -> None:
    assert written(number) == text


def test_a_wrong_gradient_at_these_numbers_stops_the_sheet() -> None:
    from jacobian.symbolic.leaves import number
    from jacobian.symbolic.operations import scale
    from jacobian.worksheet.numbers import confirm
    s = Subject("2-3-1", "relu", "half-squared", 0)
    b = s.network.layers[0].b
    wrong = jac.Row(scale(number(2), s.derivation.jacobians[b].g))
    with pytest.raises(ArithmeticError, match="complex step"):
        confirm(replace(s.derivation, jacobians={**s.derivation.jacobians, b: wrong}), s.numbers)


def test_every_activation_and_loss_has_a_case() -> None:
    assert {name for case in CASES for name in case[1].split(",")} == set(networks.ACTIVATIONS)
    assert {case[2] for case in CASES} == set(networks.LOSSES)
