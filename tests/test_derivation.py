"""Derivations: their lines are the textbook's, their check finds what was planted, and nothing false is printed."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import jacobian as jac
from jacobian.derivation.check import CheckFailed
from jacobian.derivation.derivation import Derivation
from jacobian.derivation.step import Given, Step
from jacobian.symbolic.differentiate import Label, Merge, Pull
from jacobian.symbolic.expr import leaves
from jacobian.symbolic.leaves import number
from jacobian.symbolic.matrix import LOGDET
from jacobian.symbolic.operations import add, matmul, scale, transpose


def network(activation=jac.relu, loss=lambda h, t: jac.half_square(h - t)):
    """The notes' network by names: x → z1 → a1 → z2 → a2 → h → J."""
    x, t, *rest = jac.symbols("x: n0, t: n3, W1: n1 n0, b1: n1, W2: n2 n1, b2: n2, W3: n3 n2, b3: n3")
    W1, b1, W2, b2, W3, b3 = rest
    a1 = jac.name("a1", activation(jac.name("z1", W1 @ x + b1)))
    a2 = jac.name("a2", activation(jac.name("z2", W2 @ a1 + b2)))
    h = jac.name("h", W3 @ a2 + b3)
    return jac.name("J", loss(h, t)), tuple(rest)


# The back-propagation equations of Nielsen, Neural Networks and Deep Learning (2015), BP1 to BP4, in these names.
TEXTBOOK = [
    "δ₃ = ∂J/∂h = h − t",
    "∂J/∂b₃ = δ₃",
    "∂J/∂W₃ = δ₃ a₂ᵀ",
    "∂J/∂a₂ = W₃ᵀ δ₃",
    "δ₂ = ∂J/∂z₂ = ReLU′(z₂) ∘ (W₃ᵀ δ₃)",
    "∂J/∂b₂ = δ₂",
    "∂J/∂W₂ = δ₂ a₁ᵀ",
    "∂J/∂a₁ = W₂ᵀ δ₂",
    "δ₁ = ∂J/∂z₁ = ReLU′(z₁) ∘ (W₂ᵀ δ₂)",
    "∂J/∂b₁ = δ₁",
    "∂J/∂W₁ = δ₁ xᵀ",
]


def test_the_lines_of_the_notes_network_are_the_textbooks() -> None:
    J, parameters = network()
    text = jac.derive(J, parameters, names={"h": "δ3"}).text()
    lines = [line.split(". ", 1)[1].split("    ")[0] for line in text.splitlines() if line[:1].isdigit()]
    assert lines == TEXTBOOK


@pytest.mark.parametrize("activation", [jac.relu, jac.leaky_relu, jac.sigmoid, jac.tanh])
@pytest.mark.parametrize("loss", [lambda h, t: jac.half_square(h - t), lambda h, t: jac.square(h - t) / 3,
                                  jac.cross_entropy], ids=["half squared", "squared", "cross-entropy"])
@pytest.mark.parametrize("seed", [0, 1])
def test_networks_are_derived_and_checked(activation, loss, seed: int) -> None:
    J, parameters = network(activation, loss)
    assert jac.derive(J, parameters).check(seed).ok


def test_the_notes_network_agrees_with_sympy_entry_by_entry() -> None:
    J, parameters = network(jac.tanh)
    sizes = {"n0": 2, "n1": 3, "n2": 4, "n3": 1}
    explicit = J.sympy(sizes)
    rng = np.random.default_rng(5)
    point = {z: float(np.round(rng.uniform(-1, 1), 2)) for z in sorted(explicit.free_symbols, key=str)}
    symbols = {z.label: z for z in (*parameters, *jac.symbols("x: n0, t: n3"))}
    values = {k: np.array(z.sympy(sizes).subs(point), dtype=float) for k, z in symbols.items()}
    values = {k: v if len(symbols[k].shape) == 2 else v.reshape(-1) for k, v in values.items()}
    for W in parameters:
        expected = [float(sp.diff(explicit, entry).subs(point)) for entry in W.sympy(sizes)]
        found = jac.derive(J, W).numpy()(**values)
        np.testing.assert_allclose(found.reshape(-1), expected, rtol=1e-10, atol=1e-14)
    assert sum(len(W.sympy(sizes)) for W in parameters) == 30


def test_backward_differentiation_of_a_worked_example() -> None:
    """Mazur, A Step by Step Backpropagation Example (2015): ∂E/∂w5 = 0.082167041, ∂E/∂w1 = 0.000438568."""
    W1, W2, b1, b2, x, t = jac.symbols("W1: m n, W2: k m, b1: m, b2: k, x: n, t: k")
    E = jac.half_square(jac.sigmoid(W2 @ jac.sigmoid(W1 @ x + b1) + b2) - t)
    values = {"W1": np.array([[0.15, 0.20], [0.25, 0.30]]), "W2": np.array([[0.40, 0.45], [0.50, 0.55]]),
              "b1": np.full(2, 0.35), "b2": np.full(2, 0.60), "x": np.array([0.05, 0.10]), "t": np.array([0.01, 0.99])}
    assert jac.evaluate(E, **values) == pytest.approx(0.298371109, abs=1e-9)
    assert jac.derive(E, W2).numpy()(**values)[0, 0] == pytest.approx(0.082167041, abs=1e-9)
    assert jac.derive(E, W1).numpy()(**values)[0, 0] == pytest.approx(0.000438568, abs=1e-9)


# ---- planted mistakes ----------------------------------------------------------------------------------------------


def with_step(d: Derivation, k: int, **changes) -> Derivation:
    steps = list(d.steps)
    steps[k] = Step(replace(steps[k].record, **changes))
    return replace(d, steps=tuple(steps))


def first(d: Derivation, kind: type, operation: str | None = None) -> int:
    return next(k for k, step in enumerate(d.steps) if isinstance(step.record, kind)
                and operation in (None, step.record.node.operation.name))


def two_layers() -> Derivation:
    W, b, x, t = jac.symbols("W: m n, b: m, x: n, t: m")
    z = jac.name("z1", W @ x + b)
    return jac.derive(jac.half_square(jac.tanh(z) * z - t), W)


def negated(J: jac.Jacobian) -> jac.Row:
    return jac.Row(scale(number(-1), J.g))


PLANTED = {
    "a sign": lambda d: with_step(d, first(d, Pull, "map"), result=negated(d.steps[first(d, Pull, "map")].after)),
    "a wrong local Jacobian": lambda d: with_step(
        d, first(d, Pull, "map"), local=jac.Scalar(2, d.steps[first(d, Pull, "map")].record.local.shape[0])),
    "a forgotten activation": lambda d: with_step(
        d, first(d, Pull, "map"), local=jac.Identity(d.steps[first(d, Pull, "map")].record.local.shape[0]),
        result=d.steps[first(d, Pull, "map")].before.factors[0]),
    "a lost path": lambda d: with_step(d, first(d, Merge), result=d.steps[first(d, Merge)].record.terms[0]),
    "a path counted twice": lambda d: with_step(
        d, first(d, Merge), terms=(d.steps[first(d, Merge)].record.terms[0],) * 2),
    "a name for something else": lambda d: with_step(
        d, first(d, Label), result=jac.Row(jac.name("δ1", add(*(d.steps[first(d, Label)].before.g,) * 2)))),
    "a missing step": lambda d: replace(d, steps=d.steps[:2] + d.steps[3:]),
    "steps in another order": lambda d: replace(d, steps=(d.steps[1], d.steps[0], *d.steps[2:])),
    "another result": lambda d: replace(d, jacobians={x: negated(J) for x, J in d.jacobians.items()}),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_a_planted_mistake_is_found_and_not_printed(plant) -> None:
    d = two_layers()
    assert d.check().ok
    wrong = plant(d)
    assert not wrong.check().ok
    for print_it in (Derivation.text, Derivation.latex, Derivation.mathml):
        with pytest.raises(CheckFailed, match="not printed"):
            print_it(wrong)


def test_a_wrong_row_of_the_operations_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from jacobian.symbolic import reductions
    W, x = jac.symbols("W: m n, x: n")
    object.__setattr__(reductions.HALF_SQUARE, "jacobian", lambda y, k: jac.Row(scale(number(2), y.args[0])))
    try:
        check = jac.derive(jac.half_square(W @ x), x).check()
    finally:
        object.__setattr__(reductions.HALF_SQUARE, "jacobian", lambda y, k: jac.Row(y.args[0]))
    assert not check.ok
    assert any("complex step" in failure for failure in check.failures)
    assert any("SymPy" in failure for failure in check.failures)
    assert jac.derive(jac.half_square(W @ x), x).check().ok


def test_the_failure_names_the_step_and_the_reason() -> None:
    wrong = PLANTED["a sign"](two_layers())
    assert "does not follow by its law" in str(wrong.check())
    assert "step 4" in str(wrong.check()) or "step 5" in str(wrong.check())


# ---- reading -------------------------------------------------------------------------------------------------------


def test_each_path_has_a_line_and_their_sum_one() -> None:
    A, x = jac.symbols("A: n n, x: n")
    text = jac.derive(x @ A @ x, x).text()
    assert "(∂f/∂x)₁" in text
    assert "(∂f/∂x)₂" in text
    assert "total derivative: add up the paths" in text


def test_several_variables_are_asked_for_by_name() -> None:
    W, b, x = jac.symbols("W: m n, b: m, x: n")
    d = jac.derive(jac.half_square(W @ x + b), (W, b))
    assert str(d.value_by(b)) == "W x + b"
    assert str(d.value_by(W)) == "(W x + b) xᵀ"
    with pytest.raises(jac.InputError, match="value_by"):
        _ = d.value


def test_the_derivative_by_what_does_not_occur_is_zero() -> None:
    x, y = jac.symbols("x: n, y: m")
    assert str(jac.derive(x @ x, y).value) == "0ₘ"
    assert jac.differentiate(x, y).shape == (x.size, y.size)


def test_the_derivative_by_a_named_result_is_the_total_one() -> None:
    W, x = jac.symbols("W: m n, x: n")
    z = jac.name("z1", W @ x)
    assert str(jac.derive(jac.half_square(z), z).value) == "z₁"
    assert str(jac.derive(jac.half_square(z), (z, W)).value_by(W)) == "z₁ xᵀ"


def test_numbers_come_in_the_shape_of_the_result_and_the_variable() -> None:
    W, x = jac.symbols("W: m n, x: n")
    values = {"W": np.arange(6.0).reshape(2, 3), "x": np.array([1.0, -2.0, 0.5])}
    assert jac.derive(W @ x, W).numpy()(**values).shape == (2, 2, 3)
    assert jac.derive(jac.square(W @ x), W).numpy()(**values).shape == (2, 3)
    np.testing.assert_allclose(jac.derive(W @ x, x).numpy()(**values), values["W"])


def test_transposes_of_vectors_do_not_turn_a_gradient() -> None:
    X, b = jac.symbols("X: N n, b: n")
    d = jac.derive(jac.half_square(X + b), b)
    assert d.value.axes == b.axes
    assert transpose(d.value).axes == b.axes[::-1]


# ---- second derivatives --------------------------------------------------------------------------------------------


A, x, y = jac.symbols("A: m n, x: n, y: m")
SECOND = [jac.half_square(A @ x - y), jac.log_sum_exp(A @ x), jac.total(jac.tanh(A @ x)),
          jac.cross_entropy(A @ x, y * y), jac.total(jac.exp(A @ x)) * jac.square(x), jac.total(x**3)]


@pytest.mark.parametrize("f", SECOND, ids=str)
def test_second_derivatives_are_sympys_hessians(f: jac.Expr) -> None:
    sizes = {"m": 2, "n": 3}
    explicit, unknown = f.sympy(sizes), list(x.sympy(sizes))
    entries = [entry for z in (A, x, y) for entry in z.sympy(sizes)]
    point = {entry: sp.Rational(k + 2, 7) for k, entry in enumerate(entries)}
    expected = np.array(sp.hessian(explicit, unknown).subs(point).evalf(), dtype=float)
    values = {z.label: np.array(z.sympy(sizes).subs(point), dtype=float).reshape([sizes[str(n)] for n in z.shape])
              for z in (A, x, y)}
    d = jac.derive(f, x, x)
    assert d.check().ok
    used = {k: v for k, v in values.items() if k in {z.label for z in leaves(f)}}
    np.testing.assert_allclose(d.numpy()({"m": 2}, **used), expected, rtol=1e-10)


def test_a_mistake_in_the_first_derivative_is_found_in_the_second() -> None:
    d = jac.derive(jac.half_square(A @ x - y), x, x)
    wrong = replace(d, first=with_step(d.first, 0, result=negated(d.first.steps[0].after)))
    assert not wrong.check().ok
    assert "g = ∂f/∂x = Aᵀ (A x − y)" in d.text()
    assert "∂g/∂x = Aᵀ A" in d.text()


@pytest.mark.parametrize("view", ["steps", "forward"])
def test_what_the_first_derivative_defines_is_not_defined_again_in_the_second(view: str) -> None:
    W, b, x, t = jac.symbols("W: m n, b: m, x: n, t: m")
    z = jac.name("z1", W @ x + b)
    said = jac.derive(jac.half_square(jac.tanh(z) - t), x, x).text(view).splitlines()
    assert said.count("z₁ = W x + b") == 1
    assert sum(line.startswith("δ₁ = ") or " δ₁ = " in line for line in said) == 1 + (view == "forward")
    assert said.count("g = ∂f/∂x = Wᵀ δ₁") == 1


# ---- what the check sees -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", ["x: n", "A: m n", "A: m n, b: k, c: l"])
@pytest.mark.parametrize("seed", range(5))
def test_sizes_of_one_draw_differ_and_so_do_the_draws(declared: str, seed: int) -> None:
    variables = jac.symbols(declared)
    sizes = jac.derive(sum(map(jac.half_square, variables)), variables).check(seed).sizes
    assert all(len(set(draw.values())) == len(draw) for draw in sizes)
    assert len({tuple(sorted(draw.values())) for draw in sizes}) == len(sizes) == 3
    assert min(sizes[0].values()) == 2                      # where SymPy is asked
    assert min(min(draw.values()) for draw in sizes) == 1


def test_a_slope_that_is_0_at_size_1_is_seen_by_sympy() -> None:
    """Softmax of one number is 1 whatever the number: at size 1 every wrong factor agrees with its slope, 0."""
    x, = jac.symbols("x: n")
    d = jac.derive(jac.softmax(x), x)
    doubled = jac.Product((jac.Scalar(2, x.size), d.steps[0].record.local))
    wrong = with_step(d, 0, local=doubled, result=doubled)
    assert any("SymPy" in failure for failure in wrong.check().failures)


def test_a_forgotten_transpose_is_seen_by_sympy_where_one_size_letter_is_all() -> None:
    A, x = jac.symbols("A: n n, x: n")
    d = jac.derive(A @ x, x)
    wrong = replace(d, jacobians={x: d.jacobian.T})
    found = [failure for failure in wrong.check().failures if failure.startswith("the derivative of A x by x")]
    assert any("complex step" in failure for failure in found)
    assert any("SymPy" in failure for failure in found)


@pytest.mark.parametrize("activation", [jac.relu, jac.leaky_relu, jac.sigmoid, jac.tanh])
def test_sympy_is_asked_about_the_whole_network_too(activation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step and every local Jacobian is right, the whole is not."""
    J, parameters = network(activation)
    d = jac.derive(J, parameters)
    assert d.limits == ()
    wrong = replace(d, jacobians={x: negated(J) for x, J in d.jacobians.items()})
    found = [failure for failure in wrong.check().failures if failure.startswith("the derivative of J by")]
    assert any("SymPy" in failure for failure in found)


def test_what_is_too_large_for_sympy_is_said() -> None:
    W, x = jac.symbols("W: 60 60, x: 60")
    check = jac.derive(jac.half_square(jac.tanh(W @ x)), W).check()
    assert check.ok
    assert any("the local Jacobian of W x is too large for SymPy" in limit for limit in check.limits)
    assert all(limit in str(check) for limit in check.limits)


@pytest.mark.parametrize("plant", ["a sign", "a wrong local Jacobian", "a forgotten activation", "another result"])
def test_a_planted_mistake_is_found_at_large_sizes(plant: str) -> None:
    W, b, x, t = jac.symbols("W: 300 200, b: 300, x: 200, t: 300")
    z = jac.name("z1", W @ x + b)
    d = jac.derive(jac.half_square(jac.tanh(z) * z - t), W)
    assert d.check().ok
    assert not PLANTED[plant](d).check().ok


def test_one_wrong_entry_of_many_is_found() -> None:
    """The 60 000 entries of the gradient are not compared one by one, but by their products with random vectors."""
    W, x, c, p, q = jac.symbols("W: 300 200, x: 200, c: 300, p: 300 onehot, q: 200 onehot")
    d = jac.derive(c @ jac.tanh(W @ x) + p @ p * (q @ q), W)
    wrong = replace(d, jacobians={W: jac.Row(add(d.value, matmul(p, transpose(q))))})
    assert d.check().ok
    assert "the derivative of" in str(wrong.check())


@pytest.mark.parametrize("wrt", ["symbol", "named result"])
def test_a_wrong_row_of_the_operations_is_not_printed(wrt: str) -> None:
    """Every step follows from the one before, and only the whole is wrong."""
    X, = jac.symbols("X: n n")
    Y = jac.name("Y", X @ X)
    right = LOGDET.jacobian
    object.__setattr__(LOGDET, "jacobian", lambda y, k: jac.Row(jac.inverse(y.args[0])))
    try:
        d = jac.derive(jac.logdet(Y), {"symbol": X, "named result": Y}[wrt])
        with pytest.raises(CheckFailed, match="is not what the complex step finds"):
            d.text()
    finally:
        object.__setattr__(LOGDET, "jacobian", right)


def test_each_reason_is_that_of_its_argument() -> None:
    z, t = jac.symbols("z: n, t: n")
    f = jac.cross_entropy(z, t)
    assert "by the logits" in jac.derive(f, z).lines[0].reason
    assert "linear in the targets" in jac.derive(f, t).lines[0].reason
    assert str(jac.derive(f, t).value) == "logsumexp(z) 1ₙ − z"


def test_a_derivative_that_needs_no_step_is_printed() -> None:
    x, y, W = jac.symbols("x: n, y: m, W: m n")
    cases = {(x @ x, y): "∂f/∂y = 0ₘ", (x, x): "∂x/∂x = Iₙ", (x, y): "∂x/∂y = 0_(n,m)", (W @ x, y): "∂f/∂y = 0_(m,m)"}
    for (f, z), said in cases.items():
        d = jac.derive(f, z)
        assert d.check().ok
        assert f"1. {said} " in d.text()
        assert d.latex().count("&=") == len(d.named()) + 1
    both = jac.derive(x @ x, (x, y)).text()
    assert "∂f/∂x = 2 x" in both
    assert "∂f/∂y = 0ₘ" in both
    assert "it does not depend on y" in both


def test_a_dependence_denied_is_found() -> None:
    x, = jac.symbols("x: n")
    zero = Given(x @ x, x, jac.Row(scale(number(0), x)))
    denied = replace(jac.derive(x @ x, x), steps=(Step(zero),), jacobians={x: zero.result})
    assert "does not begin with what was established" in str(denied.check())
    assert "complex step" in str(denied.check())
    with pytest.raises(CheckFailed):
        denied.text()
