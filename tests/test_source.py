"""NumPy source: each operation computed by it is what its value says, at several sizes."""

import ast
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from test_corpus import binding, derivation
from test_derivation import network
from test_notation import MODULES, operations_of
from test_symbolic import EXPRESSIONS
from textbook import CASES, Case, close, instances, tolerance
from textbook import derivative as slope_of

import jacobian as jac
from jacobian.derivation.check import complex_step
from jacobian.printing.numpy import compiled, preamble, source_of
from jacobian.printing.numpy.program import SOURCE, function
from jacobian.symbolic import elementwise, sample
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, Operation, leaves

A, B, W, X, b, x, y, s, i = jac.symbols("A: n n, B: n n, W: m n, X: k n, b: m, x: n, y: n, s:, i: k index")


def run(text: str, bind: Binding, *roots: Expr, name: str = "f") -> Any:
    """What the function of a source returns for the values of `bind`."""
    space: dict[str, Any] = {}
    exec(text, space)
    keys = {str(symbol.label): symbol for symbol in leaves(*roots)}
    arguments = space[name].__code__.co_varnames[:space[name].__code__.co_kwonlyargcount]
    with np.errstate(all="ignore"):
        return space[name](**{key: bind.natural(keys[key]) if key in keys else bind.sizes[key] for key in arguments})


def same(found: Any, expected: Any, tolerance: float = 1e-9) -> None:
    assert np.shape(found) == expected.shape
    size = np.max(np.abs(expected[np.isfinite(expected)]), initial=1.0)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * size)


def computes(f: Expr, sizes: dict[str, int], seed: int = 0) -> None:
    """The source of f and of each first derivative, against the value of f and the complex step."""
    bind = Binding(sample.instance(np.random.default_rng(seed), f, sizes), sizes)
    same(run(jac.source(f), bind, f), bind.natural(f))
    for z in leaves(f):
        if "index" not in z.assumptions:
            found = run(source_of(f, {z: jac.differentiate(f, z)}, "f")[0], bind, f)
            expected = complex_step(lambda at, z=z: bind.replaced(z, at)(f), bind(z))
            same(found, expected.reshape([bind.size(n) for n in (*f.shape, *z.shape)]), 1e-8)


@pytest.mark.parametrize("row", [row for module in MODULES for row in operations_of(module)], ids=lambda row: row.name)
def test_every_operation_has_a_source(row: Operation) -> None:
    assert row.name in SOURCE


@pytest.mark.parametrize("f", EXPRESSIONS.values(), ids=EXPRESSIONS)
@pytest.mark.parametrize("smallest", [1, 2, 3])
def test_each_expression_and_its_derivatives_are_computed(f: Expr, smallest: int) -> None:
    computes(f, sample.sizes(np.random.default_rng(smallest), f, smallest=smallest))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_derivative_of_the_corpus_is_computed(case: Case) -> None:
    d = derivation(case)
    for values in instances(case):
        bind, want = binding(case, values), slope_of(case, values)
        given = {str(z.label): bind.natural(z) for z in leaves(d.goal, *d.wrt)}
        close(d.numpy()(bind.sizes, **given).reshape(want.shape), want, tolerance(case))


EMPTY = {name: f for name, f in EXPRESSIONS.items() if not any("onehot" in z.assumptions for z in leaves(f))}


@pytest.mark.parametrize("f", EMPTY.values(), ids=EMPTY)
def test_arrays_without_entries_have_their_shape_or_are_refused(f: Expr) -> None:
    bind = Binding({z: np.zeros([0 if isinstance(n, sp.Basic) else n for n in z.shape]) for z in leaves(f)})
    try:
        expected = bind.natural(f)
    except (ValueError, IndexError):                # the largest entry of none, say
        expected = None
    try:
        found = run(jac.source(f), bind, f)
    except (ValueError, ZeroDivisionError):
        assert expected is None or "means" in str(jac.source(f)) or " / n" in jac.source(f) or " / m" in jac.source(f)
        return
    assert np.shape(found) == tuple(map(bind.size, f.shape))
    if expected is not None:
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("f", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_the_type_of_the_entries_is_kept(f: Expr, dtype: type) -> None:
    rng = np.random.default_rng(1)
    sizes = sample.sizes(rng, f)
    values = {z: v if "index" in z.assumptions else v.astype(dtype) for z, v in sample.instance(rng, f, sizes).items()}
    bind = Binding(values, sizes)
    text = jac.source(f)
    if np.dtype(dtype).kind == "c" and "def real" in text:
        with pytest.raises(TypeError, match="real numbers"):
            run(text, bind, f)
        return
    found = np.asarray(run(text, bind, f))
    assert found.dtype == dtype
    np.testing.assert_allclose(found, bind.natural(f), rtol=2e-4 if dtype in (np.float32, np.complex64) else 1e-9,
                               atol=1e-3 if dtype in (np.float32, np.complex64) else 1e-9)


@pytest.mark.parametrize("f", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_the_type_of_the_entries_is_kept_by_derivatives(f: Expr) -> None:
    rng = np.random.default_rng(2)
    sizes = sample.sizes(rng, f)
    values = sample.instance(rng, f, sizes)
    bind = Binding({z: v if "index" in z.assumptions else v.astype(np.float32) for z, v in values.items()}, sizes)
    for z in leaves(f):
        if "index" not in z.assumptions:
            found = run(source_of(f, {z: jac.differentiate(f, z)}, "f")[0], bind, f)
            assert np.asarray(found).dtype == np.float32


@pytest.mark.parametrize("f", elementwise.TABLE.values(), ids=elementwise.TABLE)
def test_elementwise_functions_keep_their_digits(f: elementwise.Function) -> None:
    """Against SymPy's 30 digits, near 0 and far from it, where the function is real."""
    points = np.array([-30.0, -8.3, -3, -1, -0.7, -1e-9, 1e-12, 1e-3, 0.3, 0.46, 0.5, 0.9, 1.2, 2, 4.5, 26])

    def exactly(form: Any) -> list[Any]:
        return [sp.N(form.subs(elementwise.X, sp.Rational(float(p))), 30, maxn=2000) for p in points]

    values, slopes = exactly(f.form), exactly(f.form.diff(elementwise.X))
    fine = np.array([bool(value.is_real and slope.is_real) for value, slope in zip(values, slopes, strict=True)])
    expected, condition = (np.array([float(entry) for entry, real in zip(entries, fine, strict=True) if real])
                           for entries in (values, slopes))
    found = run(jac.source(f(x)), Binding({x: points[fine]}), x)
    allowed = 16 * np.abs(expected) + 4 * np.abs(points[fine] * condition)      # the last: of rounding the argument
    assert np.all(np.abs(found - expected) <= 1e-300 + 2e-16 * allowed)


@pytest.mark.parametrize("name", ["erf", "erfc", "Phi"])
def test_the_error_function_keeps_its_digits(name: str) -> None:
    points = np.concatenate([np.linspace(-26, 26, 300), np.linspace(-1, 1, 100)])
    exact = getattr(mpmath, {"Phi": "ncdf"}.get(name, name))
    with mpmath.workdps(40):
        expected = np.array([float(exact(mpmath.mpf(p))) for p in points])
    error = np.abs(getattr(preamble, name)(points) / np.where(expected, expected, 1) - (expected != 0))
    assert np.all(error <= 1e-15 + 4e-16 * points**2)         # the last: what rounding the argument does to it


# ---- how it reads --------------------------------------------------------------------------------------------------

READS = {
    "A @ (B @ x)": A @ B @ x,
    "np.linalg.solve(A, x)": jac.solve(A, x),
    "np.linalg.solve(A.T, x)": x @ jac.inverse(A),
    "np.linalg.solve(B.T, A.T).T": A @ jac.inverse(B),
    "x[:, None] * A": jac.diag(x) @ A,
    "A * x": A @ jac.diag(x),
    "np.outer(x, y @ A)": jac.outer(x, y) @ A,
    "X.sum(axis=1)": jac.row_sums(X),
    "X.T.sum(axis=1)": jac.column_sums(X),
    "X.sum()": jac.total(X),
    "x.sum() / n": jac.mean(x),
    "X @ W.T + b": X @ W.T + b,
    "1 - x**2": 1 - x**2,
    "x / y": x / y,
    "x / np.sqrt(s)": x * s**-0.5,
    "-x / 3": -x / 3,
    "2 * x - s": 2 * x - s,
    "np.trace(A)": jac.trace(A),
    "np.einsum('ij,ji->', A, B)": jac.trace(A @ B),
    "x @ y": jac.inner(x, y),
    "np.sum((W @ x - b)**2) / 2": jac.half_square(W @ x - b),
}


@pytest.mark.parametrize(("written", "f"), READS.items(), ids=READS)
def test_it_reads_as_a_person_writes(written: str, f: Expr) -> None:
    assert jac.source(f).rstrip().endswith(f"    return {written}")


def test_the_gradients_of_a_network_are_its_backward_pass() -> None:
    J, parameters = network()
    text = jac.derive(J, parameters, names={"h": "δ3"}).source("gradients")
    assert text[text.index("    z1"):] == """\
    z1 = W1 @ x + b1  # (n1,)
    a1 = relu(z1)  # (n1,)
    z2 = W2 @ a1 + b2  # (n2,)
    a2 = relu(z2)  # (n2,)
    h = W3 @ a2 + b3  # (n3,)
    delta3 = h - t  # (n3,)
    delta2 = step(z2) * (W3.T @ delta3)  # (n2,)
    delta1 = step(z1) * (W2.T @ delta2)  # (n1,)
    return np.outer(delta1, x), delta1, np.outer(delta2, a1), delta2, np.outer(delta3, a2), delta3
"""


def test_a_part_that_is_used_twice_is_computed_once() -> None:
    z = W @ x
    assert jac.source(jac.tanh(z) * z).count("W @ x") == 1


def test_numpy_is_all_that_is_imported() -> None:
    for f in EXPRESSIONS.values():
        tree = ast.parse(jac.source(f))
        imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert [alias.name for node in imported for alias in node.names] == ["numpy"]


def test_names_that_python_or_numpy_has_are_changed() -> None:
    words = ["lambda", "np", "sum", "dtype", "softmax", "t1", "n"]
    clash = jac.symbols(", ".join(f"{word}: n" for word in words))
    f = jac.softmax(sum(clash[1:], clash[0]) * clash[0]) + jac.number(clash[0].shape[0])
    values = {z: np.arange(1.0, 4) / (k + 1) for k, z in enumerate(clash)}
    bind = Binding(values)
    found = compiled(*function("f", [f], [lambda p: p.full(f)], "f"), "f", f)(**dict(zip(words, values.values(),
                                                                                        strict=True)))
    same(found, bind.natural(f))


def test_two_functions_of_one_name_stay_two() -> None:
    f = jac.leaky_relu(x, 0.1) + jac.leaky_relu(y, 0.2) + jac.elementwise("softmax", sp.Symbol("u") ** 2)(x)
    computes(f, {"n": 3})


@pytest.mark.parametrize("f", [
    x @ jac.ones("n", "k"), jac.ones("k", "n") @ x, W @ jac.ones("n", "k") @ X, jac.ones("m", "n") @ jac.ones("n", "k"),
    jac.outer(b, jac.ones("n")) + W, jac.outer(jac.ones("m"), x).T @ W, jac.ones("n", "n") @ A @ jac.ones("n", "n"),
    2 * jac.ones("n") @ A, jac.softmax(3 * jac.ones("n")) * x, jac.diag(2 * jac.ones("n")) @ x,
    jac.outer(jac.ones("n"), jac.ones("k")), jac.tanh(jac.outer(b, jac.ones("n"))).T + jac.outer(x, jac.ones("m")),
    (jac.outer(b, jac.ones("n")) * jac.outer(b * b, jac.ones("n"))).T, s + jac.ones("n", "k"),
], ids=str)
def test_arrays_that_numpy_broadcasts_have_their_shape(f: Expr) -> None:
    computes(f, {"m": 2, "n": 3, "k": 4})
    computes(f, {"m": 1, "n": 1, "k": 2})


@pytest.mark.parametrize("f", elementwise.TABLE.values(), ids=elementwise.TABLE)
def test_functions_of_numbers_and_of_whole_numbers(f: elementwise.Function) -> None:
    c = next(c for c in (sp.Rational(1, 2), sp.Integer(2)) if f.form.subs(elementwise.X, c).is_real)
    computes(f(c * jac.ones("n")) + x, {"n": 3})
    computes(f(jac.number(c)) * x, {"n": 3})
    whole = run(jac.source(f(x)), Binding({x: np.ones(3)}), x)
    space: dict[str, Any] = {}
    exec(jac.source(f(x)), space)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(space["f"](x=np.ones(3, int)), whole)


def test_a_deep_network_and_a_deep_formula_are_written() -> None:
    z = W @ x
    for _ in range(300):
        z = jac.tanh(z) + b
    computes(jac.name("J", z), {"m": 2, "n": 3})


def test_sizes_that_no_array_shows_are_arguments() -> None:
    f = s * jac.ones("q") / jac.symbol("u: q").shape[0]
    d = jac.derive(f, s)
    np.testing.assert_allclose(d.numpy()(q=4, s=2.0), np.full(4, 0.25))
    np.testing.assert_allclose(d.numpy()({"q": 4}, s=2.0), np.full(4, 0.25))
    with pytest.raises(jac.InputError, match="size q is not known"):
        d.numpy()(s=2.0)


def test_derivatives_by_several_variables_come_together() -> None:
    d = jac.derive(jac.half_square(W @ x - b), (W, b))
    values = {"W": np.ones((2, 3)), "x": np.arange(3.0), "b": np.zeros(2)}
    by_w, by_b = d.numpy()(**values)
    np.testing.assert_allclose(by_w, [[0, 3, 6]] * 2)
    np.testing.assert_allclose(by_b, [-3, -3])


def test_second_derivatives_are_computed() -> None:
    f = jac.total(jac.tanh(W @ x) ** 3)
    d = jac.derive(f, W, W)
    values = {"W": np.linspace(-1, 1, 6).reshape(2, 3), "x": np.array([0.3, -0.4, 0.5])}
    first = jac.derive(f, W).numpy()
    expected = complex_step(lambda at: first(W=at, x=values["x"]), values["W"])
    same(d.numpy()(**values), expected.reshape(2, 3, 2, 3))


def test_the_result_is_the_callers_own() -> None:
    values = {"W": np.ones((2, 3)), "x": np.ones(3)}
    jac.derive(W @ x, x).numpy()(**values)[...] = 0
    assert values["W"].all()


def test_a_class_that_does_not_exist_is_refused() -> None:
    Z, k = jac.symbols("Z: N m, k: N index")
    space: dict[str, Any] = {}
    exec(jac.derive(jac.cross_entropy(Z, k), Z).source(), space)
    for wrong in (3, -1, 1.5):
        with pytest.raises(ValueError, match=r"classes are counted from 0 to 2, but \[.*\] was given"):
            space["derivative"](Z=np.zeros((2, 3)), k=np.array([0, wrong]))


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_an_operation_without_a_source_names_the_row_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SOURCE, "trace")
    with pytest.raises(jac.MissingRule, match=r"trace.*printing/numpy"):
        jac.source(jac.trace(A))


def test_an_abstract_function_and_its_slopes_are_arguments() -> None:
    d, rng = jac.derive("sum(exp(x) .* g(x))", "g: function", wrt="x"), np.random.default_rng(3)
    at = rng.normal(size=4)
    expected = np.imag(np.exp(at + 1e-30j) * np.sin(at + 1e-30j)) / 1e-30
    np.testing.assert_allclose(d.numpy()(x=at, g=np.sin, dg=np.cos), expected, rtol=1e-13)
    second = jac.derive("sum(g(x))", "g: function", wrt="x x")
    np.testing.assert_allclose(second.numpy()(x=at, ddg=np.exp), np.diag(np.exp(at)), rtol=1e-13)
    assert second.source().startswith("import numpy as np\n\n\ndef derivative(*, x, ddg):")


def test_a_function_that_numpy_lacks_names_the_row_to_write() -> None:
    with pytest.raises(jac.MissingRule, match=r"gamma.*printing/numpy"):
        jac.source(jac.elementwise("Γ", sp.gamma(sp.Symbol("u")))(x))


@pytest.mark.parametrize(("call", "said"), [
    (lambda: jac.derive(jac.function("g")(x), x).numpy()(x=np.ones(3)), "g′ is an abstract function: give dg="),
    (lambda: jac.source(x, "lambda"), "called by a name"),
    (lambda: jac.source(x, "f()"), "called by a name"),
    (lambda: jac.derive(W @ x, x).numpy()(W=np.ones(3)), "shape"),
    (lambda: jac.derive(W @ x, x).numpy()(V=np.ones(3)), "'V' is not in"),
    (lambda: jac.derive(W @ x, W).numpy()(W=np.ones((2, 3))), "x of shape"),
    (lambda: jac.derive(W @ x, x).numpy()(np.ones((2, 3))), "by the names of their symbols.*ndarray was given"),
    (lambda: jac.evaluate(W @ x, np.ones(3)), "by the names of their symbols.*ndarray was given"),
])
def test_what_does_not_fit_is_said_in_words(call: Any, said: str) -> None:
    with pytest.raises(jac.InputError, match=said):
        call()
