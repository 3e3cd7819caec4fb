"""To SymPy's matrix expressions and back: values are kept, and what cannot be said is refused by name."""

from functools import cache

import numpy as np
import pytest
import sympy as sp
from sympy.matrices import expressions as mx
from test_symbolic import EXPRESSIONS

import jacobian as jac
from jacobian.symbolic import sample
from jacobian.symbolic.evaluate import Binding, by_name
from jacobian.symbolic.exchange import WRITTEN
from jacobian.symbolic.expr import leaves, walk
from jacobian.symbolic.leaves import number

m, n = sp.symbols("m n", integer=True, positive=True)
A, B, Q = sp.MatrixSymbol("A", m, n), sp.MatrixSymbol("B", m, n), sp.MatrixSymbol("Q", n, n)
x, y, s = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("y", n, 1), sp.Symbol("s")

READ = {
    "product": (A * x, "A*x", "A: m n, x: n"),
    "sum and multiple": (2 * A - s * B, "2*A - s*B", "A: m n, B: m n, s:"),
    "inner product": (x.T * y, "x'*y", "x: n, y: n"),
    "outer product": (x * y.T, "x*y'", "x: n, y: n"),
    "trace": (sp.Trace(A * B.T), "tr(A*B')", "A: m n, B: m n"),
    "determinant": (sp.Determinant(Q), "det(Q)", "Q: n n"),
    "inverse": (Q.I * x, "inv(Q)*x", "Q: n n, x: n"),
    "power": (Q**3, "Q^3", "Q: n n"),
    "Hadamard": (mx.hadamard_product(A, B), "A.*B", "A: m n, B: m n"),
    "Hadamard power": (mx.HadamardPower(A, 2), "A.^2", "A: m n"),
    "entry by entry": (A.applyfunc(sp.tanh), "tanh(A)", "A: m n"),
    "Kronecker": (mx.KroneckerProduct(A, Q), "kron(A, Q)", "A: m n, Q: n n"),
    "identity": (Q + sp.Identity(n), "Q + eye(n)", "Q: n n"),
    "ones": (sp.OneMatrix(m, n) + A, "A + matrix(1, m, n)", "A: m n"),
    "diagonal matrix": (mx.DiagMatrix(x) * Q, "diag(x)*Q", "x: n, Q: n n"),
    "scalars": (sp.exp(s) * sp.sin(s)**2 + s / 3, "exp(s)*sin(s)^2 + s/3", "s:"),
}


@pytest.mark.parametrize(("expr", "text", "declared"), READ.values(), ids=READ)
def test_sympys_expression_is_read_as_its_text(expr: sp.Expr, text: str, declared: str) -> None:
    assert jac.equivalent(jac.from_sympy(expr), jac.parse(text, declared))


def test_an_explicit_matrix_is_read_entry_by_entry() -> None:
    found = jac.from_sympy(sp.Matrix([[s, 1], [2, s]]))
    np.testing.assert_array_equal(jac.evaluate(found, s=5.0), [[5, 1], [2, 5]])


@cache
def unsaid() -> set[str]:
    """The expressions with an operation that has no row."""
    names = {label: {node.operation.name for node in walk(f)} for label, f in EXPRESSIONS.items()}
    return {label for label, used in names.items() if used - WRITTEN.keys()
            or any("index" in z.assumptions for z in leaves(EXPRESSIONS[label]))}


@pytest.mark.parametrize("label", EXPRESSIONS)
def test_there_and_back_keeps_the_value_or_is_refused(label: str) -> None:
    f = EXPRESSIONS[label]
    if label in unsaid():
        with pytest.raises(jac.InputError, match=r"SymPy has no matrix expression|index of classes"):
            f.sympy()
        return
    there = f.sympy()
    back = jac.from_sympy(there)
    rng = np.random.default_rng(3)
    sizes = sample.sizes(rng, f)
    values = {str(z.label): Binding(sample.instance(rng, f, sizes)).natural(z) for z in leaves(f)}
    known = {k: v for k, v in values.items() if k in {str(z.label) for z in leaves(back)}}
    expected = Binding(by_name(values, f), sizes)(f)
    found = np.asarray(Binding(by_name(known, back), sizes)(back))
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-10, atol=1e-12)


def test_few_expressions_have_no_words_in_sympy() -> None:
    assert len(unsaid()) <= len(EXPRESSIONS) // 4, unsaid()


@pytest.mark.parametrize(("expr", "said"), [
    (A[0, 1], "one entry of a matrix"),
    (sp.Integral(s, s), "Integral is not read"),
    (sp.exp(A[0, 0]), "one entry"),
    ("A*x", "jac.parse reads texts"),
    (None, "SymPy expression or matrix was expected"),
    (A.applyfunc(sp.gamma), "gamma is not read"),
])
def test_what_cannot_be_read_is_named(expr: object, said: str) -> None:
    with pytest.raises(jac.InputError, match=said):
        jac.from_sympy(expr)


def test_a_size_is_a_number_and_no_variable() -> None:
    f = jac.from_sympy(sp.OneMatrix(1, n) * x / n)
    assert f is jac.parse("sum(x)/n", "x: n")
    assert jac.from_sympy(n * Q).args[0] is number(jac.symbol("Q: n n").shape[0])


# ---- whether two expressions are one function ----------------------------------------------------------------------

EQUAL = [
    ("x'*A*x", "tr(A*x*x')"), ("norm2(A*x)^2", "x'*A'*A*x"), ("log(exp(x))", "x"), ("inv(A)*A*x", "x"),
    ("(A+B)*x", "A*x + B*x"), ("sum(x.*y)", "x'*y"), ("log(det(A*A'))", "logdet(A*A')"),
    ("sinh(x)./cosh(x)", "tanh(x)"), ("exp(x)/sum(exp(x))", "softmax(x)"), ("sin(s)^2 + cos(s)^2", "1"),
    ("(s+t)^3", "s^3 + 3*s^2*t + 3*s*t^2 + t^3"),
]
DIFFERENT = [
    ("x'*A*x", "x'*A'*x + 1"), ("A*B", "B*A"), ("norm2(x)", "norm1(x)"), ("tanh(x)", "sigmoid(x)"),
    ("sqrt(x).*sqrt(x)", "x"), ("abs(x)", "x"), ("x", "1.00000001*x"),
]
DECLARED = "A: n n, B: n n, x: n, y: n, s:, t:"


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_one_function_in_two_forms_is_recognised(a: str, b: str) -> None:
    assert jac.equivalent(a, b, DECLARED)
    assert jac.equivalent(b, a, DECLARED)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_two_functions_are_told_apart_by_numbers(a: str, b: str) -> None:
    found = jac.equivalent(a, b, DECLARED)
    assert not found
    point = found.counterexample
    assert point is not None
    both = [jac.evaluate(jac.parse(text, DECLARED), point.sizes, **{
        k: v for k, v in point.values.items() if k in {str(z.label) for z in leaves(jac.parse(text, DECLARED))}})
        for text in (a, b)]
    assert not np.array_equal(*both, equal_nan=True)
    assert str(found).startswith("not equal")


def test_it_is_said_how_it_is_known() -> None:
    assert jac.equivalent("x + y", "y + x", DECLARED).how == "the same expression"
    assert jac.equivalent("A*x + B*x", "(A + B)*x", DECLARED).how == "normal form"
    assert jac.equivalent("sin(s)^2 + cos(s)^2", "1", DECLARED).how.startswith("numbers at")
    assert "shapes" in jac.equivalent("A*x", "x'*x", DECLARED).how
