"""Each view of a derivative: right in numbers, written as in the books, refused where it does not hold.

Numbers are those of the textbook's own reader and of the complex step. Written forms are those of Magnus and Neudecker
(2019) chapter 9 and tables 9.2 to 9.6 (columns stacked), and of Minka (2000), Old and new matrix algebra useful for
statistics, whose layouts are the numerator's.
"""

from functools import cache
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp
import textbook
from test_corpus import binding, derivation
from test_notation import MODULES, operations_of
from test_symbolic import EXPRESSIONS, PAIRS
from textbook import CASES, Case, close, directions, tolerance

import jacobian as jac
from jacobian.derivation.measure import complex_step
from jacobian.derivation.views import VIEWS
from jacobian.derivation.views.view import View
from jacobian.errors import InputError, MissingRule
from jacobian.printing.boxes import Lines, Symbol
from jacobian.printing.latex import latex
from jacobian.printing.mathml import mathml
from jacobian.printing.text import text
from jacobian.printing.typst import typst
from jacobian.symbolic import elementwise, indices, letters, sample, stacking
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.entry import ENTRIES, at
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, Operation, leaves, make, walk
from jacobian.symbolic.indices import FIRST, Frame, Index, Place
from jacobian.symbolic.letters import evaluate, lettered
from jacobian.symbolic.stacking import STRUCTURES

A, B, C, X, Q, x, y, a, b, s = jac.symbols("A: m n, B: p q, C: m n, X: n p, Q: n n, x: n, y: n, a: n, b: m, s:")
W1, b1, W2, b2, t = jac.symbols("W1: h n, b1: h, W2: k h, b2: k, t: k onehot")


def network() -> Any:
    z1 = jac.name("z1", W1 @ x + b1)
    a1 = jac.name("a1", jac.tanh(z1))
    return jac.name("L", jac.cross_entropy(jac.name("z2", W2 @ a1 + b2), t))


# ---- numbers -------------------------------------------------------------------------------------------------------


@cache
def expected(case: Case) -> list[tuple[dict[str, Any], Any]]:
    """Values of the textbook's reader, and its derivative there."""
    return [(values, textbook.derivative(case, values)) for values in textbook.instances(case)]


def last(view: View, bind: Binding) -> Any:
    """The numbers of the last right side."""
    return np.asarray(view.equations[-1].numbers(bind))


def printed(view: View) -> None:
    """It can be printed in each notation."""
    box = Lines(tuple((e.left, Symbol("="), e.right) for e in view.equations))
    assert text(box)
    assert typst(box)
    assert latex(box).count("{") == latex(box).count("}")
    ElementTree.fromstring(mathml(box))


def exchange(m: int, n: int) -> Any:
    """The matrix that takes the rows of an m × n array, one after the other, to its columns."""
    P = np.zeros((m * n, m * n))
    for i in range(m):
        for j in range(n):
            P[j * m + i, i * n + j] = 1
    return P


def by_columns(J: Any, out: Expr, into: Expr, bind: Binding) -> Any:
    shapes = [bind(z).shape for z in (out, into)]
    return exchange(*shapes[0]) @ J @ exchange(*shapes[1]).T


@pytest.mark.parametrize("case", CASES, ids=str)
def test_index_notation_of_the_corpus_is_the_derivative(case: Case) -> None:
    view = derivation(case).view("index")
    printed(view)
    for values, want in expected(case):
        close(last(view, binding(case, values)).reshape(want.shape), want, tolerance(case))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_matrix_notation_and_kronecker_products_of_the_corpus_are_the_derivative(case: Case) -> None:
    d = derivation(case)
    views = {name: d.view(name) for name in ("matrix", "kronecker", "differential")}
    columns, turned = d.view("kronecker", stacking="columns"), d.view("kronecker", layout="denominator")
    for view in (*views.values(), columns):
        printed(view)
    values, want = expected(case)[0]
    bind = binding(case, values)
    close(last(views["matrix"], bind).reshape(want.shape), want, tolerance(case))
    close(last(views["kronecker"], bind), want, tolerance(case))
    close(last(turned, bind), want.T, tolerance(case))
    close(last(columns, bind), by_columns(want, d.goal, d.wrt[0], bind), tolerance(case))


@pytest.mark.parametrize("case", CASES[::6], ids=str)
def test_the_differential_is_linear_with_the_jacobian_as_its_matrix(case: Case) -> None:
    d = derivation(case)
    view = d.view("differential")
    [dx], (values, want) = view.symbols, expected(case)[0]
    bind = binding(case, values)
    change = np.random.default_rng(1).normal(size=[bind.size(n) for n in dx.shape])
    for word in dx.assumptions:
        change = ASSUMPTIONS[word].draw(np.random.default_rng(2), change)
    bind = Binding({z: bind.natural(z) for z in leaves(d.goal, *d.wrt)} | {dx: change}, bind.sizes)
    steps = directions(case, str(d.wrt[0]), values[str(d.wrt[0])].shape) if case.convention == "free" else []
    twice = [step.sum() or 1 for step in steps] or 1         # each free entry off the diagonal stands for two
    close(last(view, bind).reshape(-1), want / twice @ change.reshape(-1), tolerance(case))


NO_ENTRIES = {"expm", "frechet", "eigenvectors", "polar", "leading", "peak"}


def explicit(case: Case) -> None:
    sizes = dict.fromkeys(case.sizes, 2)
    for pair in filter(None, case.conditions.split(", ")):
        less, more = pair.split(" < ")
        sizes[more] = sizes[less] + 1
    d = derivation(case)
    if any(node.operation.name in NO_ENTRIES for node in walk(d.value)):
        with pytest.raises(MissingRule, match="no explicit entries"):
            d.view("explicit", sizes=sizes)
        return
    view = d.view("explicit", sizes=sizes)
    printed(view)
    assert not list(view.failures())


@pytest.mark.parametrize("case", CASES[::12], ids=str)
def test_explicit_entries_are_the_derivative(case: Case) -> None:
    explicit(case)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_explicit_entries_of_the_corpus_are_the_derivative(case: Case) -> None:
    explicit(case)


@pytest.mark.parametrize(("f", "z"), PAIRS)
def test_index_notation_is_the_complex_step(f: Expr, z: Expr) -> None:
    view = jac.derive(f, z).view("index")
    for smallest in (1, 2, 3):
        rng = np.random.default_rng(smallest)
        sizes = sample.sizes(rng, f, z, smallest=smallest)
        bind = Binding(sample.instance(rng, f, sizes, z), sizes)
        expected = complex_step(lambda at, bind=bind: bind.replaced(z, at)(f), bind(z))
        np.testing.assert_allclose(last(view, bind).reshape(expected.shape), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(("f", "z"), PAIRS)
def test_columns_are_stacked_as_explicit_permutations_say(f: Expr, z: Expr) -> None:
    d = jac.derive(f, z)
    view = d.view("kronecker", stacking="columns")
    rng = np.random.default_rng(4)
    sizes = sample.sizes(rng, f, z)
    bind = Binding(sample.instance(rng, f, sizes, z), sizes)
    J = complex_step(lambda at: bind.replaced(z, at)(f), bind(z))
    np.testing.assert_allclose(last(view, bind), by_columns(J, f, z, bind), rtol=1e-11, atol=1e-11)


STACKED = {
    "blocks of one size": jac.inner(jac.vstack(x, y), jac.vstack(y, x)),
    "blocks of several sizes": jac.inner(jac.vstack(x, b, s), jac.vstack(b, s, x)),
    "a sum over blocks": jac.total(jac.hstack(A, C * C)) * jac.vstack(x, y),
    "blocks in both ways": jac.block([[A, b.T], [Q, x]]).T @ jac.vstack(b, x),
    "a matrix in a vector": jac.inner(jac.vec(A @ X), jac.vec(jac.kron(b, jac.symbol("c: p")))),
}


@pytest.mark.parametrize("f", [*EXPRESSIONS.values(), *STACKED.values()], ids=[*EXPRESSIONS, *STACKED])
def test_entries_are_those_of_the_value(f: Expr) -> None:
    frame = Frame()
    places = [frame.fresh(n, free=True) for n in f.axes]
    form = frame.moved(at(frame, f, *places), {})
    free = [k for place in places for k, _ in frame.settled(place).parts]
    form, named = lettered(form, free, f)
    rng = np.random.default_rng(5)
    sizes = sample.sizes(rng, f)
    bind = Binding(sample.instance(rng, f, sizes), sizes)
    found = evaluate(form, [named[k] for k in free], bind)
    np.testing.assert_allclose(found.reshape(-1), bind(f).reshape(-1), rtol=1e-12, atol=1e-12)


# ---- what is written -----------------------------------------------------------------------------------------------


def said(d: Any, view: str, **options: Any) -> list[str]:
    """The equations, line by line."""
    return d.text(view, **options).split("\n\n")[0].splitlines()


INDEX = {
    "∂fᵢ/∂xⱼ = Aᵢⱼ": (A @ x, x),
    "∂fᵢⱼ/∂Xₖₗ = Aᵢₖ Bₗⱼ": (A @ X @ B, X),
    "∂fᵢⱼ/∂Aₖₗ = δᵢₗ δⱼₖ": (A.T, A),
    "∂fᵢ/∂Aⱼₖ = δᵢⱼ xₖ": (A @ x, A),
    "∂f/∂Aᵢⱼ = bᵢ xⱼ": (jac.inner(b, A @ x), A),
    "∂f/∂Qᵢⱼ = δᵢⱼ": (jac.trace(Q), Q),
    "∂f/∂Qᵢⱼ = (Q⁻¹)ⱼᵢ": (jac.logdet(Q), Q),
    "∂fᵢⱼ/∂Qₖₗ = −(Q⁻¹)ᵢₖ (Q⁻¹)ₗⱼ": (jac.inverse(Q), Q),
    "∂f/∂xᵢ = ∑ⱼ (Qᵢⱼ + Qⱼᵢ) xⱼ": (x @ Q @ x, x),
    "∂f/∂xᵢ = 2 xᵢ": (jac.square(x), x),
    "∂f/∂xᵢ = ∑ⱼ Aⱼᵢ (∑ₖ Aⱼₖ xₖ − bⱼ)": (jac.half_square(A @ x - b), x),
    "∂fᵢ/∂xⱼ = δᵢⱼ softmax(x)ᵢ − softmax(x)ᵢ softmax(x)ⱼ": (jac.softmax(x), x),
    "∂fᵢⱼ/∂Aₖₗ = δᵢₖ δⱼₗ Cᵢⱼ": (A * C, A),
    "∂fᵢⱼ/∂xₖ = δᵢₖ δⱼₖ": (jac.diag(x), x),
    "∂fᵢ/∂Qⱼₖ = δᵢⱼ δᵢₖ": (jac.diagonal(Q), Q),
    "∂fᵢⱼ/∂s = Aᵢⱼ": (s * A, s),
}


@pytest.mark.parametrize(("line", "f", "z"), [(line, *pair) for line, pair in INDEX.items()], ids=INDEX)
def test_index_notation_is_that_of_a_textbook(line: str, f: Expr, z: Expr) -> None:
    assert said(jac.derive(f, z), "index")[-1] == line


def test_gradients_of_a_network_are_said_with_their_error_signals() -> None:
    lines = said(jac.derive(network(), (W1, W2)), "index")
    assert lines[0] == "(z₁)ᵢ = ∑ⱼ (W₁)ᵢⱼ xⱼ + (b₁)ᵢ"
    assert "(δ₂)ᵢ = softmax(z₂)ᵢ − tᵢ" in lines
    assert "(δ₁)ᵢ = (1 − (a₁)ᵢ²) ∑ⱼ (W₂)ⱼᵢ (δ₂)ⱼ" in lines
    assert lines[-2:] == ["∂L/∂(W₁)ᵢⱼ = (δ₁)ᵢ xⱼ", "∂L/∂(W₂)ᵢⱼ = (δ₂)ᵢ (a₁)ⱼ"]


def test_second_derivatives_have_both_indices() -> None:
    assert said(jac.derive(x @ Q @ x, x, x), "index")[-1] == "∂²f/∂xᵢ∂xⱼ = Qᵢⱼ + Qⱼᵢ"


def test_blocks_and_kronecker_products_shift_their_indices() -> None:
    assert said(jac.derive(jac.vstack(A, C), C), "index")[-1] == "∂fᵢⱼ/∂Cₖₗ = δ_(i,k+m) δⱼₗ"
    assert said(jac.derive(jac.vstack(x, s), s), "index")[-1] == "∂fᵢ/∂s = δ_(i,n+1)"
    assert said(jac.derive(jac.kron(A, B), A), "index")[0] == "f_(p (i − 1)+j,q (k − 1)+l) = Aᵢₖ Bⱼₗ"


def test_no_index_is_a_name_or_a_size_of_the_formula() -> None:
    W, i, j = jac.symbols("W: k l, i: l, j: k")
    lines = said(jac.derive(jac.half_square(W @ i - j), i), "index")
    assert lines[-1] == "∂f/∂iᵣ = ∑ₛ Wₛᵣ (∑ₜ Wₛₜ iₜ − jₛ)"


def test_a_delta_beside_a_variable_delta_is_a_statement() -> None:
    delta = jac.symbol("delta: n")
    d = jac.derive(delta * delta, delta)
    assert said(d, "index")[-1] == "∂fᵢ/∂δⱼ = 2 [i = j] δᵢ"
    assert "is 1 where it holds" in d.text("index")


def test_sums_side_by_side_have_letters_of_their_own() -> None:
    d = jac.derive(jac.total(x) * jac.total(y) * s, s)
    assert said(d, "index")[-1] == "∂f/∂s = ∑ᵢ xᵢ ∑ⱼ yⱼ"


def test_a_sum_above_a_line_does_not_reach_below_it() -> None:
    lines = said(jac.derive(jac.quadratic(x, Q) / jac.inner(x, y), y), "index")
    assert lines[0] == "f = (∑ᵢ xᵢ ∑ⱼ Qᵢⱼ xⱼ)/(∑ᵢ xᵢ yᵢ)"


COLUMNS = {
    "∂vec(f)/∂vec(X)ᵀ = Bᵀ ⊗ A": (A @ X @ B, X),                                    # theorem 2.2
    "∂vec(f)/∂vec(A)ᵀ = K_(m,n)": (A.T, A),                                         # table 9.6, X′
    "∂vec(f)/∂vec(Q)ᵀ = −(Q⁻ᵀ ⊗ Q⁻¹)": (jac.inverse(Q), Q),                         # table 9.6, X⁻¹
    "∂vec(f)/∂vec(A)ᵀ = (Iₙ ⊗ K_(q,m) ⊗ Iₚ) (I_(m n) ⊗ vec(B))": (jac.kron(A, B), A),  # section 3.7, theorem 3.10
    "∂vec(f)/∂vec(B)ᵀ = (Iₙ ⊗ K_(q,m) ⊗ Iₚ) (vec(A) ⊗ I_(p q))": (jac.kron(A, B), B),
    "∂vec(f)/∂vec(Q)ᵀ = Lₑₓₚ(Q)": (jac.expm(Q), Q),
    "∂vec(f)/∂vec(A)ᵀ = (Iₘ ⊗ A) K_(m,n) + A ⊗ Iₘ": (A @ A.T, A),                   # table 9.6, X X′
    "∂vec(f)/∂vec(A)ᵀ = (Aᵀ ⊗ Iₙ) K_(m,n) + Iₙ ⊗ Aᵀ": (A.T @ A, A),                 # table 9.6, X′ X
    "∂vec(f)/∂vec(A)ᵀ = diag(vec(C))": (A * C, A),                                  # section 9.14
    "∂f/∂vec(A)ᵀ = xᵀ ⊗ Iₘ": (A @ x, A),                                            # table 9.5, X a
    "∂f/∂vec(A)ᵀ = (bᵀ ⊗ Iₙ) K_(m,n)": (b @ A, A),                                  # table 9.5, X′ a
    "∂vec(f)/∂xᵀ = x ⊗ Iₙ + Iₙ ⊗ x": (jac.outer(x, x), x),                          # table 9.6, x x′
}


@pytest.mark.parametrize(("line", "f", "z"), [(line, *pair) for line, pair in COLUMNS.items()], ids=COLUMNS)
def test_stacked_columns_are_written_as_in_magnus_and_neudecker(line: str, f: Expr, z: Expr) -> None:
    d = jac.derive(f, z)
    assert said(d, "kronecker", stacking="columns")[-1] == line
    assert "stacks the columns" in d.text("kronecker", stacking="columns")


LAYOUTS = [     # f, x, numerator, denominator: Minka (2000), section 2, and his table of the transposed layout
    (jac.inner(a, x), x, "aᵀ", "a"),
    (A @ x, x, "A", "Aᵀ"),
    (x @ Q @ x, x, "xᵀ (Qᵀ + Q)", "(Q + Qᵀ) x"),
    (jac.trace(A @ jac.symbol("Y: n m")), jac.symbol("Y: n m"), "A", "Aᵀ"),
    (jac.logdet(Q), Q, "Q⁻¹", "Q⁻ᵀ"),
    (s * x, s, "x", "xᵀ"),
    (s * A, s, "A", "Aᵀ"),
    (jac.square(s * x), s, "2 s ‖x‖²", "2 s ‖x‖²"),
]


@pytest.mark.parametrize(("f", "z", "numerator", "denominator"), LAYOUTS, ids=[str(row[0]) for row in LAYOUTS])
def test_layouts_differ_by_a_transpose(f: Expr, z: Expr, numerator: str, denominator: str) -> None:
    d = jac.derive(f, z)
    for layout, value in (("numerator", numerator), ("denominator", denominator)):
        assert said(d, "matrix", layout=layout)[-1] == f"∂f/∂{z} = {value}"
        assert f"= {value}    (" in d.text(layout=layout)
        for view in ("steps", "matrix"):
            assert f"{layout.title()} layout: a row for each entry of the" in d.text(view, layout=layout)


def test_a_named_gradient_lies_as_the_layout_says() -> None:
    d = jac.derive(network(), W1)
    assert "δ₂ᵀ = ∂L/∂z₂ = (softmax(z₂) − t)ᵀ    (1 × k)" in d.text(layout="numerator")
    assert "∂L/∂W₁ = x δ₁ᵀ    (n × h)" in d.text(layout="numerator")
    assert r"\delta_{2}^{\top} = \frac{\partial L}{\partial z_{2}}" in d.latex(layout="numerator")
    assert "∂L/∂W₁ = δ₁ xᵀ    (h × n)" in d.text(layout="denominator")


def test_the_differential_keeps_the_change_where_the_variable_stands() -> None:
    assert said(jac.derive(A @ X @ B, X), "differential")[-1] == "df = A dX B"
    assert said(jac.derive(network(), (W1, b1)), "differential")[-1] == "dL = δ₁ᵀ dW₁ x + δ₁ᵀ db₁"


def test_explicit_entries_are_sympys() -> None:
    assert said(jac.derive(x * x, x), "explicit", sizes={"n": 2})[-1] == "∂f/∂x = [(2 x₁) 0; 0 (2 x₂)]"
    assert said(jac.derive(jac.relu(x), x), "explicit", sizes={"n": 1})[-1] == "∂f/∂x = [[x₁ > 0]]"
    swish = jac.elementwise("hinge", sp.Piecewise((elementwise.X**2, elementwise.X < 1), (3, True)))
    assert "{2 x₁ if x₁ < 1; 0 otherwise}" in jac.derive(swish(x), x).text("explicit", sizes={"n": 1})


def test_code_is_the_source() -> None:
    d = jac.derive(A @ x, x)
    assert d.text("code") == d.source()
    with pytest.raises(InputError, match="is text"):
        d.latex("code")


@pytest.mark.parametrize("pieces", [
    [(0, elementwise.X <= 0), (elementwise.X, elementwise.X < 6), (6, True)],
    [(-1.0, elementwise.X <= -1.0), (elementwise.X, elementwise.X < 1.0), (1.0, True)],
    [(-elementwise.X, elementwise.X < -1), (elementwise.X**2, elementwise.X <= 1), (1.0625, True)],
    [(3, elementwise.X >= 2), (0, elementwise.X > 1), (elementwise.X / 7, True)],
])
def test_pieces_in_plain_text_have_their_values_at_the_seams_too(pieces) -> None:
    f = jac.elementwise("f", sp.Piecewise(*pieces))(x)
    at = np.array([-3, -1, -0.5, 0, 0.25, 1, 1.5, 2, 6, 7.5])
    read = jac.parse(f.plain(), jac.declarations(f))
    wanted = [float(sp.Piecewise(*pieces).subs(elementwise.X, sp.Rational(entry))) for entry in at]
    np.testing.assert_allclose(jac.evaluate(read, {}, x=at), wanted, rtol=1e-15)


def test_long_fractions_are_written_as_decimals_where_these_end() -> None:
    written = [str(jac.parse(f"{c}*x", "x: n")) for c in ("1.23456", "0.044715", "-12.3456", "999/1001", "1000/1001")]
    assert written == ["1.23456 x", "0.044715 x", "−12.3456 x", "(999/1001) x", "(1000/1001) x"]
    assert jac.parse("0.044715*x", "x: n").plain() == "0.044715*x"


@pytest.mark.parametrize(("blocks", "wrt", "expected"), [
    ("[x*A; y; z]", "x", "[Iₖ; 0_(m+n,k)] ⊗ Aᵀ"), ("[x*A; y; z]", "y", "[0_(k,m); Iₘ; 0_(n,m)] ⊗ I_(q)"),
    ("[y; z]", "z", "[0_(m,n); Iₙ] ⊗ I_(q)"),
])
def test_a_block_that_changes_has_its_place_among_zeros(blocks: str, wrt: str, expected: str) -> None:
    f = jac.parse(blocks, "x: k p, A: p q, y: m q, z: n q")
    (variable,) = (leaf for leaf in leaves(f) if leaf.label == wrt)
    assert str(jac.derive(f, variable)).count(f"= {expected}") == 1


def test_a_leaky_relu_of_another_slope_is_written_out() -> None:
    assert [jac.leaky_relu(x, slope).plain() for slope in (0.01, 0.25)] == ["leaky_relu(x)", "x/4 + 3*relu(x)/4"]
    assert str(jac.parse("leaky_relu(x, s)", "x: n, s:")) == "s x + (1 − s) ReLU(x)"
    at = {"y": np.array([-2.0, 0, 3])}
    read = jac.parse("leaky_relu(y, 0.25)", "y: n")
    np.testing.assert_array_equal(jac.derive(read, leaves(read)[0]).numpy()(**at), np.diag([0.25, 0.25, 1]))


def test_a_digit_in_the_name_of_a_function_is_no_index() -> None:
    assert (str(jac.expm1(x)), str(jac.log1p(x))) == ("expm1(x)", "log1p(x)")


def test_the_plain_view_is_read_again() -> None:
    z = jac.name("z1", A @ x)
    d = jac.derive(jac.half_square(jac.tanh(z) - b), (A, x))
    assert d.text("plain").splitlines()[-2:] == ["df_dA = δ1*x'", "df_dx = A'*δ1"]
    again = jac.parse(d.text("plain"), jac.declarations(d.goal), "matlab")
    assert again.args[0] is d.value_by(x)
    with pytest.raises(InputError, match="is text"):
        d.latex("plain")


def test_each_view_prints_in_each_notation() -> None:
    d = jac.derive(jac.half_square(A @ x - b), x)
    options = {"explicit": {"sizes": {"m": 2, "n": 3}}}
    for name in VIEWS:
        given = options.get(name, {})
        assert str(d.view(name, **given)) == d.text(name, **given)
        if name not in ("code", "plain"):
            assert d.latex(name, **given).startswith(r"\begin{aligned}")
            assert "<mtable" in d.mathml(name, **given)
            assert "&" in d.typst(name, **given)


# ---- what is refused -----------------------------------------------------------------------------------------------


WRONG = {
    "a transpose that is none": (ENTRIES, "transpose", lambda frame, x, i, j: at(frame, x.args[0], i, j), "index"),
    "a diagonal without its delta": (ENTRIES, "diag", lambda frame, x, i, j: at(frame, x.args[0], i, FIRST), "index"),
    "a Kronecker product the wrong way round": (STRUCTURES, "kron", lambda J, out, into: J, "kronecker"),
}


@pytest.mark.parametrize(("table", "row", "wrong", "view"), WRONG.values(), ids=WRONG)
def test_a_view_that_does_not_hold_is_not_printed(monkeypatch, table, row: str, wrong, view: str) -> None:
    f = jac.tanh(A.T @ b) if view == "index" else A @ X @ B
    d, options = jac.derive(f, leaves(f)[1]), {"stacking": "columns"} if view == "kronecker" else {}
    assert d.text(view, **options)
    monkeypatch.setitem(table, row, wrong)
    with pytest.raises(jac.CheckFailed, match="is not printed"):
        d.text(view, **options)


def test_an_index_means_what_its_letter_says() -> None:
    """∑ᵢ xᵢ at the right of a left side with i is not a sum over another index."""
    i = Index("i", x.axes[0])
    whole = indices.times(indices.entry(x, Place(((i, 1),)), FIRST))
    wrong = make(indices.OVER, (whole,), i, (None, None))
    bind = Binding({x: np.array([1.0, 2.0])})
    np.testing.assert_array_equal(evaluate(wrong, [], bind), 3)
    np.testing.assert_array_equal(evaluate(whole, [i], bind), [1, 2])
    beyond = indices.entry(x, Place(((i, 1),), 1), FIRST)
    assert np.isnan(evaluate(beyond, [i], bind)).tolist() == [False, True]


def test_letters_run_out_in_words(monkeypatch) -> None:
    monkeypatch.setattr(letters, "LETTERS", "ij")
    with pytest.raises(InputError, match="no letter is left"):
        jac.derive(jac.half_square(A @ X), A).text("index")


REFUSED = {
    "view": (lambda d: d.text("tensor"),
             "'steps', 'forward', 'matrix', 'differential', 'kronecker', 'index', 'explicit', 'code', 'plain'"),
    "option": (lambda d: d.text("index", layout="numerator"), "'index' has no option 'layout': it takes none"),
    "option of another": (lambda d: d.latex("matrix", stacking="rows"), "it takes layout"),
    "layout": (lambda d: d.text(layout="mixed"), "choose 'numerator' or 'denominator'"),
    "stacking": (lambda d: d.text("kronecker", stacking="diagonals"), "'rows' or 'columns'"),
    "sizes": (lambda d: d.text("explicit", sizes={"m": 2}), "give sizes={'n': 2"),
}


@pytest.mark.parametrize(("call", "message"), REFUSED.values(), ids=REFUSED)
def test_what_a_view_cannot_do_is_said(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(jac.derive(A @ x, x))


@pytest.mark.parametrize("row", [row for module in MODULES for row in operations_of(module)], ids=lambda row: row.name)
def test_every_operation_has_entries(row: Operation) -> None:
    assert row.name in ENTRIES


def test_an_operation_without_entries_names_the_row_to_write() -> None:
    strange = make(Operation("strange", "i j -> i j", lambda y, x: x), (Q,))
    with pytest.raises(MissingRule, match="strange in index notation"):
        at(Frame(), strange, FIRST, FIRST)


def test_an_entry_has_no_value_without_its_indices() -> None:
    i = Place(((Index("i", x.axes[0]), 1),))
    with pytest.raises(InputError, match="where its indices have one"):
        jac.evaluate(indices.entry(x, i, FIRST), x=np.ones(3))


@pytest.mark.parametrize("out", [A, x, s], ids=str)
@pytest.mark.parametrize("into", [X, x, s], ids=str)
def test_a_map_without_structure_keeps_its_commutations(out: Expr, into: Expr) -> None:
    M = make(jac.symbol("M:").operation, data=jac.symbol("M:").data, axes=(out.size, into.size))
    found = stacking.by_columns(M, out.axes, into.axes)
    sizes = {"m": 2, "n": 3, "p": 4}
    shape = [Binding({}, sizes).size(sp.sympify(n)) for n in M.axes]
    bind = Binding({M: np.arange(np.prod(shape), dtype=float).reshape(shape)}, sizes)
    shapes = [[Binding({}, sizes).size(n) or 1 for n in z.axes] for z in (out, into)]
    np.testing.assert_array_equal(bind(found), exchange(*shapes[0]) @ bind(M) @ exchange(*shapes[1]).T)
