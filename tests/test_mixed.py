"""Sheets of several topics, of formulas and of a teacher's plan: what is chosen, what it is worth, what is said."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

import jacobian as jac
from jacobian.__main__ import main
from jacobian.errors import InputError
from jacobian.worksheet.case import Case
from jacobian.worksheet.document import Document, Exercise, Mark
from jacobian.worksheet.formulas import Formula, identities, opened, questions
from jacobian.worksheet.kinds import KINDS
from jacobian.worksheet.made import Options
from jacobian.worksheet.mix import levels
from jacobian.worksheet.plan import Head, example
from jacobian.worksheet.proofread.folder import verify
from jacobian.worksheet.render.text import text as plain
from jacobian.worksheet.row import Row
from jacobian.worksheet.sheet import Worksheet, worksheet_from
from jacobian.worksheet.topics import TOPICS, described, offers

MIXED = ("shapes", "diagonal", "backprop")
SMALL = {"network": "2-2-1"}
FORMULAS = {
    "least squares": Formula("norm2(A*x - b)^2", by="x"),
    "a trace": Formula("trace(A*X*B)", by="X"),
    "a layer": Formula("tanh(W*x + b)", by="W, b", sizes="m = 2, n = 2"),
    "a network": Formula("z = W*x + b; a = relu(z); norm2(a - t)^2/2", by="W"),
    "what is known": Formula("logdet(X)", "X: n n posdef"),
    "given sizes": Formula("c'*x + norm2(x)^2", "x: 3, c: 3 constant", "x"),
}


def asked(made: Worksheet) -> list[tuple[int, str]]:
    return [(e.level, e.title) for e in made.exercises]


# ---- what is chosen --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "count"), [("", 0), ("1-3", 0), (2, 0), ("1-3", 7), ("", 9)])
def test_a_mixed_sheet_rises_in_level_and_has_what_was_chosen(level: str | int, count: int) -> None:
    made = jac.worksheet(*MIXED, level=level, count=count, seed=2, **SMALL)
    found = [e.level for e in made.exercises]
    first, last = levels(str(level))
    assert found == sorted(found)
    assert {*found} <= {*range(first, last + 1)}
    assert [e.number for e in made.exercises] == [*range(1, len(found) + 1)]
    offered = [e for offer in offers(MIXED, Options(seed=2, **SMALL)) for e in offer.entries]
    assert len(found) == (count or sum(first <= e.level <= last for e in offered))


def test_questions_that_are_left_out_leave_every_topic_and_level_in() -> None:
    made = jac.worksheet(*MIXED, count=9, **SMALL)
    assert {e.level for e in made.exercises} == {1, 2, 3, 4, 5}
    titles = [{title for _, title in asked(jac.worksheet(topic, **SMALL))} for topic in MIXED]
    about = [sum(title in there for _, title in asked(made)) for there in titles]
    assert min(about) >= 3


@pytest.mark.slow
def test_a_question_of_two_topics_is_asked_once() -> None:
    alone = [plain(Document("", "", "en", e.question)) for topic in ("chain-rule", "jacobians")
             for e in jac.worksheet(topic).exercises]
    together = [plain(Document("", "", "en", e.question)) for e in jac.worksheet("chain-rule", "jacobians").exercises]
    assert len(together) == len(alone) - 1          # "compose" of the same two linear functions


@pytest.mark.parametrize("points", [7, 20, 39, 100])
def test_points_of_a_sheet_are_shared_in_whole_points(points: int) -> None:
    made = jac.worksheet("gradients", count=7, points=points)
    assert sum(e.points for e in made.exercises) == points
    assert f"{points} points" in made.sheet.subtitle
    for e in made.exercises:
        assert e.points >= 1
        assert sum(mark.points for mark in e.answer if isinstance(mark, Mark)) == e.points
        assert sum(item.points for item in e.asked) == pytest.approx(e.points)


def test_a_question_with_more_steps_has_not_fewer_points_than_one_with_less() -> None:
    usual, other = (jac.worksheet("gradients", points=points).exercises for points in (0, 61))
    for (a, b), (c, d) in zip(pairwise(usual), pairwise(other), strict=True):
        assert (a.points - b.points) * (c.points - d.points) >= 0 or abs(c.points - d.points) <= 1


def test_questions_on_a_network_say_so_beside_others_and_not_alone() -> None:
    words = "about the network at the beginning"
    mixed, alone = (plain(jac.worksheet(*topics, **SMALL).sheet) for topics in (MIXED, ("backprop",)))
    assert mixed.count(words) == len(jac.worksheet("backprop", **SMALL).exercises)
    assert mixed.index("The network\n") < mixed.index("1. ")
    assert words not in alone
    assert words not in plain(jac.worksheet("shapes", "backprop", level=3, count=1, **SMALL).sheet)


# ---- what is right ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, pytest.param(5, marks=pytest.mark.slow)])
def test_a_mixed_sheet_agrees_with_differences_in_every_format(seed: int, tmp_path: Path) -> None:
    made = jac.worksheet("shapes", "backprop", "matrix-calculus", seed=seed, count=14, **SMALL)
    made.save_all(tmp_path, ["html", "md", "txt", "tex"])
    found, _ = verify(tmp_path)
    for one in found:
        assert [fault.said for fault in one.tally.faults] == []
        assert one.tally.exercises == 14
    assert all(one.tally.formulas > 20 for one in found if "-key" in one.path.name)


def test_a_wrong_line_of_a_mixed_sheet_is_found(tmp_path: Path) -> None:
    jac.worksheet("backprop", "matrix-calculus", level=5, **SMALL).save_all(tmp_path, ["txt"])
    key = next(path for path in tmp_path.iterdir() if "-key" in path.name)
    lines = key.read_text().splitlines()
    planted = 0
    for k, line in enumerate(lines):
        if line.startswith("│     = "):                         # a step of a proof
            changed = line.replace(" − ", " + ", 1) if " − " in line else line.replace("= ", "= 2 ", 1)
            key.write_text("\n".join([*lines[:k], changed, *lines[k + 1:]]))
            [found] = [one for one in verify(tmp_path)[0] if one.path == key]
            assert any("Prove" in fault.title for fault in found.tally.faults), changed
            planted += 1
    assert planted >= 2


def test_the_grading_of_a_mixed_sheet_accepts_its_own_answers(tmp_path: Path) -> None:
    made = jac.worksheet("diagonal", "matrix-calculus", count=8, points=30)
    path = made.save(tmp_path / "key.json", key=True)
    items = json.loads(path.read_text())["questions"]
    assert len({item["name"] for item in items}) == len(items)
    compared = 0
    for e in made.exercises:
        for item in e.asked:
            answer = re.sub(r"vector\(1, (\w+)\)", r"ones(\1, 1)", item.question.source[0])
            if item.question.fields.get("asks") not in ("numbers", "shape"):
                assert jac.grade(item.question, answer).ok, (e.title, answer)
                compared += 1
    assert compared >= 5


# ---- formulas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_makes_questions_of_many_kinds(name: str) -> None:
    one = FORMULAS[name]
    rows = questions([one]).rows
    kinds = {row.kind for row in rows}
    assert {"shape", "local", "numbers", "blank", "difference"} <= kinds
    assert len(kinds) >= 6
    assert [row.level for row in rows] == sorted(row.level for row in rows)
    made = jac.worksheet("matrix-calculus", formulas=[one], seed=1)
    assert len(made.exercises) == len(rows)


def test_a_choice_among_signs_and_factors_alone_is_none() -> None:
    """Of A ⊗ Bᵀ, whose factors have shapes of their own, no wrong formula of its shape has other factors."""
    with pytest.raises(InputError, match="more than another sign or factor in front"):
        KINDS["choose"](Case("Y = A*X*B", by="X"), Row("choose", "Y = A*X*B", by="X"))


@pytest.mark.parametrize("name", FORMULAS)
def test_an_opened_formula_has_the_values_of_the_formula(name: str) -> None:
    one = FORMULAS[name]
    f, g = (jac.parse(x.formula, x.shapes) for x in (one, opened(one)))
    assert jac.equivalent(f, g)


def test_functions_get_a_name_for_what_they_are_applied_to() -> None:
    assert opened(FORMULAS["least squares"]).formula == "u = A*x - b; sumsq(u)"
    assert opened(Formula("u'*tanh(V*exp(A*x))", by="x")).formula.startswith("v = A*x; w = V*exp(v); ")
    assert opened(FORMULAS["a network"]) == FORMULAS["a network"]
    assert opened(FORMULAS["a trace"]) == FORMULAS["a trace"]


def test_an_identity_is_true_and_takes_several_steps() -> None:
    for one in (FORMULAS["least squares"], Formula("x'*A*x + b'*x"), Formula("normF(X*W' - T)^2")):
        f = jac.parse(one.formula, one.shapes)
        found = identities(one)
        assert found
        for other in found:
            assert jac.equivalent(f, jac.parse(other, jac.declarations(f)))
    assert identities(Formula("A*x + b")) == []


def test_kinds_that_show_the_derivation_are_dealt_over_formulas_and_variables() -> None:
    rows = questions([FORMULAS["least squares"], FORMULAS["a trace"], FORMULAS["a layer"]]).rows
    showing = [(row.formula, row.by) for row in rows if row.kind in ("blank", "choose", "mistake")]
    assert len(showing) == len({*showing}) >= 3


def test_formulas_from_python_and_from_the_command_line_are_the_same_sheet(tmp_path: Path) -> None:
    formulas = [Formula("norm2(A*x-b)^2", by="x", sizes="m = 2"), Formula("x'*S*x", "S: n n symmetric", "x", "n = 2")]
    jac.worksheet(formulas=formulas, seed=3).save_all(tmp_path / "a", ["txt"])
    assert main(["worksheet", "matrix-calculus", "--formula", "norm2(A*x-b)^2", "--formula", "x'*S*x", "--wrt", "x",
                 "--shapes", "", "--shapes", "S: n n symmetric", "--given", "m = 2", "--given", "n = 2",
                 "--seed", "3", "--format", "txt", "--out", str(tmp_path / "b")]) == 0
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert "S symmetric" in (tmp_path / "a" / "matrix-calculus.txt").read_text()


def test_a_formula_among_the_topics_is_one_for_matrix_calculus(tmp_path: Path) -> None:
    for words, folder in ((["matrix-calculus", "x'*A*x"], "a"), (["--formula", "x'*A*x"], "b")):
        assert main(["worksheet", *words, "--wrt", "x", "--format", "txt", "--out", str(tmp_path / folder)]) == 0
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


# Of every shape, and with singular sizes, one-hot targets, and letters that are taken.
CHECKED = [
    Formula("tr(X'*A*X)", "A: n n symmetric", "X"), Formula("logdet(X'*X)", by="X"), Formula("inv(X)", by="X"),
    Formula("A*sigmoid(B*x)", by="x"), Formula("softmax(W*x)", by="W, x"), Formula("x*x'", by="x"),
    Formula("X*Y", by="X, Y"), Formula("c*x + norm2(x)*y", "c:", "x, c"), Formula("x'*A*x/(x'*x)", by="x"),
    Formula("z = W*x + b; y = softmax(z); -t'*log(y)", "t: m onehot", "W, b"), Formula("det(X)", by="X"),
    Formula("normF(U*V' - M)^2/2", by="U, V"), Formula("sum(abs(h - t))/m", "h: m", "h"),
    Formula("-log((exp(z) + 1)./exp(z))", "z: n", "z"),
    Formula("max(sign(z), 0).*z + sqrt(c)*z", "z: n, c: positive", "z"),
    Formula("sum(sigmoid(z).^2.*softplus(z) - t.*sigmoid(z).^2.*softplus(z))", "z: n, t: n", "z"),
    Formula("kron(A, X)", by="X", sizes="m = 1, n = 2, p = 2, q = 1"),
    Formula("softmax(z)", "z: m n", "z"), Formula("z.*tanh(log(exp(z) + 1))", "z: m n", "z"),
    Formula("Z", "Z: m n", "Z"), Formula("[x, r]*A", "x: N n, r: N m, A: m+n k", "x, A"),
    Formula("norm2([A*x; b] - c)^2", "A: m n, x: n, b: k, c: m+k", "x, b"),
    Formula("reshape(A*x, m, k)", "A: m*k n, x: n", "x"), Formula("pi*leaky_relu(A*x, 0.3)", "A: m n, x: n", "x"),
]
SLOWLY = [pytest.param(one, marks=[pytest.mark.slow] * (k % 3 > 0), id=one.formula) for k, one in enumerate(CHECKED)]


@pytest.mark.parametrize("one", SLOWLY)
@pytest.mark.parametrize("layout", ["mixed", "denominator"])
def test_questions_on_any_formula_agree_with_differences(one: Formula, layout: str, tmp_path: Path) -> None:
    made = jac.worksheet(formulas=[one], seed=1, layout=layout)
    made.save_all(tmp_path, ["txt"])
    assert len(made.exercises) >= 6
    for found in verify(tmp_path)[0]:
        assert [(fault.line, fault.said) for fault in found.tally.faults] == []


@pytest.mark.parametrize("one", [pytest.param(one, id=one.formula, marks=[pytest.mark.slow] * ("[x" not in one.formula))
                                 for one in CHECKED if "reshape" not in one.formula])
def test_where_matrices_are_read_column_after_column_they_agree_too(one: Formula, tmp_path: Path) -> None:
    jac.worksheet(formulas=[one], seed=2, vec="columns", layout="numerator").save_all(tmp_path, ["md"])
    assert [fault for found in verify(tmp_path)[0] for fault in found.tally.faults] == []


def test_sizes_that_no_array_shows_are_given(tmp_path: Path) -> None:
    path = jac.worksheet(formulas=[CHECKED[-2]], seed=3).save(tmp_path / "sheet.txt")
    assert "and x = [2; −2; 3; 0]\n    and k = 2\n    and m = 3\n" in path.read_text()
    assert "m = " not in jac.worksheet(formulas=[CHECKED[0]], seed=3).save(tmp_path / "other.txt").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_every_seed_makes_questions_on_formulas(seed: int) -> None:
    for one in CHECKED:
        assert len(jac.worksheet(formulas=[one], seed=seed).exercises) >= 5


def test_a_name_of_a_formula_stands_behind_each_title() -> None:
    made = jac.worksheet(formulas=[Formula("norm2(A*x-b)^2", by="x", of="least squares")])
    assert all(e.title.endswith(": least squares") for e in made.exercises)


# ---- a teacher's plan ------------------------------------------------------------------------------------------------


def test_the_example_is_read_back_and_makes_a_sheet(capsys, tmp_path: Path) -> None:
    assert main(["worksheet", "--example"]) == 0
    printed = capsys.readouterr().out
    assert printed == example()
    (tmp_path / "mine.toml").write_text(printed)
    made = worksheet_from(tmp_path / "mine.toml", seed=4)
    assert made.made.title == "Sheet 3"
    assert len(made.exercises) == 12
    assert sum(e.points for e in made.exercises) == 40
    assert max(e.level for e in made.exercises) <= 4
    words = plain(made.sheet)
    assert "Analysis II, winter term" in words
    assert "least squares" in words
    fewer = worksheet_from(tmp_path / "mine.toml", seed=4, count=5, points=0)
    assert len(fewer.exercises) == 5


def test_the_example_says_every_key() -> None:
    head, *tables = re.split(r"\n\[\[.*\]\]", example())
    keys = {*re.findall(r"^#? ?(\w+) = ", head, re.MULTILINE)}
    assert {*Head.__dataclass_fields__} - {"batch", "samples"} == keys
    said = {key for table in tables for key in re.findall(r"^(\w+) = ", table, re.MULTILINE)}
    assert {*Row.__dataclass_fields__, *Formula.__dataclass_fields__} == said
    for kind in KINDS:
        assert re.search(rf"\b{kind}\b", example()), kind


def test_a_plan_of_topics_alone_needs_no_question(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('topics = ["shapes"]\nlevel = 1\n')
    assert {e.level for e in worksheet_from(file).exercises} == {1}
    assert worksheet_from(file).made.title == "Shapes of derivatives"


QUESTION = '[[question]]\nkind = "shape"\nformula = "y = A*x"\nshapes = "A: m n, x: n"\nby = "x"\n'
PLANS = {
    "an unknown topic": ('topics = ["shape"]\n', "the topic 'shape' is not known (is shapes meant?)"),
    "a key": ('topic = ["shapes"]\n', "'topic' is not known (is topics meant?)"),
    "a level": ('topics = ["shapes"]\nlevel = "0-9"\n', "levels are from 1 to 5"),
    "a level without questions": ('level = 5\n' + QUESTION, "no question of level 5: the levels that are offered are"),
    "too many": ('count = 2\n' + QUESTION, "2 questions were asked for, but 1 are offered"),
    "too few points": ('topics = ["shapes"]\npoints = 3\n', "3 points cannot be shared among 7 questions"),
    "a list": ('topics = "shapes"\n', "topics is a list of texts"),
    "a formula": ('[[formula]]\nformula = "A*(x"\nby = "x"\n', "A*(x"),
    "a variable": ('[[formula]]\nformula = "A*x"\nby = "y"\n', "the formula has no y, but A and x"),
    "no formula": ('[[formula]]\nby = "x"\n', "formula 1: 'formula' is missing"),
    "no table": ('question = "shape"\n', "each question is a table of its own"),
    "damaged": ('title = "x"\ntopics = [\n\n[[question', "line 4, column"),
    "a kind": (QUESTION.replace('"shape"', '"shapes"'), "(is shape meant?)"),
    "a layout": ('topics = ["shapes"]\nlayout = "up"\n', "layout is one of"),
    "a network": ('topics = ["backprop"]\nnetwork = "2-0"\n', "has no units"),
    "nothing": ('title = "x"\n', "has no question"),
}


@pytest.mark.parametrize(("text", "said"), PLANS.values(), ids=PLANS)
def test_a_plan_that_cannot_be_gets_one_sentence_with_its_place(text: str, said: str, capsys, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text)
    assert main(["worksheet", "--from", str(tmp_path / "mine.toml"), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "mine.toml" in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


WRONG = {
    "an unknown topic": (["chain-rul"], "is not known (is chain-rule meant?)"),
    "a level without questions": (["shapes", "--level", "6"], "levels are from 1 to 5"),
    "a range backwards": (["shapes", "--level", "3-1"], "levels are from 1 to 5"),
    "too many": (["shapes", "--count", "90"], "90 questions were asked for, but 7 are offered: take fewer"),
    "less than none": (["shapes", "--count", "-2"], "-2 questions were asked for"),
    "points": (["shapes", "--points", "2000"], "2000 points cannot be shared among 7 questions: give from 7 to 200"),
    "a formula": (["--formula", "norm2(A*x-", "--wrt", "x"], "norm2(A*x-"),
    "no variable": (["--formula", "A*x"], "say by which to derive"),
    "another topic": (["shapes", "--formula", "A*x"], "a formula, A*x, is for the topic matrix-calculus: add it"),
    "too many shapes": (["--formula", "A*x", "--wrt", "x", "--wrt", "A"], "--wrt is given 2 times for 1 formulas"),
    "shapes of nothing": (["shapes", "--shapes", "A: n n"], "--shapes is given 1 times for 0 formulas"),
    "sizes that do not fit": (["matrix-calculus", "A*B", "--wrt", "A", "--shapes", "A: 2 3, B: 4 5"],
                              "A has 3 columns, but B has 4 rows"),
    "sizes": (["--formula", "A*x", "--wrt", "x", "--given", "m = 99"], "sizes are given as"),
    "nothing": ([], "give a topic"),
    "a file, too": (["shapes", "--from", "x.toml"], "give a topic, one of"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_asked_for_gets_one_sentence(arguments, said, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["worksheet", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not list(tmp_path.iterdir())


# ---- what is said of topics ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_topic_is_described(capsys) -> None:
    assert main(["worksheet", "--topics"]) == 0
    printed = capsys.readouterr().out
    for name, line, found, kinds in described():
        assert re.search(rf"^{re.escape(name)} +{re.escape(line)}$", printed, re.MULTILINE)
        assert f"levels {found}: {kinds}" in printed
    assert [*TOPICS] == [name for name, *_ in described()]


def key_words(e: Exercise) -> set[str]:
    """The formulas of an answer, without the blanks in them."""
    found = set()
    for line in plain(Document("", "", "en", tuple(e.answer or ()))).splitlines():
        said = re.sub(r"[()│]| : [^)]*\)", "", line.rpartition(" = ")[2]).strip()
        found |= {said} if len(said) > 6 and "point" not in said else set()
    return found


@pytest.mark.parametrize("topic", [topic if topic == "shapes" else pytest.param(topic, marks=pytest.mark.slow)
                                   for topic in TOPICS])
def test_nothing_before_the_questions_holds_an_answer(topic: str) -> None:
    made = jac.worksheet(topic, seed=1)
    before = [block for block in made.sheet.blocks if not isinstance(block, Exercise)]
    head = plain(Document(made.sheet.title, made.sheet.subtitle, "en", tuple(before)))
    for e in made.exercises:
        for said in key_words(e):
            assert said not in head, (e.title, said)
            assert said not in e.title
    words = " ".join((made.sheet.title, made.sheet.subtitle, made.name, *(e.title for e in made.exercises))).lower()
    for giveaway in ("diagonal", "transpose", "p − t", "outer product", "add up", "minus", "symmetric", "zero"):
        assert giveaway not in words.replace(topic, "")


def test_an_unknown_level_is_said_where_a_sheet_is_made_in_python() -> None:
    with pytest.raises(InputError, match="levels are from 1 to 5"):
        jac.worksheet("shapes", level=7)
    with pytest.raises(InputError, match="about a topic"):
        jac.worksheet()
