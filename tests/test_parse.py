"""Formulas from text. Expected: expressions built with operators (the same object), NumPy's own reading of a text, and
MATLAB's readings translated into NumPy by hand."""

import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import jacobian as jac
from jacobian.symbolic import sample
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import leaves
from jacobian.symbolic.parse.functions import ROWS, SIGNS
from jacobian.symbolic.parse.row import Row, ways

A, B, C, Q, x, y, b, c, n = jac.symbols("A: m n, B: n p, C: m n, Q: n n, x: n, y: n, b: m, c:, n:")
DECLARED = "A: m n, B: n p, C: m n, Q: n n, x: n, y: n, b: m, c:"

# Twenty calls and what a user should see: the text, the shapes that are found for it, the same with operators.
N = jac.number(jac.symbol("x: n").axes[0])
CALLS = {
    "norm2(A*x-b)^2": ("A: m n, x: n, b: m", lambda: jac.norm(A @ x - b) ** 2),
    "0.5*x'*Q*x": ("x: n, Q: n n", lambda: 0.5 * x @ Q @ x),
    "sum(x)/n": ("x: n", lambda: jac.total(x) / N),
    "A*exp(x)": ("A: m n, x: n", lambda: A @ jac.exp(x)),
    "(x.*y)'*x": ("x: n, y: n", lambda: (x * y) @ x),
    "norm1(A*x - b)": ("A: m n, x: n, b: m", lambda: jac.norm1(A @ x - b)),
    "sum(log(exp(-x.*y) + vector(1)))": ("x: n, y: n", lambda: jac.total(jac.log(jac.exp(-x * y) + jac.ones("n")))),
    "tr(A*C'*A*C')": ("A: m n, C: m n", lambda: jac.trace(A @ C.T @ A @ C.T)),
    "log(det(inv(Q)))": ("Q: n n", lambda: jac.log(jac.det(jac.inverse(Q)))),
    "A\\b": ("A: n n, b: n", lambda: jac.solve(jac.symbol("A: n n"), jac.symbol("b: n"))),
    "A @ x - b": ("A: m n, x: n, b: m", lambda: A @ x - b),
    "A @ B + c": ("A: m n, B: n p, c: p", lambda: A @ B + jac.symbol("c: p")),
    "np.sum((A @ x - b)**2)": ("A: m n, x: n, b: m", lambda: jac.total((A @ x - b) ** 2)),
    "x.T @ Q @ x": ("x: n, Q: n n", lambda: x @ Q @ x),
    "‖A·x − b‖²": ("A: m n, x: n, b: m", lambda: jac.norm(A @ x - b) ** 2),
    "½*xᵀ·Q⁻¹·x": ("x: n, Q: n n", lambda: 0.5 * x @ jac.inverse(Q) @ x),
    "A ∘ C": ("A: m n, C: m n", lambda: A * C),
    "logsumexp(A*x)": ("A: m n, x: n", lambda: jac.log_sum_exp(A @ x)),
    "z = A*x + b; half_square(relu(z))": ("A: m n, x: n, b: m",
                                          lambda: jac.half_square(jac.relu(jac.name("z", A @ x + b)))),
    "x'*Q*x + c*norm2(x)": ("x: n, Q: n n, c:", lambda: x @ Q @ x + c * jac.norm(x)),
}


def test_triangles_are_those_of_numpy() -> None:
    Q = np.arange(1.0, 10).reshape(3, 3)
    for word, triangle in (("tril", np.tril), ("triu", np.triu)):
        np.testing.assert_array_equal(jac.evaluate(jac.parse(f"{word}(Q)", "Q: n n"), Q=Q), triangle(Q))


def test_a_size_that_is_given_may_be_a_sum_or_a_product() -> None:
    A, = jac.symbols("A: m n")
    m, n = A.axes
    assert jac.parse("reshape(A, n*m, 1)", "A: m n").shape == (m * n,)
    assert jac.parse("sum(A)*vector(1, n + m + 1)", "A: m n", "matlab").shape == (m + n + 1,)
    assert jac.parse("eye(2*n)*kron(x, y)", "x: n, y: 2").shape == (2 * n,)
    with pytest.raises(jac.ShapeError, match=r"eye\(2\*n\)"):
        jac.parse("eye(2*n)*x", "x: n")


def test_a_name_may_have_an_accent() -> None:
    assert str(jac.parse("h\u0304 = 2*x; sum(h\u0304)", "x: n").args[1]) == "h\u0304"


@pytest.mark.parametrize(("text", "shapes", "built"), [(t, *rest) for t, rest in CALLS.items()], ids=CALLS)
def test_a_text_is_the_expression_built_with_operators(text: str, shapes: str, built) -> None:
    assert jac.declare(text) == shapes
    assert jac.parse(text) is built()


@pytest.mark.parametrize("text", CALLS)
def test_the_shapes_that_are_shown_are_those_of_the_expression(text: str) -> None:
    assert jac.parse(text, jac.declare(text)) is jac.parse(text)
    assert jac.declare(text, jac.declare(text)) == jac.declare(text)


# ---- shapes from use and name ----------------------------------------------------------------------------------------


SHAPES = {
    "b - A*x": "b: m, A: m n, x: n",
    "a'*x": "a: n, x: n",
    "c*x": "c:, x: n",
    "k*x": "k:, x: n",
    "x'*A'*b": "x: n, A: m n, b: m",
    "t*x": "t:, x: n",
    "t - x": "t: n, x: n",
    "x^2 + 1": "x:",
    "1/(1+exp(-x))": "x:",
    "A*b": "A: m n, b: n",
    "X*w - y": "X: m n, w: n, y: m",
    "(x-mu)'*inv(Sigma)*(x-mu)": "x: n, mu: n, Sigma: n n",
    "y - X*beta": "y: m, X: m n, beta: n",
    "norm2(A*x)^2 + lambda*norm2(x)^2": "A: m n, x: n, lambda:",
    "x'*A*y + c": "x: m, A: m n, y: n, c:",
    "sum(X)/N": "X: m n, N:",
    "sum(X)/m": "X: m n",
    "x'*vector(1,n)/n": "x: n",
    "kron(A,B)*x": "A: m n, B: p q, x: n*q",
    "[A, B; C, D]*x": "A: m n, B: m p, C: q n, D: q p, x: n+p",
    "p'*log(q)": "p: n, q: n",
    "X @ W + b": "X: m n, W: n p, b: p",
    "np.sum(np.exp(X @ w))": "X: m n, w: n",
    "matrix(1)*x - y": "x: m, y: n",
    "crossentropy(W*x + b, t)": "W: m n, x: n, b: m, t: m",
    "W2*relu(W1*x + b1) + b2": "W2: m n, W1: n p, x: p, b1: n, b2: m",
    "σ(x)": "x: n",
    "α*x + β": "α:, x: n, β: n",
    "λ·x": "λ:, x: n",
    "A - I": "A: n n",
}


@pytest.mark.parametrize(("text", "shapes"), SHAPES.items(), ids=SHAPES)
def test_shapes_follow_from_use_and_name(text: str, shapes: str) -> None:
    assert jac.declare(text) == shapes


def test_what_is_declared_is_taken_as_declared() -> None:
    assert jac.declare("A*x", "x: k") == "A: n k, x: k"
    assert jac.declare("x*y", "x:") == "x:, y: n"
    assert jac.parse("x*y", "x:, y:") is jac.symbol("x:") * jac.symbol("y:")
    assert jac.parse("I*x", "I: m n, x: n") is jac.symbol("I: m n") @ x


def test_assumptions_and_fixed_sizes_are_kept() -> None:
    assert jac.declare("crossentropy(z, t)", "z: 4, t: 4 onehot") == "z: 4, t: 4 onehot"
    assert leaves(jac.parse("crossentropy(z, t)", "t: 4 onehot")) == list(jac.symbols("z: 4, t: 4 onehot"))


@pytest.mark.parametrize(("written", "entries"), {
    "n*q": 6, "n * q": 6, "n+1": 3, "2*n+q": 7, "q*(n+1)": 9, "n**2": 4, "2+3": 5,
}.items())
def test_a_size_may_be_a_sum_or_a_product(written: str, entries: int) -> None:
    x = jac.symbol(f"x: {written} q")
    assert Binding({}, {"n": 2, "q": 3}).size(x.axes[0]) == entries
    assert jac.declare("A*x", f"A: {written} q, x: q") == f"A: {x.axes[0]} q, x: q".replace(" + ", "+")


def test_sizes_that_are_sums_or_products_fit_what_is_stacked() -> None:
    assert jac.parse("kron(A, B)*u", "A: m n, B: p q, u: q*n").shape == jac.symbol("y: m*p").shape
    assert jac.parse("[x; y; 1] - z", "x: n, y: k, z: n+k+1").shape == jac.symbol("z: 1+k+n").shape
    with pytest.raises(jac.ShapeError, match=r"has n\*q columns, but u has n \+ q entries"):
        jac.parse("kron(A, B)*u", "A: m n, B: p q, u: q+n")


def test_a_declared_function_is_abstract_and_applied_entry_by_entry() -> None:
    g = jac.function("g")
    assert jac.parse("sum(g(A*x))", "g: function") is jac.total(g(A @ x))
    assert jac.parse("g(A).sum()", "g: function", "numpy") is jac.total(g(A))
    assert jac.declare("g(h(x))'*y", "h: function, y: k, g: function, f: function") == \
        "x: k, y: k, h: function, g: function"
    with pytest.raises(jac.InputError, match=r"write g = jac\.function\('g'\)"):
        jac.symbol("g: function")


def test_a_declared_size_is_a_number_and_a_declared_name_is_not() -> None:
    assert jac.parse("sum(x)/k", "x: k") is jac.total(jac.symbol("x: k")) / jac.number(jac.symbol("x: k").axes[0])
    assert jac.parse("sum(x)/n", "x: k, n:") is jac.total(jac.symbol("x: k")) / n


# ---- values ----------------------------------------------------------------------------------------------------------


def instance(f: jac.Expr, seed: int = 3) -> tuple[Binding, dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    others = jac.symbols(DECLARED)
    sizes = sample.sizes(rng, f, *others)
    bind = Binding(sample.instance(rng, f, sizes, *others), sizes)
    return bind, {str(z.label): bind.natural(z) for z in others}


NUMPY = [
    "A @ x - b", "A.T @ b", "x @ y", "x @ Q @ x", "x @ x.T", "b @ A", "A * C", "A * x", "A + x", "x - A", "A / c",
    "2 - x", "1 / x", "x**2", "2**x", "2**-c", "x**-2", "-x**2", "c**2**2", "(A @ B).T", "np.exp(A)", "A.sum()",
    "A.sum(axis=0)",
    "np.sum(A, axis=1)", "A.mean(axis=0)", "np.mean(A, axis=1)", "np.mean(x)", "x.max()", "np.min(A)",
    "np.maximum(x, y)", "np.minimum(A, C)", "np.maximum(A, 0)", "np.linalg.norm(x)", "np.linalg.norm(A)",
    "np.linalg.inv(Q)",
    "np.linalg.det(Q)", "np.linalg.solve(Q, x)", "np.trace(Q)", "np.diag(x)", "np.diag(Q)",
    "np.outer(x, b)", "x.dot(y)", "A.dot(x)", "np.dot(A, B)", "np.kron(A, B)", "np.hstack((x, y))", "np.hstack([A, C])",
    "np.vstack([A, C])", "np.block([[A, C], [C, A]])", "np.ones((2, 3)) * c",
    "np.eye(3) * c", "np.abs(x)", "np.sign(x)", "np.sqrt(x * x)", "np.log1p(x * x)", "np.expm1(x)", "np.arctan(x)",
    "np.tanh(A) * np.cosh(C)", "A.T", "x.T", "np.pi * c", "np.ravel(A)",
    "np.linalg.matrix_power(Q, 3)", "c * x + 3 * y - 0.25", "+x", "- - x", "1e-3 * x", "A @ -x", "x / (3 + y * y) * 2",
]


@pytest.mark.parametrize("text", NUMPY)
def test_a_text_in_numpys_syntax_has_the_value_that_numpy_gives(text: str) -> None:
    f = jac.parse(text, DECLARED, syntax="numpy")
    bind, values = instance(f)
    expected = eval(text, {"np": np}, values)
    assert tuple(bind.size(k) for k in f.shape) == np.shape(expected)
    np.testing.assert_allclose(bind.natural(f), expected, rtol=1e-12, atol=1e-13)


# MATLAB's texts, with columns as matrices of one column; the results are compared entry by entry, row after row.
MATLAB = {
    "A*x - b": lambda A, x, b: A @ x - b,
    "x'*y": lambda x, y: x @ y,
    "x*y'": lambda x, y: np.outer(x, y),
    "x'*Q*y*x'": lambda x, Q, y: (x @ Q @ y) * x[None, :],
    "b'*A": lambda b, A: (b @ A)[None, :],
    "x*c": lambda x, c: c * x,
    "A*C'": lambda A, C: A @ C.T,
    "A.*C./2": lambda A, C: A * C / 2,
    "A.^2": lambda A: A**2,
    "2.^x": lambda x: 2**x,
    "2.*x": lambda x: 2 * x,
    "2./x": lambda x: 2 / x,
    "Q^3": lambda Q: Q @ Q @ Q,
    "Q^-1*x": lambda Q, x: np.linalg.solve(Q, x),
    "Q²": lambda Q: Q @ Q,
    "c^2": lambda c: c**2,
    "-c^2": lambda c: -(c**2),
    "2^-c": lambda c: 2**-c,
    "-x'*y": lambda x, y: -(x @ y),
    "x'.^2": lambda x: x[None, :] ** 2,
    "A^T*b": lambda A, b: A.T @ b,
    "Q\\x": lambda Q, x: np.linalg.solve(Q, x),
    "1 - x": lambda x: 1 - x,
    "x/2/c": lambda x, c: x / 2 / c,
    "2 - 3 - c": lambda c: -1 - c,
    "[A, C]": lambda A, C: np.hstack([A, C]),
    "[A; C]": lambda A, C: np.vstack([A, C]),
    "[x, y]": lambda x, y: np.stack([x, y], 1),
    "[x; y; 1]": lambda x, y: np.concatenate([x, y, [1]]),
    "[A, b]": lambda A, b: np.hstack([A, b[:, None]]),
    "colsum(A)": lambda A: A.sum(0)[None, :],
    "rowsum(A)": lambda A: A.sum(1),
    "colmean(A)": lambda A: A.mean(0)[None, :],
    "rowmean(A)": lambda A: A.mean(1),
    "A - vector(1)*colmean(A)": lambda A: A - A.mean(0),
    "sum(x)/n": lambda x: x.mean(),
    "sum(A)/(m*n)": lambda A: A.mean(),
    "length(x) + numel(A)": lambda x, A: x.size + A.size,
    "vector(1, m)'*A": lambda A: A.sum(0)[None, :],
    "vector(2)'*x": lambda x: 2 * x.sum(),
    "ones(m, 1)'*b": lambda b: b.sum(),
    "ones(1, m)*b": lambda b: b.sum(),
    "ones(n)*x": lambda x: np.full(x.size, x.sum()),
    "zeros(m, n) + A": lambda A: A,
    "x'*eye*y": lambda x, y: x @ y,
    "Q + 2*eye(n)": lambda Q: Q + 2 * np.eye(len(Q)),
    "matrix(1)*x + b": lambda x, b: np.full(b.size, x.sum()) + b,
    "matrix(3, m, n).*A": lambda A: 3 * A,
    "diag(x)*y": lambda x, y: x * y,
    "diag(Q)": lambda Q: np.diag(Q),
    "reshape(x, n, 1)": lambda x: x,
    "vec(A)": lambda A: A.reshape(-1),
    "norm(x) + normF(A) + norm1(A)": lambda x, A: np.linalg.norm(x) + np.linalg.norm(A) + np.abs(A).sum(),
    "adj(Q)*x": lambda Q, x: np.linalg.det(Q) * np.linalg.solve(Q, x),
    "nuclear(A) - spectral(A)": lambda A: np.linalg.norm(A, "nuc") - np.linalg.norm(A, 2),
    "logdet(Q'*Q)": lambda Q: np.log(np.linalg.det(Q.T @ Q)),
    "log(logsumexp(x)^2)": lambda x: 2 * np.log(np.abs(np.log(np.exp(x).sum()))),
    "softmax(A)": lambda A: np.exp(A) / np.exp(A).sum(1, keepdims=True),
    "log_softmax(x)": lambda x: x - np.log(np.exp(x).sum()),
    "crossentropy(x, softmax(y))": lambda x, y: -(np.exp(y) / np.exp(y).sum()) @ (x - np.log(np.exp(x).sum())),
    "relu(x) - leaky_relu(x, 0.5)": lambda x: np.where(x > 0, 0, -x / 2),
    "sigmoid(x).*silu(x)": lambda x: x / (1 + np.exp(-x)) ** 2,
    "max(x) - min(x)": lambda x: np.ptp(x),
    "max(x, 0)": lambda x: np.maximum(x, 0),
    "min(x, y)": lambda x, y: np.minimum(x, y),
    "hadamard(A, C)": lambda A, C: A * C,
    "dot(x, y)": lambda x, y: x @ y,
    "x ⊗ b": lambda x, b: np.kron(x, b),
    "½*c + 0.1": lambda c: c / 2 + 0.1,
    "z = A*x; w = z.*b; w'*z": lambda A, x, b: (A @ x * b) @ (A @ x),
}


@pytest.mark.parametrize(("text", "numpy"), MATLAB.items(), ids=MATLAB)
def test_a_text_in_matlabs_syntax_has_the_value_of_its_translation(text: str, numpy) -> None:
    f = jac.parse(text, DECLARED, syntax="matlab")
    bind, values = instance(f)
    code = numpy.__code__.co_varnames[:numpy.__code__.co_argcount]
    expected = np.asarray(numpy(*(values[k] for k in code)))
    m, n = f.axes
    assert (bind.size(m) or 1, bind.size(n) or 1) == (expected.reshape(-1, 1) if expected.ndim < 2 else expected).shape
    np.testing.assert_allclose(bind(f).reshape(-1), expected.reshape(-1), rtol=1e-11, atol=1e-13)


def test_signs_that_mean_the_same_in_both_syntaxes_may_stand_alone() -> None:
    for text in ("c*x", "x + y", "c*A - 2*C", "exp(x)/c"):
        assert jac.parse(text, DECLARED) is jac.parse(text, DECLARED, "numpy") is jac.parse(text, DECLARED, "matlab")


def test_numbers_are_exact() -> None:
    for text, exact in {"0.1": "1/10", "1e-3": "1/1000", ".5": "1/2", "2.": "2", "1.5E2": "150", "¾": "3/4"}.items():
        assert str(jac.parse(text).data) == exact


@pytest.mark.parametrize("row", [*ROWS, *SIGNS["matlab"].values(), *SIGNS["numpy"].values()],
                         ids=lambda row: row.words.split()[0])
def test_every_row_builds_what_its_rules_say(row: Row) -> None:
    for arity in (2, 3) if callable(row.rules) else (len(ways(row, 0, frozenset())[0].inputs),):
        for rule in ways(row, arity, frozenset()):
            sizes = {letter: k + 5 for k, letter in enumerate(sorted({s for axes in rule.inputs for s in axes}))}
            operands = [made(axes, sizes, k) for k, axes in enumerate(rule.inputs)]
            entries = int(np.prod([sizes[s] for s in sum(rule.inputs, ()) if s != "·"]))
            known = {"i": 4, "j": 4, "p": entries, "q": 1, **sizes}
            axes = tuple(None if s == "·" else int(eval(s, {}, known)) for s in rule.output)
            if row.words.startswith("crossentropy") and rule.loose:
                operands[1] = jac.symbol(f"s: {' '.join(map(str, operands[1].shape))} index")
            f = row.build(axes, *operands) if row.sizes is not None else row.build(*operands)
            assert f.axes == axes or (None in axes and f.axes == axes[::-1])


def made(axes: tuple[str, str], sizes: dict[str, int], k: int) -> jac.Expr:
    """An operand with these axes; a scalar after another operand may be an exponent or a slope: a number."""
    shape = [str(sizes[s]) for s in axes if s != "·"]
    if k and not shape:
        return jac.number(2)
    f = jac.symbol(f"{'rst'[k]}: {' '.join(shape)}")
    return jac.symbolic.operations.transpose(f) if axes[0] == "·" and shape else f


# ---- programs --------------------------------------------------------------------------------------------------------


def test_statements_name_intermediate_results() -> None:
    f = jac.parse("""
        z1 = W1*x + b1     # the first layer
        a1 = relu(z1)
        J = half_square(W2*a1 +
                        b2 - t)
        J
    """, "W1: h n, b1: h, x: n, W2: k h, b2: k, t: k")
    W1, b1, u, W2, b2, t = jac.symbols("W1: h n, b1: h, x: n, W2: k h, b2: k, t: k")
    z1 = jac.name("z1", W1 @ u + b1)
    a1 = jac.name("a1", jac.relu(z1))
    assert f is jac.name("J", jac.half_square(W2 @ a1 + b2 - t))


def test_a_network_of_fifty_layers_is_read_quickly() -> None:
    layers = "; ".join(f"z{k} = W{k}*a{k - 1} + b{k}; a{k} = tanh(z{k})" for k in range(1, 51))
    start = time.process_time()
    f = jac.parse(f"a0 = x; {layers}; half_square(a50 - t)")
    assert time.process_time() - start < 1
    assert len(leaves(f)) == 102


# ---- what cannot be read ---------------------------------------------------------------------------------------------


BAD = {
    "A*x - b, b: n": ("A*x - b", "A: m n, x: n, b: n", r"A\*x has m entries, but b has n .*character 1\)"),
    "A*x": ("2 + A*x", "A: m n, x: m",
            r"A has n columns, but x has m entries \(at character 5\)\n  2 \+ A\*x\n      \^\^\^$"),
    "A @ x": ("A @ x", "A: m n, x: m", "A has n columns, but x has m entries"),
    "two columns": ("x*y", "x: n, y: n", r"x is a column of n entries and y .*: write x'\*y .*, x\*y' .*, x\.\*y"),
    "two columns by name": ("x*y", "", r"x is a column by its name and y .* write x'\*y"),
    "sums as factors": ("(x-y)*(x+y)", "", r"write \(x-y\)'\*\(x\+y\)"),
    "matrix and row": ("A*x'", "", r"x' is a row: write A\*x "),
    "column and row": ("x + y'", "x: n, y: n", "y' is a row: write y for the column"),
    "matrix and column": ("X + x", "", "terms of a sum have one shape"),
    "trace": ("tr(A*B)", "A: m n, B: n p", r"A\*B has m rows, but p columns: tr takes a square matrix"),
    "det of a vector": ("det(x)", "x: n", "det takes a matrix, but x is a column of n entries"),
    "division": ("x/y", "x: n, y: n", r"/ takes a scalar on the right, but y is a column.*: write \./"),
    "power of a column": ("x^2", "x: n", r"\^ takes a scalar or a matrix on the left, but x is a column.*\.\^"),
    "power by a column": ("x.^y", "", r"write exp\(y\.\*log\(x\)\)"),
    "scalar in @": ("x @ 2", "x: n", "2 is a scalar: write \\*"),
    "rows": ("hstack(A, B)", "A: m n, B: p n", "A has m rows, but B has p"),
    "Sylvester": ("A*X + X*A", "A: m m, X: m n", "X has n columns, but A has m rows"),
    "blocks": ("[A, B; C]*x", "A: m n, B: m p, C: q n", r"A, B has n \+ p columns, but C has n"),
    "kron": ("kron(A, B)*x", "A: m n, B: p q, x: n", r"kron\(A, B\) has n\*q columns, but x has n entries"),
    "no kind at all": ("max(diag(c), c)", "", "max does not take these operands together"),
    "itself": ("x + kron(x, y)", "", "depend on itself"),
    "vector(1)": ("sum(vector(1))", "", r"size of vector\(1\) does not follow"),
    "vector(1, n)": ("vector(1, n)'*x", "x: m", r"vector\(1, n\)' has n entries, but x has m"),
    "size": ("eye(x'*x)", "", "a size is a name or a positive whole number"),
    "size that is declared": ("eye(x)", "x: n", "a size is a name"),
    "unclosed": ("exp((A*x", "", r"the bracket \( is not closed \(at character 5\)"),
    "unopened": ("A*x)", "", r"this \) closes nothing \(at character 4\)"),
    "crossed": ("(A*x]", "", r"the bracket \( of character 1 is closed by \]"),
    "no right operand": ("A*", "", r"an operand is missing after \* \(at character 2\)"),
    "no left operand": ("*A", "", r"an operand is missing before \*"),
    "two operators": ("A*/x", "", r"an operand is missing after \*"),
    "no operator": ("2 x", "", r"an operator is missing between 2 and x: .*character 3"),
    "no operator after a quote": ("x' y", "", "an operator is missing between ' and y"),
    "no brackets": ("sin x", "", r"sin is a function: write sin\(…\)"),
    "nothing in brackets": ("2*()", "", "nothing stands between the brackets"),
    "no operands": ("norm()", "", "norm does not take 0 operands"),
    "three operands": ("norm(x, y, z)", "", "norm does not take 3 operands"),
    "unknown function": ("sigmod(x)", "", "the function sigmod is not known: write sigmoid or sign, or declare"),
    "indices": ("A(1, 2)", "", r"A is not a function"),
    "unknown of NumPy": ("np.foo", "", "np.foo is not known"),
    "axis": ("np.exp(x, axis=0)", "", "exp with axis=0 is not known"),
    "stray": ("A $ x", "", r"'\$' is not read here \(at character 3\)"),
    "equation": ("A*x = b", "", "= stands only after a name"),
    "comparison": ("x == y", "", "'=' is not read here"),
    "tuple": ("(x, y)", "", "a list stands only in hstack"),
    "both syntaxes": ("A @ x + y'", "", r"' is MATLAB's and @ is NumPy's"),
    "the other syntax": ("x'*y", "", "not read with syntax='numpy'"),
    "no syntax": ("x", "", 'syntax is "matlab" or "numpy"'),
    "a^b^c": ("2^3^c", "", "read in two ways"),
    "division by 0": ("x/0", "", "divides by 0"),
    "no real power": ("(-8)^(1/3)", "", "-8 has no real power 1/3"),
    "twice": ("z = x; z = y; z", "", "z is the name of something else already"),
    "declared": ("x = 3; x + 1", "x: n", "x is the name of something else"),
    "a function's name": ("exp = 3; exp + 1", "", "exp is the name of a function"),
    "before": ("z + 1; z = 3", "", r"z is used here before it is given a value \(at character 1\)"),
    "itself again": ("z = z + 1", "", "z is used here before"),
    "second line": ("z = x\nz + $", "", "character 5 of line 2"),
    "empty": (" \n ", "", "is empty"),
    "no text": (None, "", "given as text"),
    "declared twice": ("x", "x: n, x: m", "declared twice"),
    "unreadable size": ("x", "x: n, y: n-1", r"sum or product .* but 'n-1' .*character 7\)\n.*\n {8}\^{6}$"),
    "power of a size": ("x", "x: 9**9**9**9", "a size is a positive whole number"),
    "no declaration": ("x", "x: n,, y: n", r"'' was given \(at character 6\)"),
    "long declaration": ("x", "x: " + "n" * 1000, "at most 200 characters"),
    "long declarations": ("x", "x" * 10**6, "has 1000000 characters"),
    "a function's declaration": ("exp(x)", "exp: function", "exp is a function that is known"),
    "a function as a symbol": ("g*x", "g: function", r"g is a function: write g\(…\)"),
    "a function of two": ("g(x, y)", "g: function", "g does not take 2 operands"),
    "a function that is not declared": ("f(x)", "", 'or declare one that is applied entry by entry, "f: function"'),
    "infinity": ("inf*x", "", "inf is not known"),
    "large number": ("1e999", "", "at most 50 digits"),
    "bar": ("‖x", "", "this ‖ is not closed"),
}


@pytest.mark.parametrize(("text", "declared", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_is_said_with_its_place(text: str, declared: str, said: str, request) -> None:
    syntax = {"the other syntax": "numpy", "no syntax": "julia"}.get(request.node.callspec.id)
    with pytest.raises(jac.InputError, match=f"(?s){said}"):
        jac.parse(text, declared, syntax)


HOSTILE = {
    "brackets": "(" * 10**5 + "x" + ")" * 10**5,
    "fewer brackets": "(" * 10**4 + "x" + ")" * 10**4,
    "calls": "exp(" * 1000 + "x" + ")" * 1000,
    "lists": "[" * 1000 + "x" + "]" * 1000,
    "powers": "9^9^9^9",
    "Python's powers": "9**9**9**9",
    "bracketed powers": "9^(9^(9^9))",
    "powers of powers": "((9^99)^99)^99",
    "roots": "2^(1/99999999999)",
    "minus": "-" * 10**5,
    "fewer minus": "-" * 4000 + "x",
    "quotes": "A" + "'" * 4000,
    "names": " + ".join(f"x{k}" for k in range(10**5)),
    "names, each once": "+".join(f"x{k}" for k in range(5000)),
    "noise": "".join(map(chr, np.random.default_rng(0).integers(32, 0x3000, 10**6))),
    "less noise": "".join(np.random.default_rng(0).choice(list("xA+-*/^'.,()[]1 =;\n"), 40_000)),
    "long number": "9" * 10**4,
    "long exponent": "1e" + "9" * 1000,
    "long product": "*".join(["9" * 40] * 90),
    "factors": "*".join(f"A{k}" for k in range(2000)),
    "blocks": "[" + ", ".join(f"A{k}" for k in range(2000)) + "]",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused_within_a_second(text: str) -> None:
    start = time.process_time()
    with pytest.raises(jac.InputError) as error:
        jac.parse(text)
    assert time.process_time() - start < 1
    assert len(str(error.value)) < 400


def test_sizes_that_double_in_every_line_are_no_burden() -> None:
    lines = ";".join(["z0 = x"] + [f"z{k + 1} = kron(z{k}, z{k})" for k in range(40)])
    start = time.process_time()
    assert jac.declare(f"{lines}; z40'*y") == "x: n, y: n**1099511627776"
    assert time.process_time() - start < 1


WORDS = ["np.exp(", "sum(", "tr(", "inv(", "det(", "norm(", "eye(n)", "ones(", "hstack(", "reshape(", "kron(",
         "softmax(", "max(", ".*", "./", ".^", "**", ".T", "⁻¹", "W₁", "0.5", "1e3", "vector(1)", "eye"]
PIECES = st.sampled_from([*"xyzABnmct123()[],;='+-*/^@\\ \n²ᵀ½‖∘⊗λ", *WORDS])


@settings(max_examples=400, deadline=1000)
@given(text=st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join)))
@example(text="x.T.T")
@example(text="^T")
@example(text="A^T")
@example(text="[x]'")
@example(text="[[x]]")
@example(text="z=;")
@example(text="0^(0-1)")
@example(text="ones(1,1)")
@example(text="1/(1-1)")
@example(text="np.ones(())")
@example(text="max(diag(c), c)")
@example(text="max(diag(X), X)")
def test_any_text_gives_an_expression_or_a_sentence(text: str) -> None:
    try:
        f = jac.parse(text)
    except jac.InputError:
        return
    assert isinstance(f, jac.Expr)
    assert jac.parse(text, jac.declare(text)) is f


SHAPED = ["({a} + {b})", "({a} - {b})", "{a} * {b}", "({a} @ {b})", "np.tanh({a})", "({a}).T", "-{a}", "({a})**2",
          "({a}) / 4", "np.sum({a})", "({a} @ {b} + {a})"]
NAMES = st.sampled_from(["A", "Q", "x", "y", "b", "c", "2", "0.5"])


@st.composite
def formulas(draw, depth: int = 3) -> str:
    """A text of operations in NumPy's syntax that often fits."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(NAMES)
    a, b = draw(formulas(depth - 1)), draw(formulas(depth - 1))
    return draw(st.sampled_from(SHAPED)).format(a=a, b=b)


@settings(max_examples=300, deadline=None)
@given(text=formulas())
def test_a_random_formula_has_the_value_that_numpy_gives_or_neither_has_one(text: str) -> None:
    rng = np.random.default_rng(1)
    sizes = {"A": (2, 3), "Q": (3, 3), "x": 3, "y": 3, "b": 2, "c": None}
    values = {name: rng.normal(size=size) for name, size in sizes.items()}
    try:
        expected = eval(text, {"np": np}, values)
    except AttributeError:      # Python's numbers have no .T, ours do
        return
    except (ValueError, TypeError):
        with pytest.raises(jac.InputError):
            jac.evaluate(jac.parse(text, "A: 2 3, Q: 3 3, x: 3, y: 3, b: 2, c:", "numpy"))
        return
    f = jac.parse(text, "A: 2 3, Q: 3 3, x: 3, y: 3, b: 2, c:", "numpy")
    found = jac.evaluate(f, **{str(s.label): values[str(s.label)] for s in leaves(f)})
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
