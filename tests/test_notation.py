"""Matrix notation: brackets where they are needed and nowhere else, in text and LaTeX."""

import pytest

import jacobian as jac
from jacobian.printing.boxes import Box
from jacobian.printing.latex import latex
from jacobian.printing.names import shape
from jacobian.printing.notation import NOTATION, boxes
from jacobian.symbolic import arrays, elementwise, leaves, matrix, operations, reductions, rows
from jacobian.symbolic.expr import Operation, make

A, B, C, x, y, s, t, c, W1, delta2 = jac.symbols(
    "A: n n, B: n n, C: n n, x: n, y: n, s:, t: n onehot, c: index, W1: n n, delta2: n")
NAMED = jac.name("z1", W1 @ x)

WRITTEN = {
    "A x": A @ x,
    "A B x": A @ B @ x,
    "Aᵀ x": x @ A,
    "xᵀ A y": x @ A @ y,
    "xᵀ y": x @ y,
    "(A + B) x": (A + B) @ x,
    "A + B − C": A + B - C,
    "A − (B + C) x xᵀ": A - operations.matmul(B + C, x, operations.transpose(x)),
    "−x": -x,
    "y − 2 x": y - 2 * x,
    "½ x": x / 2,
    "3 (x + y)": 3 * (x + y),
    "s x": s * x,
    "A ∘ B": A * B,
    "(A ∘ B) x": (A * B) @ x,
    "A ∘ (B C)": A * (B @ C),
    "x ∘ (y − x)": x * (y - x),
    "Bᵀ Aᵀ": (A @ B).T,
    "Aᵀ + Bᵀ": (A + B).T,
    "σ(A)ᵀ": jac.sigmoid(A).T,
    "tanh(A x + y)": jac.tanh(A @ x + y),
    "ReLU(z₁)": jac.relu(NAMED),
    "W₁ δ₂": W1 @ delta2,
    "‖A x − y‖²": jac.square(A @ x - y),
    "½ ‖A x − y‖²": jac.half_square(A @ x - y),
    "s³": s**3,
    "(s + s²)²": (s + s**2) ** 2,
    "softmax(A x)": jac.softmax(A @ x),
    "logsumexp(x)": jac.log_sum_exp(x),
    "CE(x, t)": jac.cross_entropy(x, t),
    "CE(x, e_(c))": jac.cross_entropy(x, c),
    "diag(x) A": jac.diag(x) @ A,
    "diagonal(A B)": jac.diagonal(A @ B),
    "1ₙᵀ x": jac.total(x),
    "s 1ₙ + x": s + x,
    "A ⊗ B": arrays.kron(A, B),
    "A B ⊗ C": arrays.kron(A @ B, C),                   # Magnus and Neudecker (2019), 2.2: AC ⊗ BD
    "A ⊗ B ⊗ C": arrays.kron(arrays.kron(A, B), C),
    "(A ⊗ B) vec(C)": arrays.kron(A, B) @ arrays.vec(C),
    "−(A ⊗ B)": arrays.kron(-A, B),
    "s (A ⊗ B)": arrays.kron(A, s * B),
    "A + B": -(-A - B),
    "2 (A + B)": -2 * (-A - B),
    "A⁻³": jac.matrix_power(jac.inverse(A), 3),
    "s² exp(s)": jac.exp(s) * s**2,
}


QUOTIENTS = {
    "1/‖x‖⁴": (jac.square(x) ** -2, r"\frac{1}{\lVert x \rVert^{4}}"),
    "x/‖x‖": (x / jac.norm(x), r"\frac{x}{\lVert x \rVert}"),
    "2 x/s": (2 * x / s, r"\frac{2 x}{s}"),
    "x/(2 s²)": (x / (2 * s**2), r"\frac{x}{2 s^{2}}"),
    "(xᵀ y/s) A": ((x @ y) / s * A, r"\frac{x^{\top} y}{s} A"),
    "2 xᵀ y/s": (2 * (x @ y) / s, r"\frac{2 x^{\top} y}{s}"),
    "−(x + y)/√s": (-(x + y) / jac.sqrt(s), r"- \frac{x + y}{\sqrt{s}}"),
    "s/(s + xᵀ y)": (s / (s + x @ y), r"\frac{s}{s + x^{\top} y}"),
    "2 (x ∘ y)/s": (2 * (x * y) / s, r"\frac{2 ( x \circ y )}{s}"),
    "A x/(s x₂)": (A @ x / (s * jac.symbol("x2:")), r"\frac{A x}{s x_{2}}"),
    "√(xᵀ y)": (jac.sqrt(x @ y), r"\sqrt{x^{\top} y}"),
    "x ∘ y ⊘ z₁": (x * y / NAMED, r"x \circ y \oslash z_{1}"),
    "−y ⊘ (x ∘ z₁^(∘2))": (-y / x / NAMED**2, r"- y \oslash ( x \circ z_{1}^{\circ 2} )"),
    "A (x ⊘ (x + y))": (A @ (x / (x + y)), r"A ( x \oslash ( x + y ) )"),
    "x/(2 √(xᵀ y))": (x / (2 * jac.sqrt(x @ y)), r"\frac{x}{2 \sqrt{x^{\top} y}}"),
}


@pytest.mark.parametrize(("written", "x", "spelled"), [(written, *row) for written, row in QUOTIENTS.items()],
                         ids=QUOTIENTS)
def test_what_is_divided_by_a_scalar_stands_above_a_line(written: str, x: jac.Expr, spelled: str) -> None:
    assert str(x) == written
    assert latex(boxes(x)) == spelled


@pytest.mark.parametrize(("written", "x"), WRITTEN.items(), ids=WRITTEN)
def test_expressions_are_written_as_in_a_textbook(written: str, x: jac.Expr) -> None:
    assert str(x).replace("e_c", "e_(c)") == written


@pytest.mark.parametrize("x", WRITTEN.values(), ids=WRITTEN)
def test_latex_has_the_same_brackets(x: jac.Expr) -> None:
    spelled = latex(boxes(x))
    assert spelled.count("{") == spelled.count("}")
    assert spelled.count("(") == str(x).replace("e_(c)", "e").count("(")


def operations_of(module) -> list[Operation]:
    return [row for row in vars(module).values() if isinstance(row, Operation)]


MODULES = (leaves, operations, arrays, elementwise, reductions, rows, matrix)


@pytest.mark.parametrize("row", [row for module in MODULES for row in operations_of(module)], ids=lambda row: row.name)
def test_every_operation_has_a_notation(row: Operation) -> None:
    assert row.name in NOTATION


def test_an_operation_without_notation_names_the_row_to_write() -> None:
    strange = make(Operation("strange", "i j -> i j", lambda y, x: x), (A,))
    with pytest.raises(jac.MissingRule, match="strange"):
        boxes(strange)


def test_shapes_are_written_with_a_cross() -> None:
    from jacobian.printing.text import text
    assert text(shape(A.shape)) == "n × n"
    assert text(shape(x.shape)) == "n"
    assert text(shape(())) == "scalar"
    assert isinstance(shape(()), Box)
