"""The conventions of a sheet: every sign that a student reads is explained, and none that is not there."""

from __future__ import annotations

import pytest

import jacobian as jac
from jacobian.printing.boxes import Fence, Name, Number, Row, Sub, Super, Symbol
from jacobian.printing.names import OPLUS, PRIME, call
from jacobian.printing.notation import boxes
from jacobian.printing.text import text
from jacobian.worksheet.conventions import FUNCTIONS, conventions, marks_of, signs
from jacobian.worksheet.document import Display, Document, pieces
from jacobian.worksheet.notation import USUAL, notation
from jacobian.worksheet.render.text import text as plain
from jacobian.worksheet.topics import TOPICS

# A formula for each sign, in which no other sign of the table stands.
FORMULAS = {
    "vec(": "vec(X)", "mat(": "reshape(x, 2, 3)", "∘": "x .* y", "⊘": "x ./ y", "⊗": "kron(A, B)",
    "‖": "norm2(x)", "‖_1": "norm1(x)", "‖_2": "spectral(A)", "‖_∗": "nuclear(A)", "δ": "delta + z",
    "1": "vector(1, n)*c", "I_": "A + eye(n)", "diag(": "diag(x)", "diagonal(": "diag(A)", "tr(": "tr(A)",
    "det(": "det(A)", "log det(": "logdet(A)", "adj(": "adjugate(A)", "chol(": "chol(P)", "eig(": "eig(P)",
    "max(": "max(x)", "min(": "min(x)", "σ(": "sigmoid(x)", "ReLU(": "relu(x)", "softmax(": "softmax(x)",
    "logsumexp(": "logsumexp(x)", "CE(": "crossentropy(x, t)", "Φ(": "Phi(x)", "φ(": "normpdf(x)",
}
N = Name("n")
BOXES = {                                       # what no formula has, or has with other signs only
    "Δ": Name("Δ"), "⊕": Row((Name("A"), OPLUS, Name("B"))),
    "[": Fence("[", Row((Name("z"), Symbol(">"), Number("0"))), "]"), "0": Name("0", "bold"),
    "K_": Sub(Name("K"), N), "e_": Sub(Name("e"), N), "E_": Sub(Name("E"), Name("c")),
    ":": Sub(Name("v"), Row((Number("1"), Symbol(":"), N))), "′": Super(Name("g"), PRIME),
    **{sign: call(Name(sign[:-1]), Name("u")) for sign in FUNCTIONS},
}
SHAPES = "A: n n, B: n n, P: n n posdef, X: m n, x: n, y: n, t: n, z:, delta:, c:"
ALL_SIGNS = signs(USUAL)


def said(*blocks, notation=USUAL, explained=()) -> str:
    remark = conventions(blocks, notation, explained)
    return " ".join(plain(Document("", "", "en", (remark,))).replace("│", " ").split())


def words_of(sign: str, rows=ALL_SIGNS) -> str:
    return " ".join("".join(part if isinstance(part, str) else text(part) for part in rows[sign]).split())


@pytest.mark.parametrize("sign", ALL_SIGNS)
def test_a_sign_is_explained_where_it_occurs_and_nowhere_else(sign: str) -> None:
    shapes = SHAPES.replace("x: n", "x: 6") if sign == "mat(" else SHAPES
    block = Display(BOXES.get(sign) or boxes(jac.parse(FORMULAS[sign], shapes)))
    words = said(block)
    own = {mark for piece in pieces(ALL_SIGNS[sign]) for mark in marks_of(piece)}
    others = [other for other in ALL_SIGNS if other not in (sign, sign[0], *own) and words_of(other) in words]
    assert words_of(sign) in words
    assert all(words_of(other) in words for other in own & ALL_SIGNS.keys())
    assert not others
    assert words_of(sign) not in said()
    assert words_of(sign) not in said(block, explained=[sign])


def test_a_quantity_with_a_number_is_no_unit_vector() -> None:
    assert "place" not in said(Display(boxes(jac.parse("e1 + E1*e2", "e1: n, E1: n n, e2: n"))))


@pytest.mark.parametrize("sign", FUNCTIONS)
def test_no_function_is_explained_by_itself(sign: str) -> None:
    name = sign[:-1]
    assert words_of(sign).count(f"{name}(u)") == int(sign != "tanh(")


FEW = {"backprop", "gradients"}
ALL = [topic if topic in FEW else pytest.param(topic, marks=pytest.mark.slow) for topic in TOPICS]


@pytest.mark.parametrize("topic", ALL)
def test_a_sheet_says_how_derivatives_lie_before_its_first_question(topic: str) -> None:
    sheet = " ".join(plain(jac.worksheet(topic, seed=1).sheet).replace("│", " ").split())
    assert 0 < sheet.index("a row for each entry of the result and a column for each entry of the var") \
        < sheet.index("1. ")
    assert "has the shape of the variable" in sheet


@pytest.mark.parametrize("topic", ALL)
def test_each_sign_of_a_sheet_is_explained_once(topic: str) -> None:
    made = jac.worksheet(topic, seed=1)
    marks = {mark for piece in pieces(made.sheet.blocks) for mark in marks_of(piece)}
    sheet = " ".join(plain(made.sheet).replace("│", " ").split())
    for sign in ALL_SIGNS:
        assert sheet.count(words_of(sign)) == int(sign in marks and sign not in made.made.explained), sign


def test_no_sign_of_an_answer_alone_is_explained_not_on_the_key_either() -> None:
    made = jac.worksheet("diagonal", seed=1)
    marks, answers = ({mark for piece in pieces(blocks) for mark in marks_of(piece)} for blocks in (
        made.sheet.blocks, tuple(block for e in made.exercises for block in e.answer)))
    assert "diag(" in answers - marks
    for document in (made.sheet, made.key):
        assert words_of("diag(") not in " ".join(plain(document).replace("│", " ").split())


def test_signs_are_explained_in_the_notation_of_the_sheet() -> None:
    chosen = notation("denominator", "columns", "z=h, delta=ε")
    words = said(Display(boxes(jac.parse("vec(X)", SHAPES))), Display(Name("ε")), notation=chosen)
    assert "column after column" in words
    assert "ε is the gradient of the result by h" in words
    assert "a row for each entry of the variable" in words
