"""Differentials: forward steps, what is read off, derivatives along a direction.

Expected forms are those of Magnus and Neudecker (2019); numbers come from the complex step and from SymPy.
"""

from dataclasses import replace
from importlib import import_module
from pkgutil import walk_packages
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp
from test_derivation import SECOND, network
from test_symbolic import PAIRS

import jacobian as jac
from jacobian.derivation import retrace
from jacobian.derivation.check import CheckFailed
from jacobian.derivation.measure import complex_step
from jacobian.derivation.reasons import COLLECTED, IDENTIFIED, reason
from jacobian.derivation.views.forward import Differentials
from jacobian.derivation.write import program
from jacobian.symbolic import sample
from jacobian.symbolic.arrays import lift, part
from jacobian.symbolic.assumptions import projection
from jacobian.symbolic.elementwise import standing_in
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, Operation, leaves, make, walk
from jacobian.symbolic.leaves import number
from jacobian.symbolic.operations import scale
from jacobian.symbolic.reductions import GREATER, PEAK

A, B, X, S, Q = jac.symbols("A: m n, B: n p, X: n n, S: n n symmetric, Q: n n orthogonal")
R = jac.symbol("R: 5 n")
x, y, b, v, c, s = jac.symbols("x: n, y: n, b: m, v: n, c:, s:")


def said(f: Expr, *wrt: Expr) -> list[str]:
    """The lines without their shapes and reasons."""
    lines = jac.derive(f, *wrt).text("forward").splitlines()
    return [line.split(". ", 1)[1].split("    (")[0] for line in lines if line[:1].isdigit()]


# ---- textbook ------------------------------------------------------------------------------------------------------


# Differentials: Magnus and Neudecker (2019), chapters 8 and 9.
DIFFERENTIALS = {
    "A X B": (A @ X @ B, X, "A dX B"),
    "quadratic form": (jac.quadratic(x, S), x, "2 xᵀ S dx"),
    "trace": (jac.trace(X @ S), X, "tr(S dX)"),
    "determinant": (jac.det(X), X, "tr(adj(X) dX)"),
    "log-determinant": (jac.logdet(X), X, "tr(X⁻¹ dX)"),
    "a barrier, finite inside its cone only": (-jac.log(s**2 - jac.square(x)), x, "2 xᵀ dx/(s² − ‖x‖²)"),
    "inverse": (jac.inverse(X), X, "−X⁻¹ dX X⁻¹"),
    "power": (jac.matrix_power(X, 2), X, "dX X + X dX"),
    "Kronecker product": (jac.kron(A, X), X, "A ⊗ dX"),
    "Hadamard product": (A * A, A, "2 (A ∘ dA)"),
    "least squares": (jac.half_square(A @ x - b), x, "(A x − b)ᵀ A dx"),
    "blocks": (jac.vstack(x, b), x, "[dx; 0ₘ]"),
    "a symmetric change": (S.T @ S, S, "dS S + S dS"),
}


@pytest.mark.parametrize(("f", "z", "form"), DIFFERENTIALS.values(), ids=DIFFERENTIALS)
def test_a_differential_has_the_textbooks_form(f: Expr, z: Expr, form: str) -> None:
    assert jac.derive(f, z).text("differential").splitlines()[-1].split(" = ", 1)[1].replace("dA ∘ A", "A ∘ dA") == form


# The steps of Magnus and Neudecker (2019): take the differential, bring it to the form tr(Gᵀ dX), identify.
LECTURES = {
    "least squares": (jac.square(A @ x - b), x, [
        "d(A x − b) = A dx", "df = 2 (A x − b)ᵀ A dx", "∂f/∂x = 2 Aᵀ (A x − b)"]),
    "log-determinant": (jac.logdet(A @ X @ A.T), X, [
        "d(A X Aᵀ) = A dX Aᵀ", "df = tr((A X Aᵀ)⁻¹ A dX Aᵀ)", "df = tr(Aᵀ (A X Aᵀ)⁻¹ A dX)",
        "∂f/∂X = Aᵀ (A X Aᵀ)⁻ᵀ A"]),
    "quadratic form": (jac.quadratic(x, X), x, [
        "df = dxᵀ X x + xᵀ X dx", "df = (X x + Xᵀ x)ᵀ dx", "∂f/∂x = X x + Xᵀ x", "∂f/∂x = (X + Xᵀ) x"]),
    "an inverse in a trace": (jac.trace(jac.inverse(X) @ S), X, [
        "d(X⁻¹) = −X⁻¹ dX X⁻¹", "d(X⁻¹ S) = −X⁻¹ dX X⁻¹ S", "df = −tr(X⁻¹ dX X⁻¹ S)", "df = −tr(X⁻¹ S X⁻¹ dX)",
        "∂f/∂X = −X⁻ᵀ S X⁻ᵀ"]),
    "trace of X S Xᵀ": (jac.trace(A @ S @ A.T), A, [
        "d(A S Aᵀ) = dA S Aᵀ + A S dAᵀ", "df = tr(dA S Aᵀ + A S dAᵀ)", "df = tr(S Aᵀ dA) + ⋯", "df = tr(S Aᵀ dA) + ⋯",
        "df = 2 tr(S Aᵀ dA)", "∂f/∂A = 2 A S"]),
    "norm": (jac.norm(x - y), x, [
        "d(x − y) = dx", "df = (x − y)ᵀ dx/‖x − y‖", "∂f/∂x = (x − y)/‖x − y‖"]),
    "softmax": (jac.softmax(x), x, [
        "df = softmax(x) ∘ dx − (softmax(x)ᵀ dx) softmax(x)", "df = (diag(softmax(x)) − softmax(x) softmax(x)ᵀ) dx",
        "∂f/∂x = diag(softmax(x)) − softmax(x) softmax(x)ᵀ"]),
    "a matrix by a matrix": (A @ X @ B, X, ["df = A dX B", "vec(df) = (A ⊗ Bᵀ) vec(dX)", "∂f/∂X = A ⊗ Bᵀ"]),
    "a matrix by a scalar": (s * A, s, ["df = ds A", "∂f/∂s = A"]),
    "a scalar by a scalar": (s**3, s, ["df = 3 s² ds", "∂f/∂s = 3 s²"]),
    "itself": (x, x, ["∂x/∂x = Iₙ"]),
    "something else": (x @ x, y, ["∂f/∂y = 0ₙ"]),
}


@pytest.mark.parametrize(("f", "z", "lines"), LECTURES.values(), ids=LECTURES)
def test_a_lecture_goes_as_in_the_textbook(f: Expr, z: Expr, lines: list[str]) -> None:
    assert said(f, z) == lines


def test_intermediate_results_keep_their_names_and_terms_not_written_are_dots() -> None:
    W1, b1, W2, x, t = jac.symbols("W1: m n, b1: m, W2: k m, x: n, t: k")
    z1 = jac.name("z1", W1 @ x + b1)
    z2 = jac.name("z2", W2 @ jac.name("a1", jac.tanh(z1)))
    assert said(jac.name("J", jac.half_square(z2 - t)), (W1, b1, W2)) == [
        "d(W₁ x) = dW₁ x", "dz₁ = dW₁ x + db₁", "da₁ = (1ₘ − a₁^(∘2)) ∘ dz₁", "dz₂ = dW₂ a₁ + W₂ da₁",
        "d(z₂ − t) = dz₂", "dJ = (z₂ − t)ᵀ dz₂", "δ₂ = z₂ − t", "dJ = δ₂ᵀ (dW₂ a₁ + W₂ da₁)", "∂J/∂W₂ = δ₂ a₁ᵀ",
        "dJ = δ₂ᵀ W₂ ((1ₘ − a₁^(∘2)) ∘ dz₁) + ⋯", "dJ = ((1ₘ − a₁^(∘2)) ∘ (W₂ᵀ δ₂))ᵀ dz₁ + ⋯",
        "δ₁ = (1ₘ − a₁^(∘2)) ∘ (W₂ᵀ δ₂)", "dJ = δ₁ᵀ (dW₁ x + db₁) + ⋯", "∂J/∂b₁ = δ₁", "∂J/∂W₁ = δ₁ xᵀ"]


def test_a_symmetric_matrix_changes_symmetrically() -> None:
    d = jac.derive(jac.trace(X @ S @ S), S)
    assert jac.derive(jac.trace(X @ S @ S), S, convention="free").differential() is d.differential()
    assert said(jac.logdet(S), S) == ["df = tr(S⁻¹ dS)", "∂f/∂S = S⁻¹"]
    assert "the gradient is G, as if the entries of S were free" in d.text("forward")
    assert "S is symmetric: only changes that keep it so count" in d.text("forward")
    [dS] = [z for z in leaves(d.differential()) if str(z) == "dS"]
    assert dS.T is dS


# What the expressions of test_symbolic lack, as SymPy has no entries of it or nobody writes it.
MORE = {
    "exponential": (jac.expm(X), X), "exponential in a trace": (jac.trace(S @ jac.expm(X)), X),
    "eigenvalues": (jac.total(jac.eigenvalues(S) ** 2), S), "eigenvalues alone": (jac.eigenvalues(S), S),
    "nuclear norm": (jac.nuclear_norm(A @ B), A), "spectral norm": (jac.spectral_norm(A), A),
    "some rows": (part(R @ X, 2, 1), R), "some entries": (jac.half_square(part(R @ x, 3, 0)), x),
    "a column as a matrix": (lift(b, (b.size, 1)), b), "which is larger": (make(GREATER, (x, y)) * x, x),
    "which is the largest": (make(PEAK, (x,), "max") * x, x), "a log-softmax of rows": (jac.log_softmax(A), A),
    "an abstract function": (jac.total(jac.function("h")(A @ x)), x), "a row of blocks": (jac.hstack(X @ X, x), X),
    "of a transpose": (jac.trace(jac.cholesky(X @ X.T + jac.eye("n")).T @ S), X),
}
EVERY = [*PAIRS, *(pytest.param(*pair, id=label) for label, pair in MORE.items())]


# ---- every operation -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "z"), EVERY)
def test_every_derivation_by_differentials_holds_and_prints(f: Expr, z: Expr) -> None:
    view = jac.derive(f, z).view("forward")
    lines = [line for stage in view.stages for line in stage.lines]
    assert lines
    assert all(line.reason.strip() for line in lines)
    assert len(view.text().split("\n\n")[-1].splitlines()) == 2 * len(lines)
    assert view.latex().count("{") == view.latex().count("}")
    rows = len(lines) + sum(len(program(stage.goal)) for stage in view.stages)
    assert view.latex().count("&=") == view.typst().count("& =") == rows
    ElementTree.fromstring(view.mathml())


@pytest.mark.parametrize(("f", "z"), EVERY)
def test_every_line_backwards_has_a_reason(f: Expr, z: Expr) -> None:
    assert all(line.reason.strip() for line in jac.derive(f, z).lines)


ALL = [p.values[0] for p in PAIRS] + [f for f, _ in MORE.values()]
OPERATIONS = sorted({row for module in walk_packages(import_module("jacobian.symbolic").__path__, "jacobian.symbolic.")
                     for row in vars(import_module(module.name)).values() if isinstance(row, Operation)},
                    key=lambda row: row.name)
WITHOUT = {"onehot"}            # refuses to be differentiated


def test_every_operation_with_a_derivative_has_a_reason() -> None:
    none = Operation.__dataclass_fields__["jacobian"].default
    used = {node.operation: node for node in walk(*ALL)}
    for row in OPERATIONS:
        if row.jacobian is not none and row.name not in WITHOUT:
            assert row in used, f"no example of {row.name}"
            assert all(len(reason(used[row], k)) > 10 for k in range(len(used[row].args)))


def test_what_is_linear_has_a_reason_to_be_collected() -> None:
    linear = {row.name for row in OPERATIONS if row.linear} - {"add", "named"}
    assert linear == set(COLLECTED)
    assert set(IDENTIFIED) == {(i, j) for i in range(3) for j in range(3)}


# ---- along a direction ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "z"), EVERY)
@pytest.mark.parametrize("smallest", [1, 2])
def test_the_derivative_along_a_direction_is_the_complex_step(f: Expr, z: Expr, smallest: int) -> None:
    direction = jac.symbol(f"direction: {' '.join(map(str, z.shape))}")
    d = jac.derive(f, z)
    found = d.along(direction)
    rng = np.random.default_rng(smallest)
    sizes = sample.sizes(rng, f, smallest=smallest)
    with standing_in():
        bind = Binding(sample.instance(rng, f, sizes, direction), sizes)
        P = projection(z).map(bind, bind.size)
        expected = complex_step(lambda at: bind.replaced(z, at)(f), bind(z), P @ bind(direction).reshape(-1, 1))
        assert found.shape == f.shape
        np.testing.assert_allclose(bind(found).reshape(-1, 1), expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("f", SECOND, ids=str)
def test_the_hessian_times_a_vector_is_sympys(f: Expr) -> None:
    sizes = {"m": 2, "n": 3}
    [z] = [z for z in leaves(f) if str(z) == "x"]
    direction = jac.symbol("v: n")
    unknown = list(z.sympy(sizes))
    point = {entry: sp.Rational(k + 2, 7) for k, entry in enumerate(
        entry for symbol in leaves(f) for entry in symbol.sympy(sizes))}
    arrow = sp.Matrix([sp.Rational(3, 5), -2, sp.Rational(1, 3)])
    expected = np.array((sp.hessian(f.sympy(sizes), unknown) * arrow).subs(point).evalf(), dtype=float).reshape(-1)
    values = {symbol.label: np.array(symbol.sympy(sizes).subs(point), dtype=float).reshape(
        [sizes[str(n)] for n in symbol.shape]) for symbol in leaves(f)}
    for found in (jac.derive(f, z, z).along(direction), jac.along(jac.derive(f, z).value, z, direction)):
        used = {symbol.label for symbol in leaves(found)} - {"v"}
        value = jac.evaluate(found, {"m": 2}, v=np.array(arrow, dtype=float).reshape(-1),
                             **{name: array for name, array in values.items() if name in used})
        np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_a_product_with_the_hessian_is_written_without_it() -> None:
    assert str(jac.derive(jac.half_square(A @ x - b), x, x).along(v)) == "Aᵀ A v"
    assert str(jac.along(jac.inverse(X), X, X)) == "−X⁻¹"
    assert str(jac.derive(x @ x, y).along(v)) == "0"


@pytest.mark.parametrize("convention", ["projection", "free"])
def test_a_symmetric_matrix_moves_by_what_the_convention_allows(convention: str) -> None:
    """J v of the Jacobian by S, which is that of the convention, in numbers."""
    d = jac.derive(jac.trace(X @ S @ S), S, convention=convention)
    V = jac.symbol("V: n n")
    rng = np.random.default_rng(3)
    bind = Binding(sample.instance(rng, d.goal, {"n": 4}, V), {"n": 4})
    expected = d.jacobian.map(bind, bind.size).dense() @ bind(V).reshape(-1)
    np.testing.assert_allclose(bind(d.along(V)).reshape(-1), expected, rtol=1e-12)


def test_an_orthogonal_matrix_moves_along_its_tangents() -> None:
    d = jac.derive(jac.trace(X @ Q), Q)
    assert d.text("forward").splitlines()[-2].startswith("5. ∂f/∂Q = ½ (Xᵀ − Q X Q)")
    found = d.along(X)
    bind = Binding(sample.instance(np.random.default_rng(4), found, {"n": 3}), {"n": 3})
    M, R = bind(X), bind(Q)
    np.testing.assert_allclose(float(bind(found)[0, 0]), np.trace(M @ (M - R @ M.T @ R) / 2), rtol=1e-12)


BAD = {
    "another shape": (lambda: jac.derive(A @ x, x).along(b), r"a direction of x has its shape \(n,\), but b"),
    "several variables": (lambda: jac.derive(A @ x, (A, x)).along(v), "value_by"),
    "an array": (lambda: jac.derive(A @ x, x).along(np.ones(3)), "declare arrays by name"),
    "by a number": (lambda: jac.along(A @ x, 3, v), "by a symbol"),
    "by a constant": (lambda: jac.along(x @ jac.symbol("k: n constant"), jac.symbol("k: n constant"), v), "constant"),
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_a_direction_that_does_not_fit_is_refused(call, message: str) -> None:
    with pytest.raises(jac.InputError, match=message):
        call()


# ---- several, second, deep -----------------------------------------------------------------------------------------


def test_second_derivatives_go_by_differentials_too() -> None:
    assert said(jac.half_square(A @ x - b), x, x) == [
        "d(A x − b) = A dx", "df = (A x − b)ᵀ A dx", "∂f/∂x = Aᵀ (A x − b)",
        "d(A x − b) = A dx", "dg = Aᵀ A dx", "∂g/∂x = Aᵀ A"]


def test_by_a_named_result_and_by_what_it_depends_on() -> None:
    W, x = jac.symbols("W: m n, x: n")
    z = jac.name("z1", W @ x)
    assert said(jac.half_square(z), z) == ["df = z₁ᵀ dz₁", "∂f/∂z₁ = z₁"]
    assert said(jac.half_square(z), (z, W)) == [
        "dz₁ = dW x", "df = z₁ᵀ dz₁", "∂f/∂z₁ = z₁", "df = z₁ᵀ dW x", "∂f/∂W = z₁ xᵀ"]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_network_holds_by_differentials(seed: int) -> None:
    J, parameters = network(jac.tanh)
    assert jac.derive(J, parameters, names={"h": "δ3"}).view("forward").check(seed).ok


def test_a_name_for_two_things_is_refused() -> None:
    with pytest.raises(jac.InputError, match="'dx' is the name of two different things"):
        jac.derive(jac.symbol("dx: n") @ x, x).text("forward")


# ---- planted mistakes ----------------------------------------------------------------------------------------------


W, t = jac.symbols("W: m n, t: m")


def two_layers() -> Differentials:
    z = jac.name("z1", W @ x)
    return jac.derive(jac.half_square(jac.tanh(z) * z - t), W).view("forward")


def negated(z: Expr) -> Expr:
    return scale(number(-1), z)


def with_push(view: Differentials, name: str, **changes) -> Differentials:
    [f] = view.stages
    pushes = [replace(p, **changes) if p.node.operation.name == name else p for p in f.pushes]
    return Differentials((replace(f, pushes=tuple(pushes)),))


def pushed_of(view: Differentials, name: str) -> Expr:
    return next(p.result for p in view.stages[0].pushes if p.node.operation.name == name)


PLANTED = {
    "a sign": (lambda w: with_push(w, "map", result=negated(pushed_of(w, "map"))),
               ["does not follow by the rule of map", "is not what the complex step finds", "does not begin with"]),
    "a lost path": (lambda w: with_push(w, "hadamard", given=w.stages[0].pushes[3].given[:1]),
                    ["does not follow by the rule of hadamard"]),
    "a missing step": (lambda w: Differentials((replace(w.stages[0], pushes=w.stages[0].pushes[1:]),)),
                       ["does not begin with"]),
    "the last step missing": (lambda w: Differentials((replace(w.stages[0], pushes=w.stages[0].pushes[:-1]),)),
                              ["is not the last one"]),
    "another last change": (lambda w: with_push(w, "half_square", result=negated(pushed_of(w, "half_square"))),
                            ["is not the last one"]),
    "another result": (lambda w: Differentials((replace(w.stages[0], jacobians={
        z: jac.Row(negated(J.g)) for z, J in w.stages[0].jacobians.items()}),)), ["is not that of the last step"]),
}


@pytest.mark.parametrize(("plant", "found"), PLANTED.values(), ids=PLANTED)
def test_a_planted_mistake_is_found_and_not_printed(plant, found: list[str]) -> None:
    view = two_layers()
    assert view.check().ok
    wrong = plant(view)
    check = wrong.check()
    assert not check.ok
    assert all(any(words in failure for failure in check.failures) for words in found)
    for print_it in (Differentials.text, Differentials.latex, Differentials.mathml, Differentials.typst):
        with pytest.raises(CheckFailed, match="not printed"):
            print_it(wrong)


def test_a_wrong_row_of_the_operations_is_found() -> None:
    from jacobian.symbolic import matrix
    right = matrix.LOGDET.jacobian
    object.__setattr__(matrix.LOGDET, "jacobian", lambda y, k: jac.Row(jac.inverse(y.args[0])))
    try:
        check = jac.derive(jac.logdet(X), X).view("forward").check()
    finally:
        object.__setattr__(matrix.LOGDET, "jacobian", right)
    assert any("the local Jacobian of log det(X) is not what the complex step finds" in f for f in check.failures)
    assert any("SymPy" in failure for failure in check.failures)


def test_a_line_written_wrongly_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    view = jac.derive(jac.trace(jac.inverse(X) @ S), X).view("forward")
    [f] = view.stages
    lines = [replace(line, value=negated(line.value)) if isinstance(line, retrace.Part) else line for line in f.lines]
    f.__dict__["lines"] = tuple(lines)
    assert any("the formula to be printed is not the Jacobian" in failure for failure in view.check().failures)
