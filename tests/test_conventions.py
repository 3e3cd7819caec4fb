"""The conventions of a sheet: every sign that a student reads is explained, and none that is not there."""

from __future__ import annotations

import pytest

import jacobian as jac
from jacobian.printing.boxes import Fence, Name, Number, Row, Symbol
from jacobian.printing.notation import boxes
from jacobian.printing.text import text
from jacobian.worksheet.conventions import ALWAYS, SIGNS, conventions
from jacobian.worksheet.document import Display, Document
from jacobian.worksheet.render.text import text as plain
from jacobian.worksheet.topics import TOPICS

# A formula for each sign, in which no other sign of the table stands.
FORMULAS = {
    "vec": "vec(X)", "mat": "reshape(x, 2, 3)", "∘": "x .* y", "⊗": "kron(A, B)", "‖": "norm2(x)", "δ": "delta + z",
    "1": "vector(1, n)*c", "diag": "diag(x)", "tr": "tr(A)", "log det": "logdet(A)",
    "σ": "sigmoid(x)", "ReLU": "relu(x)", "softmax": "softmax(x)", "logsumexp": "logsumexp(x)",
    "CE": "crossentropy(x, t)",
}
BOXES = {"Δ": Name("Δ"), "[": Fence("[", Row((Name("z"), Symbol(">"), Number("0"))), "]")}       # no formula has them
SHAPES = "A: n n, B: n n, X: m n, x: n, y: n, t: n, z:, delta:, c:"


def said(*blocks) -> str:
    return " ".join(plain(Document("", "", "en", (conventions(blocks),))).replace("│", " ").split())


def explained(sign: str) -> str:
    return " ".join("".join(part if isinstance(part, str) else text(part) for part in SIGNS[sign]).split())


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_is_explained_where_it_occurs_and_nowhere_else(sign: str) -> None:
    shapes = SHAPES.replace("x: n", "x: 6") if sign == "mat" else SHAPES
    words = said(Display(BOXES.get(sign) or boxes(jac.parse(FORMULAS[sign], shapes))))
    others = [other for other in SIGNS if other != sign and explained(other) in words]
    assert explained(sign) in words
    assert not others
    assert explained(sign) not in said()


FEW = {"backprop", "gradients"}
ALL = [topic if topic in FEW else pytest.param(topic, marks=pytest.mark.slow) for topic in TOPICS]


@pytest.mark.parametrize("topic", ALL)
def test_a_sheet_says_how_derivatives_lie_before_its_first_question(topic: str) -> None:
    sheet = " ".join(plain(jac.worksheet(topic, seed=1).sheet).replace("│", " ").split())
    assert len(ALWAYS) == 3
    assert 0 < sheet.index("a row for each entry of y and a column for each entry of x") < sheet.index("1. ")
    assert "has the shape of x" in sheet
