"""Questions of STACK: the fields that STACK writes itself, and Maxima marks as Python does."""

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import sympy as sp

import jacobian as jac
from jacobian.symbolic.elementwise import TABLE
from jacobian.worksheet.answers.drills import drills
from jacobian.worksheet.answers.maxima import named, word
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.document import Document, Exercise, Paragraph
from jacobian.worksheet.render.moodle import moodle
from jacobian.worksheet.render.stack import CODES, MISFIT, RIGHT, library

ASKED = [item for item in drills() if item.question.asks == "formula" and "function" not in item.question.shapes]
# What STACK writes of a question, of an input and of a node when it exports one:
# https://github.com/maths/moodle-qtype_stack, samplequestions, and the function export_to_xml in questiontype.php.
FIELDS = {
    "question": {"name", "questiontext", "defaultgrade", "penalty", "hidden", "questionvariables", "specificfeedback",
                 "questionnote", "questionsimplify", "input", "prt", "qtest"},
    "input": {"name", "type", "tans", "boxsize", "strictsyntax", "insertstars", "syntaxhint", "syntaxattribute",
              "forbidwords", "allowwords", "forbidfloat", "requirelowestterms", "checkanswertype", "mustverify",
              "showvalidation", "options"},
    "node": {"name", "description", "answertest", "sans", "tans", "testoptions", "quiet", "truescoremode", "truescore",
             "truepenalty", "truenextnode", "trueanswernote", "truefeedback", "falsescoremode", "falsescore",
             "falsepenalty", "falsenextnode", "falseanswernote", "falsefeedback"},
}
MAXIMA = pytest.mark.skipif(shutil.which("maxima") is None, reason="maxima is a program of its own, and not installed")


def asked(item: Item) -> ElementTree.Element:
    """The question of a sheet with this one question."""
    exercise = Exercise(1, "t", 1, (Paragraph(("[[input:ans1]] {@1@} words",)),), (Paragraph(("answer",)),),
                        asked=(item,))
    [found] = ElementTree.fromstring(moodle(Document("t", "", "en", (exercise,)))).findall("question[@type='stack']")
    return found


@pytest.mark.parametrize("item", ASKED, ids=lambda item: item.name)
def test_a_question_has_the_fields_that_stack_writes(item: Item) -> None:
    question = asked(item)
    for name, fields in FIELDS.items():
        for element in [question] if name == "question" else question.iter(name):
            assert {child.tag for child in element} == fields
    told = question.findtext("questiontext/text")
    assert told.count("[[input:ans1]]") == told.count("[[validation:ans1]]") == 1
    assert "{@" not in told


@pytest.mark.parametrize("item", ASKED, ids=lambda item: item.name)
def test_the_nodes_of_a_tree_are_asked_one_after_the_other(item: Item) -> None:
    nodes = asked(item).findall("prt/node")
    assert [node.findtext("name") for node in nodes] == [str(k) for k in range(len(nodes))]
    assert [int(node.findtext("falsenextnode")) for node in nodes] == [*range(1, len(nodes)), -1]
    assert {node.findtext("truenextnode") for node in nodes} == {"-1"}
    assert [float(node.findtext("truescore")) for node in nodes] == [1, *[0] * (len(nodes) - 1)]
    assert [node.findtext("tans") for node in nodes[:: len(nodes) - 1]] == [str(RIGHT), str(MISFIT)]
    assert all(node.findtext("truefeedback/text") for node in nodes[1:])


def test_what_maxima_cannot_say_is_an_essay() -> None:
    item = Item("y", jac.Question("dg(z)", "z: n, g: function", "a = g(z)"), 1)
    exercise = Exercise(1, "t", 1, (Paragraph(("words",)),), (Paragraph(("answer",)),), asked=(item,))
    questions = ElementTree.fromstring(moodle(Document("t", "", "en", (exercise,))))
    assert [question.get("type") for question in questions] == ["category", "description", "essay"]


def maxima(folder: Path, *code: str) -> list[str]:
    """What Maxima prints of it: a line for each call of print."""
    path = folder / "code.mac"
    path.write_text("\n".join(code), encoding="utf-8")
    run = subprocess.run(["maxima", "--very-quiet", "--batch-string", f'load("{path}")$'], capture_output=True,
                         text=True, check=True)
    return [line.strip() for line in run.stdout.split("\n") if line.strip() and "load(" not in line]


def marked(folder: Path, item: Item, *answers: str) -> list[int]:
    code = library(item.question)
    return [int(line) for line in maxima(folder, code, *(f"print(string(jac_code({answer})))$" for answer in answers))]


@MAXIMA
@pytest.mark.parametrize("item", ASKED, ids=lambda item: item.name)
def test_maxima_finds_the_right_answer_right_and_names_mistakes(item: Item, tmp_path: Path) -> None:
    answer = asked(item).findtext("input/tans")
    found = marked(tmp_path, item, answer, f"-({answer})", f"2*({answer})", f"({answer})+unknown",
                   f"({answer})*0.123")
    assert found[0] == RIGHT
    assert [CODES[code] for code in found[1:3]] == ["sign", "constant factor"]
    assert found[3] == MISFIT
    assert found[4] != RIGHT


@MAXIMA
@pytest.mark.parametrize(("answer", "name"), [
    ("transpose(W2).delta2*sigmoid(z1)*(1-sigmoid(z1))", None), ("(transpose(W2).delta2)/(2+exp(z1)+exp(-z1))", None),
    ("W2.delta2*a1*(1-a1)", "sizes"), ("transpose(W2).delta2", "derivative missing"),
    ("transpose(W2).delta2*a1", "activation for its derivative"), ("delta2*a1*(1-a1)", "sizes"),
    ("diagonal(a1*(1-a1)).transpose(W2).delta2", None), ("transpose(transpose(delta2).W2)*a1*(ones(n)-a1)", None),
    ("transpose(W2).delta2*a1*(1+a1)", "activation for its derivative"),
])
def test_maxima_marks_what_students_type(answer: str, name: str | None, tmp_path: Path) -> None:
    item = next(item for item in ASKED if item.name == "sigmoid")
    [code] = marked(tmp_path, item, answer)
    assert code == (RIGHT if name is None else MISFIT if name == "sizes" else CODES.index(name))


@MAXIMA
def test_elementwise_functions_are_those_of_sympy(tmp_path: Path) -> None:
    functions = [f for f in {*TABLE.values(), *(f.prime() for f in TABLE.values())}
                 if not f.form.has(sp.DiracDelta)]
    code = (Path(jac.__file__).parent / "worksheet/render/stack.mac").read_text("utf-8")
    x, at = sp.Symbol("x", real=True), (sp.Rational(7, 10), sp.Rational(17, 10))
    known = [(f, point, value) for f in functions for point in at if (value := sp.N(f.form.subs(x, point))).is_real]
    lines = maxima(tmp_path, code, named(functions), *(
        f"print(string(jac_named('{word(f)}, {float(point)})))$" for f, point, _ in known))
    assert {f for f, _, _ in known} == set(functions)
    for (f, point, value), line in zip(known, lines, strict=True):
        assert float(line) == pytest.approx(float(value), rel=1e-10), (f.name, point)
