"""The notation of a sheet: one setting, and questions, keys, hints, words for formulas and grading follow."""

import re
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import jacobian as jac
from jacobian.__main__ import main
from jacobian.derivation.measure import complex_step
from jacobian.errors import InputError
from jacobian.printing.boxes import Box
from jacobian.printing.text import alt, text
from jacobian.symbolic.evaluate import Binding
from jacobian.worksheet.backprop.subject import Subject
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Exercise, flat
from jacobian.worksheet.kinds.difference import comparison
from jacobian.worksheet.kinds.layer import layers
from jacobian.worksheet.matter import inputs
from jacobian.worksheet.notation import LAYOUTS, notation
from jacobian.worksheet.sheet import FORMATS, KEYED, Worksheet, worksheet_from
from jacobian.worksheet.topics import TOPICS, read_topic

# Letters that no built-in sheet uses, for everything that a network or a layer has.
LETTERS = {"x": "ξ", "W": "Ω", "b": "β", "z": "ζ", "a": "η", "h": "ω", "t": "τ", "L": "E", "delta": "ε"}
OTHER = ", ".join(f"{old}={new}" for old, new in LETTERS.items())
OLD = re.compile(r"(?<![^\W\d_])(?:(?<!\()[abx]|[WzhtJL]|(?<!capital )δ)(?![^\W\d_])")
SLOPES = "z=h, a=y, delta=∂L/∂z, L=E"
CHOICES = [{"layout": layout, "vec": vec} for layout in LAYOUTS for vec in ("rows", "columns")]
OPTIONS = {"backprop": {"network": "2-3-2"}}


HIDDEN = {"svg", "salt", "digest", "answer_digest"}       # fields of a document that are no words


def parts(whole):
    """All texts and boxes of blocks."""
    if isinstance(whole, Box):
        yield text(whole)
        yield alt(whole).replace("delta", "δ")
    elif isinstance(whole, str):
        yield re.sub(r"\b[Aa] (?=[a-z]{2})", "", whole)           # A row, a column
    elif isinstance(whole, tuple | list):
        for part in whole:
            yield from parts(part)
    elif is_dataclass(whole):
        for field in fields(whole):
            if field.name not in HIDDEN:
                yield from parts(getattr(whole, field.name))


def said(made: Worksheet) -> str:
    """What stands on the sheet and on the key, in signs and in words, and what is marked by a program."""
    items = [found for exercise in made.exercises for item in exercise.asked
             for found in (item.name, *map(str, item.question.fields.values()))]
    return "\n".join([*parts(made.sheet.blocks), *parts(made.key.blocks), *items])


# In the rules and misconceptions of the tables letters stand for anything: A X B, d(‖x‖²) = 2 xᵀ dx, a b for W x.
GENERAL = re.compile(r"differential|gradient of|Jacobian of softmax|function of each entry|A X B|cross-entropy|"
                     r"product rule|constant factor|mistake is called|^\([a-d]\)")


@pytest.mark.parametrize("topic", ["sgd", "backprop", "shapes", *(
    pytest.param(topic, marks=pytest.mark.slow)
    for topic in ("batch-and-bias", "chain-rule", "softmax-cross-entropy", "total-derivative"))])
def test_no_letter_of_the_usual_notation_is_left(topic: str) -> None:
    usual = jac.worksheet(topic, seed=1, **OPTIONS.get(topic, {}))
    other = jac.worksheet(topic, seed=1, names=OTHER, **OPTIONS.get(topic, {}))
    assert OLD.search(said(usual))
    left = [line for line in said(other).splitlines() if OLD.search(line) and not GENERAL.search(line)]
    assert left == []


@pytest.mark.parametrize("topic", [
    topic if topic in {"backprop", "gradients", "diagonal"} else pytest.param(topic, marks=pytest.mark.slow)
    for topic in TOPICS])
def test_other_letters_change_nothing_but_letters(topic: str) -> None:
    usual, other = (jac.worksheet(topic, seed=2, names=names, **OPTIONS.get(topic, {})) for names in ("", OTHER))
    assert [len(e.asked) for e in usual.exercises] == [len(e.asked) for e in other.exercises]
    assert [e.points for e in usual.exercises] == [e.points for e in other.exercises]
    for a, b in zip(usual.exercises, other.exercises, strict=True):
        assert [i.question.fields.get("asks") for i in a.asked] == [i.question.fields.get("asks") for i in b.asked]


def test_a_signal_without_a_letter_is_the_derivative() -> None:
    made = said(jac.worksheet("backprop", network="2-3-2", names=SLOPES))
    assert not re.search("(?<!capital )δ", made)
    assert "∂E/∂h₁ = (ReLU′(h₁) : n₁) ∘ ((W₂ᵀ : n₁ × n₂) (∂E/∂o : n₂))" in made
    assert "∂E/∂o = ∂E/∂o" not in made


@pytest.mark.parametrize("choice", CHOICES, ids=str)
@pytest.mark.parametrize("topic", ["chain-rule", "jacobians", "batch-and-bias", "layer-norm"])
def test_every_jacobian_is_the_slope_as_it_lies(topic: str, choice: dict[str, str]) -> None:
    chosen = notation(**choice)
    order = "F" if choice["vec"] == "columns" else "C"
    for k, row in enumerate(read_topic(topic).rows):
        if row.kind not in ("local", "compose", "backward", "numbers"):
            continue
        case = Case(row.formula, row.shapes, row.by, row.sizes, k, chosen)
        bind = Binding({s: np.asarray(v, dtype=float) for s, v in case.numbers.values.items()}, case.sizes)
        for layer in layers(case):
            inner = bind(layer.x)
            fixed = {x: bind(x) for x in inputs(layer.y.args[0])}

            def moved(v, layer=layer, bind=bind, fixed=fixed, shape=inner.shape):
                at = bind.moved({**fixed, layer.x: v.reshape(shape, order=order)})
                return at(layer.y.args[0]).reshape(-1, order=order)

            J = complex_step(moved, inner.reshape(-1, order=order))
            if choice["layout"] == "denominator":
                J = J.T
            np.testing.assert_allclose(np.asarray(case.matrix(layer.value), float), J, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("topic", ["gradients", "jacobians", "total-derivative"])
def test_every_line_of_a_key_lies_as_its_layout_says(topic: str, layout: str) -> None:
    for k, row in enumerate(read_topic(topic).rows):
        if row.kind == "prove":
            continue
        case, usual = (Case(row.formula, row.shapes, row.by, row.sizes, k, notation(name)) for name in (layout, ""))
        scalar = case.goal.shape == ()
        turned = layout == "numerator" if scalar else layout == "denominator"
        for line, before in zip(case.lines, usual.lines, strict=True):
            a, b = (np.asarray(m.matrix(x.value), float) for m, x in ((case, line), (usual, before)))
            np.testing.assert_allclose(a, b.T if turned else b)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_chain_multiplies_as_it_is_written(layout: str) -> None:
    made = jac.worksheet("backprop", network="2-3-4-2", seed=3, layout=layout)
    chain = next(e for e in made.exercises if e.title == "The chain of Jacobians")
    products = [block.box.items for block in flat(chain.answer) if "·" in text(block.box)]
    assert len(products) == 4
    for items in products:
        numbers = [np.array([[float(entry.text) for entry in row] for row in item.rows])
                   for item in _grids(items)]
        *factors, result = numbers
        np.testing.assert_allclose(np.linalg.multi_dot(factors), result)
    subject = Subject("2-3-4-2", "relu", "half-squared", 3)
    first = np.asarray(subject.numbers(subject.derivation.value_by(subject.network.layers[0].b)), float)
    np.testing.assert_allclose(result, first[:, None] if layout == "denominator" else first[None, :])


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_a_predicted_difference_is_the_product_that_is_written(choice: dict[str, str]) -> None:
    row = next(row for row in read_topic("numeric-check").rows if row.by == "W")
    case = Case(row.formula, row.shapes, row.by, row.sizes, 3, notation(**choice))
    change = np.vectorize(lambda k: sp.Rational(int(k), 100), otypes=[object])(
        np.arange(case.matrix(case.wrt[0]).size).reshape(case.matrix(case.wrt[0]).shape) + 1)
    first = comparison(case, case.wrt[0], change)[1][0]
    *factors, = ([[float(Fraction(entry.text)) for entry in row] for row in grid.rows]
                 for grid in _grids(first.blocks[0].box.items))
    np.testing.assert_allclose(np.linalg.multi_dot(factors), float(case.predicted(case.wrt[0], change)))


def _grids(boxes):
    for box in boxes:
        if hasattr(box, "rows"):
            yield box
        elif hasattr(box, "items"):
            yield from _grids(box.items)


# Of a setting: the item, what is right in it, and what is wrong though right in another.
GRADED = {
    "denominator": ({"layout": "denominator"}, "∂h/∂a₁", "W2.T", "W2"),
    "mixed": ({}, "∂h/∂a₁", "W2", "W2.T"),
    "columns": ({"vec": "columns"}, "∂h/∂vec(W₂)", "kron(a1', eye(n2))", "kron(eye(n2), a1')"),
    "rows": ({}, "∂h/∂vec(W₂)", "kron(eye(n2), a1')", "kron(a1', eye(n2))"),
    "numerator": ({"layout": "numerator"}, "∂J/∂W₂", "a1*delta2'", "delta2*a1'"),
    "names": ({"names": "W=V, a=y, delta=ε"}, "∂J/∂V₂", "ε2*y1'", "y1*ε2'"),
    "slopes": ({"names": SLOPES}, "∂E/∂W₂", "dE_do*y1'", "y1*dE_do'"),
}


@pytest.mark.parametrize(("choice", "name", "right", "wrong"), GRADED.values(), ids=GRADED)
def test_answers_are_graded_in_the_notation_of_the_sheet(choice, name, right, wrong) -> None:
    made = jac.worksheet("backprop", network="2-3-2", **choice)
    item = next(item for exercise in made.exercises for item in exercise.asked if item.name == name)
    assert jac.grade(item.question, right).ok
    assert jac.grade(item.question, wrong).verdict == "wrong"


TYPED = ["dE_do*y1'", "dE_do y1^T", "∂E/∂o y₁ᵀ", "dE/do * y1'", r"\frac{\partial E}{\partial o} y_1^T",
         r"\frac{dE}{do} y_1^\top", "np.outer(dE_do, y1)", "(∂E/∂o) y1'"]


@pytest.mark.parametrize("typed", TYPED)
def test_a_signal_without_a_letter_is_typed_as_people_write_it(typed: str) -> None:
    made = jac.worksheet("backprop", network="2-3-2", names=SLOPES)
    item = next(item for exercise in made.exercises for item in exercise.asked if item.name == "∂E/∂W₂")
    assert jac.grade(item.question, typed).ok
    assert jac.grade(item.question, typed.replace("o", "W2")).verdict == "unclear"


def test_a_letter_of_another_notation_is_not_read() -> None:
    made = jac.worksheet("backprop", network="2-3-2", names="W=V, delta=ε")
    item = next(item for exercise in made.exercises for item in exercise.asked if item.name == "∂J/∂V₂")
    assert jac.grade(item.question, "delta2*a1'").verdict == "unclear"


@pytest.mark.parametrize(("topic", "choice"), [
    ("backprop", {"layout": "denominator"}), ("backprop", {"layout": "numerator"}), ("backprop", {"names": SLOPES}),
    ("diagonal", {"layout": "denominator"}), ("diagonal", {"vec": "columns"})], ids=str)
def test_a_sheet_says_its_notation(topic: str, choice: dict[str, str]) -> None:
    usual, other = ("\n".join(parts([block for block in jac.worksheet(topic, **OPTIONS.get(topic, {}), **options)
                                     .sheet.blocks if not isinstance(block, Exercise)])) for options in ({}, choice))
    assert usual != other
    if "layout" in choice:
        assert f"({choice['layout']} layout)" in other


def test_every_format_is_in_the_notation_of_the_sheet() -> None:
    made = jac.worksheet("backprop", network="2-3-2", names=OTHER)
    for ending in FORMATS:
        if ending in {"pdf", "ipynb"}:
            continue
        key = FORMATS[ending](made.key, "a4") if ending == "tex" else FORMATS[ending](made.key)
        key = key.partition("<script")[0]           # the checker of a practice page reads every letter
        assert not re.search(r"δ|\\delta", key), ending
        assert ending in KEYED or re.search(r"ε|\\varepsilon|\\epsilon", key), ending


def test_a_teachers_file_has_a_notation_that_the_command_line_may_change(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('layout = "denominator"\nnames = "y=u"\n[[question]]\nkind = "shape"\nformula = "y = A*x"\n'
                    'shapes = "A: m n, x: n"\nby = "x"\n')
    first, second = (said(worksheet_from(file, layout=layout)) for layout in ("", "mixed"))
    assert "∂u/∂x" in first
    assert "∂u/∂x" in second
    assert "n × m" in first
    assert "n × m" not in second


def test_a_formula_that_stacks_rows_is_refused_where_columns_are_stacked(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[question]]\nkind = "shape"\nformula = "y = vec(A*X)"\nshapes = "A: m n, X: n k"\nby = "X"\n')
    assert worksheet_from(file).exercises
    with pytest.raises(InputError, match=r"question 1: .* is read row after row"):
        worksheet_from(file, vec="columns")


WRONG = {
    "layout": (["--layout", "sideways"], "invalid choice: 'sideways'"),
    "vec": (["--vec", "diagonals"], "invalid choice: 'diagonals'"),
    "no pair": (["--names", "z"], "names are pairs of letters such as z=h, a=y, L=J, delta=∂L/∂z, but 'z' was given"),
    "no letter": (["--names", "z=h1"], "but 'z=h1' was given"),
    "twice": (["--names", "z=h, a=h"], "'a=h' says again"),
    "again": (["--names", "z=h, z=y"], "'z=y' says again"),
    "nothing there": (["--names", "q=h"], "nothing is called q here"),
    "a size": (["--names", "z=n"], "n cannot be the name of a quantity"),
    "a row": (["--layout", "numerator", "--names", "delta=∂L/∂z"], "call it by a letter"),
}


@pytest.mark.parametrize("topic", ["backprop", "chain-rule"])
@pytest.mark.parametrize(("arguments", "sentence"), WRONG.values(), ids=WRONG)
def test_a_notation_that_cannot_be_gets_one_sentence(topic, arguments, sentence, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["worksheet", topic, *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_would_be_called_alike_gets_another_letter() -> None:
    letters = notation(names="z=h, a=y").letters(["z1", "a1", "h", "y", "o"])
    assert letters == {"z1": "h1", "a1": "y1", "h": "u", "y": "v", "o": "o"}
    with pytest.raises(InputError):
        notation(layout="sideways")
