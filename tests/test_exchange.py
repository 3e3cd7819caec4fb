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
x, y, s = sp.MatrixSymbol("x", n, 1), sp.MatrixSymbol("y", n, 1), sp.Symbol("s", real=True)

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
    "diagonal": (mx.DiagonalOf(Q), "diag(Q)", "Q: n n"),
    "diagonal part": (mx.DiagonalMatrix(Q), "Q.*eye(n)", "Q: n n"),
    "diagonal matrix": (mx.DiagMatrix(x) * Q, "diag(x)*Q", "x: n, Q: n n"),
    "scalars": (sp.exp(s) * sp.sin(s)**2 + s / 3, "exp(s)*sin(s)^2 + s/3", "s:"),
}


@pytest.mark.parametrize(("expr", "text", "declared"), READ.values(), ids=READ)
def test_sympys_expression_is_read_as_its_text(expr: sp.Expr, text: str, declared: str) -> None:
    assert jac.equivalent(jac.from_sympy(expr), jac.parse(text, declared))


def numeric() -> dict[str, sp.Expr]:
    """Expressions of given sizes: SymPy can work them out at numbers."""
    a, b, q = (sp.MatrixSymbol(k, *shape) for k, shape in (("A", (2, 3)), ("B", (2, 3)), ("Q", (3, 3))))
    u, v, r = (sp.MatrixSymbol(k, *shape) for k, shape in (("u", (3, 1)), ("v", (3, 1)), ("r", (1, 3))))
    s, t, z = sp.symbols("s t z", real=True)
    return {
        "row": r * q,
        "row times column": r * u,
        "column times row": u * r,
        "rows one above the other": sp.BlockMatrix([[r], [r]]),
        "rows side by side": sp.BlockMatrix([[r, r]]),
        "columns one above the other": sp.BlockMatrix([[u], [v]]),
        "columns side by side": sp.BlockMatrix([[u, v]]),
        "blocks": sp.BlockMatrix([[q, u], [r, sp.Matrix([[s]])]]),
        "blocks on a diagonal": sp.BlockDiagMatrix(a, q),
        "dot product": mx.DotProduct(u, v),
        "determinant of 1 × 1": sp.Determinant(u.T * v),
        "1 × 1 as a factor": (u.T * q * u) * r,
        "inverse of 1 × 1": (u.T * v).I * r,
        "entry of 1 × 1": sp.MatrixSymbol("w", 1, 1)[0, 0] * u,
        "larger": sp.Max(s, t) * a,
        "smaller": sp.Min(s, 2 * t) * a,
        "pieces": a.applyfunc(sp.Lambda(z, sp.Piecewise((z, z > 1), (z / 5, True)))),
        "function of two": sp.Piecewise((s * t, s * t > 0), (0, True)) * u,
        "function of parts": a.applyfunc(sp.Lambda(z, s * sp.cos(z)**2 + t + 1 / (1 + z**2))),
        "constant function": a.applyfunc(sp.Lambda(z, s + 3)),
        "scalar exponent": mx.HadamardPower(a, s),
        "exponents": mx.HadamardPower(mx.HadamardPower(a, 2), b),
        "base": mx.HadamardPower(2, a),
        "adjoint": sp.Adjoint(a),
        "explicit factor": sp.Matrix([[s, t], [1, s * t]]) * a,
        "explicit row": sp.Matrix([[1, 2]]) * a,
        "negative power": q**-2,
        "Kronecker with a row": mx.KroneckerProduct(a, u, r),
        "zeros and ones": sp.ZeroMatrix(2, 3) * q + a * u * sp.OneMatrix(1, 3),
        "numbers": sp.pi * u / sp.sqrt(2) + sp.Float(0.1) * v,
        "powers": 2**s * u + s**t * v,
    }


@pytest.mark.parametrize("label", numeric())
def test_what_is_read_has_the_value_that_sympy_works_out(label: str) -> None:
    expr = numeric()[label]
    rng = np.random.default_rng(7)
    values = {z: rng.uniform(0.2, 1.8, size=getattr(z, "shape", ())) for z in sorted(
        expr.atoms(sp.MatrixSymbol) | {z for z in expr.free_symbols if isinstance(z, sp.Symbol)}, key=str)}
    matrices = {z: sp.ImmutableMatrix(value) for z, value in values.items() if value.ndim}
    worked = expr.xreplace(matrices).doit()
    worked = worked.as_explicit() if hasattr(worked, "as_explicit") else sp.Matrix([[worked]])
    expected = np.array(worked.subs({z: float(value) for z, value in values.items() if not value.ndim}), dtype=float)
    f = jac.from_sympy(expr)
    given = {z.name: value.reshape([k for k in value.shape if k > 1]) for z, value in values.items()}
    for g in (f, jac.from_sympy(f.sympy())):
        names = {str(z.label) for z in leaves(g)}
        found = jac.evaluate(g, **{k: v for k, v in given.items() if k in names})
        np.testing.assert_allclose(np.reshape(found, expected.shape), expected, rtol=1e-12)


SAME = (A * x, 2 * A * x - A * Q * x, Q.I * x, Q**3, A.T, mx.HadamardPower(A, 2), mx.hadamard_product(A, B), s * A,
        mx.KroneckerProduct(A, Q), mx.DiagMatrix(x) * Q, mx.DiagonalOf(Q), sp.Trace(Q) / n, sp.log(sp.Determinant(Q)),
        sp.Trace(x.T * Q * x), Q + sp.Identity(n), sp.OneMatrix(m, n) + A, sp.exp(s) * sp.sin(s)**2 + s / 3,
        sp.BlockMatrix([[x], [y]]), sp.ImmutableMatrix([[s, 1], [2, s]]))


@pytest.mark.parametrize("expr", SAME, ids=str)
def test_there_and_back_is_the_same_expression(expr: sp.Expr) -> None:
    assert jac.from_sympy(expr).sympy() == expr


@pytest.mark.parametrize(("f", "z"), [
    (x.T * Q * x, x), (sp.Trace(x.T * Q * x), x), (x.T * Q.I * y, Q), (sp.Trace(A * Q * A.T), A),
    (sp.Trace(A * Q * A.T), Q), (sp.Trace(Q**3), Q), (sp.Trace(Q.I * A.T * B), Q),
    (sp.Trace(A.T * mx.HadamardProduct(A, B)), A),
], ids=str)
def test_a_gradient_is_the_one_that_sympy_finds_for_matrices(f: sp.Expr, z: sp.Expr) -> None:
    assert jac.equivalent(jac.derive(jac.from_sympy(f), jac.from_sympy(z)).value, jac.from_sympy(f.diff(z)))


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
    (sp.exp(Q), "exp\\(Q\\) is a function of scalars, but Q is a matrix: write A.applyfunc"),
    ((x.T * y)[0, 0], "Sum is not read"),
    (mx.DiagonalMatrix(A), "write the row DiagonalMatrix"),
    (sp.I * x, "ImaginaryUnit is not read"),
    (Q**s, "whole number"),
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
    assert jac.equivalent("sqrt(x).*sqrt(x)", "x", DECLARED).how == "only one of them has a value"


def test_what_is_not_declared_has_one_shape_in_both_texts() -> None:
    assert not jac.equivalent("A*B", "B*A")
    assert jac.equivalent("det(A*B)", "det(A)*det(B)")
    assert jac.equivalent("x.T @ y", "y'*x")
    assert jac.equivalent(jac.symbol("A: n n symmetric").T, "A")
    assert not jac.equivalent("A'", "A")


def test_a_row_and_a_column_are_one_vector() -> None:
    assert jac.equivalent("x'*A'", "A*x").how == "the same expression"


def test_functions_without_values_are_told_apart() -> None:
    f, g, z = jac.function("f"), jac.function("g"), jac.symbol("z: n")
    assert jac.equivalent(f(z) + f(z), 2 * f(z))
    assert not jac.equivalent(f(z), g(z))


def test_what_has_no_value_anywhere_is_not_decided() -> None:
    with pytest.raises(jac.InputError, match="no normal form in common, and no value at any of"):
        jac.equivalent("arcsin(9 + (s + 1)^2)", "arcsin(10 + 2*s + s^2)", DECLARED)


def test_two_symbols_of_one_name_are_not_compared() -> None:
    with pytest.raises(jac.InputError, match="two symbols of one name"):
        jac.equivalent(jac.symbol("A: n n"), jac.symbol("A: n n symmetric"))
