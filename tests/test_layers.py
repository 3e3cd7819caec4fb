"""Every layer of the table, by each of its arguments, in both precisions: symbols, SymPy and the complex step agree."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import jacobian as jac
import mlp
from mlp.check import example, stepped, symbolic

TINY = {"float32": 2e-5, "float64": 1e-12}      # of one layer's rounding, relative to the largest entry
PRECISIONS = list(TINY)
CASES = [pytest.param(layer, wrt, id=f"{layer} by {wrt}") for layer in mlp.LAYERS for wrt in layer.variables]
REDUCED = [replace(loss, reduction=how) for loss in mlp.LOSSES.values() for how in ("sum", "none")]
# Entries of the others take SymPy minutes; test_proof.py holds them beside 60 digits.
SMALL = [case for case in CASES if isinstance(case.values[0], mlp.Loss) or type(case.values[0]).__module__ in (
    "mlp.affine", "mlp.activations", "mlp.rows", "mlp.penalties")]
DERIVED = [case if case in SMALL else pytest.param(*case.values, id=case.id, marks=pytest.mark.slow) for case in CASES]
each_case = pytest.mark.parametrize(("layer", "wrt"), CASES)
each_layer = pytest.mark.parametrize("layer", mlp.LAYERS, ids=str)
each_precision = pytest.mark.parametrize("precision", PRECISIONS)


def sample(layer, precision="float64", sizes=None, seed=0):
    """Random arrays that fit the layer, no entry near a kink; one-hot where the layer asks for it."""
    return example(layer, np.random.default_rng(seed), precision, sizes)


def by_sympy(layer, wrt, arrays):
    """J[i, j] = ∂yᵢ/∂xⱼ by SymPy, entry by entry."""
    fed, _ = layer.measure(arrays)
    parts = []
    for bind in layer.bindings(fed):
        point = {}
        for symbol in (*layer.symbols.values(), *layer.constants.values()):
            letters = np.array(jac.explicit(symbol, bind.sizes)).reshape(-1)
            point |= dict(zip(letters, map(float, bind.natural(symbol).reshape(-1)), strict=True))
        outputs = np.array(jac.explicit(layer.written, bind.sizes)).reshape(-1)
        inputs = np.array(jac.explicit(layer.symbols[wrt], bind.sizes)).reshape(-1)
        parts.append(np.array([[float(y.diff(x).subs(point)) for x in inputs] for y in outputs]))
    return layer.assembled(wrt, fed, parts)


def assert_close(found, expected, precision="float64"):
    expected = np.asarray(expected, dtype=float)
    assert np.shape(found) == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=TINY[precision] * max(1, np.max(np.abs(expected))))


# ---- three derivatives of one layer --------------------------------------------------------------------------------


@each_layer
@each_precision
def test_the_forward_value_is_that_of_the_spec(layer, precision):
    y = layer.forward(**sample(layer, precision))
    fed, _ = layer.measure(sample(layer))
    for face, bind in zip(layer.faces("y", y), layer.bindings(fed), strict=True):
        assert_close(face, bind.natural(layer.written), precision)
    assert y.dtype == precision


@each_case
@each_precision
def test_the_jacobian_is_that_of_the_symbols(layer, wrt, precision):
    J = symbolic(layer, wrt, layer.measure(sample(layer))[0])
    assert_close(layer.jacobian(wrt, **sample(layer, precision)).dense(), J, precision)


@each_case
@pytest.mark.parametrize("seed", range(3))
def test_the_jacobian_is_that_of_the_complex_step(layer, wrt, seed):
    arrays = sample(layer, seed=seed)
    assert_close(layer.jacobian(wrt, **arrays).dense(), stepped(layer, wrt, layer.measure(arrays)[0]))


@pytest.mark.parametrize(("layer", "wrt"), SMALL)
def test_the_jacobian_is_that_of_sympy_entry_by_entry(layer, wrt):
    arrays = sample(layer, sizes={"N": 2})
    assert_close(layer.jacobian(wrt, **arrays).dense(), by_sympy(layer, wrt, arrays))


@each_case
def test_a_batch_of_one_and_a_size_of_one_are_no_exception(layer, wrt):
    any_size = ({"N": 1, "n": 1, "m": 1}, {"N": 3, "n": 1, "m": 1}) if layer.sizes is mlp.Layer.sizes else ()
    for sizes in ({"N": 1}, *any_size):
        arrays = sample(layer, sizes=sizes)
        assert_close(layer.jacobian(wrt, **arrays).dense(), stepped(layer, wrt, layer.measure(arrays)[0]))


@pytest.mark.parametrize(("layer", "wrt"), DERIVED)
def test_the_derivation_holds_and_is_the_jacobian(layer, wrt):
    derivation = layer.derivation(wrt)
    assert derivation.check().ok, str(derivation.check())
    fed, _ = layer.measure(sample(layer))
    parts = [derivation.jacobian.map(bind, bind.size).dense() for bind in layer.bindings(fed)]
    assert_close(layer.jacobian(wrt, **sample(layer)).dense(), layer.assembled(wrt, fed, parts))


# ---- products ------------------------------------------------------------------------------------------------------


@each_case
@each_precision
def test_vjp_and_jvp_are_the_products_with_the_jacobian_and_adjoint(layer, wrt, precision):
    arrays = sample(layer, precision)
    rng = np.random.default_rng(1)
    y, J = layer.forward(**arrays), layer.jacobian(wrt, **sample(layer)).dense()
    g, v = rng.normal(size=y.shape).astype(precision), rng.normal(size=arrays[wrt].shape).astype(precision)
    back, on = layer.vjp(g, wrt, **arrays), layer.jvp(v, wrt, **arrays)
    assert (back.dtype, on.dtype) == (np.dtype(precision),) * 2
    assert_close(back, (J.T @ g.reshape(-1)).reshape(v.shape), precision)
    assert_close(on, (J @ v.reshape(-1)).reshape(y.shape), precision)
    assert_close(np.vdot(on, g), np.vdot(v, back), precision)


@each_case
def test_a_layer_changes_none_of_its_arguments(layer, wrt):
    arrays = sample(layer)
    before = {name: array.copy() for name, array in arrays.items()}
    for array in arrays.values():
        array.flags.writeable = False
    g = np.ones_like(layer.forward(**arrays))
    layer.vjp(g, wrt, **arrays)
    layer.jvp(arrays[wrt], wrt, **arrays)
    assert all(np.array_equal(before[name], arrays[name]) for name in arrays)


@each_case
def test_the_jacobian_is_never_written_out(layer, wrt):
    """At these sizes an explicit matrix would have 10¹⁰ entries and more."""
    arrays = sample(layer, sizes={"N": 400, "n": 300, "m": 500})
    g = np.ones_like(layer.forward(**arrays))
    assert layer.vjp(g, wrt, **arrays).shape == arrays[wrt].shape


# ---- extreme and broken data ---------------------------------------------------------------------------------------


@each_case
@each_precision
@pytest.mark.parametrize("size", [30.0, 1e3])
def test_large_inputs_give_no_warning_and_no_nan(layer, wrt, precision, size):
    arrays = sample(layer, precision)
    first = layer.variables[0]
    arrays[first] = np.resize([size, -size, size], arrays[first].shape).astype(precision)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        y = layer.forward(**arrays)
        back = layer.vjp(np.ones_like(y), wrt, **arrays)
    assert np.all(np.isfinite(y))
    assert np.all(np.isfinite(back))


@each_case
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_in_the_data_are_named_with_their_place(layer, wrt, bad):
    arrays = sample(layer)
    y, axes = layer.forward(**arrays), arrays[wrt].ndim
    place = f"entry {[1, 0, 0, 0][:axes]}" if axes > 2 else "row 1" + " and column 0" * (axes == 2)
    for ask, what in ((lambda v: layer.jvp(v, wrt, **arrays), "the tangent v"),
                      (lambda v: layer.vjp(y, wrt, **{**arrays, wrt: v}), wrt),
                      (lambda v: layer.forward(**{**arrays, wrt: v}), wrt),
                      (lambda v: layer.jacobian(wrt, **{**arrays, wrt: v}), wrt)):
        broken = arrays[wrt].copy()
        broken[(1, 0, 0, 0)[:broken.ndim]] = bad
        with pytest.raises(jac.InputError) as found:
            ask(broken)
        assert f"{layer}: {what} holds {bad} in {place}: give finite numbers" == str(found.value)
    with pytest.raises(jac.InputError, match="the cotangent g holds nan"):
        layer.vjp(y * np.nan, wrt, **arrays)


@each_layer
def test_a_network_that_overflows_shows_nan_and_does_not_blame_the_data(layer):
    arrays = sample(layer)
    first = next(name for name in layer.arguments if name in layer.variables)
    arrays[first].reshape(-1)[0] = np.nan
    fed, _ = layer.measure(arrays)
    y = layer.value(**fed)
    assert np.isnan(y).any()
    if isinstance(layer, mlp.Activation) and layer != mlp.Linear():
        assert np.isnan(layer.pull(np.ones_like(y), first, fed)[0, 0])


@pytest.mark.parametrize(("layer", "slope"), [(mlp.ReLU(), 0.0), (mlp.LeakyReLU(0.25), 0.25)], ids=str)
def test_kinks_are_taken_as_torch_takes_them(layer, slope):
    for zero in (0.0, -0.0):
        assert layer.vjp(np.ones((1, 1)), "z", z=np.full((1, 1), zero)).item() == slope


@pytest.mark.parametrize("layer", [mlp.Sigmoid(), mlp.Tanh()], ids=str)
def test_slopes_keep_their_relative_accuracy_in_the_tails(layer):
    """σ′(40) = e⁻⁴⁰ and tanh′(20) = 4 e⁻⁴⁰ up to a relative e⁻⁴⁰; the textbook's σ (1 − σ) is 0 there."""
    factor, at = (1, 40.0) if layer == mlp.Sigmoid() else (4, 20.0)
    for z in (at, -at):
        slope = layer.jacobian("z", z=np.full((1, 1), z)).dense().item()
        assert slope == pytest.approx(factor * np.exp(-40), rel=1e-14, abs=0)


def test_a_leaky_slope_of_a_tenth_is_a_tenth():
    z = np.array([[-2.0, 3.0]])
    assert mlp.LeakyReLU(0.1).forward(z=z) == pytest.approx(np.array([[-0.2, 3.0]]))
    assert mlp.LeakyReLU(0.1).jacobian("z", z=z).dense() == pytest.approx(np.diag([0.1, 1.0]))


@given(arrays_of.arrays(float, (3, 4), elements=st.floats(-700, 700)))
def test_softmax_rows_are_distributions_and_do_not_feel_a_shift(z):
    p = mlp.Softmax().forward(z=z)
    assert np.all(p >= 0)
    assert p.sum(axis=1) == pytest.approx(1)
    assert_close(mlp.Softmax().vjp(np.ones_like(z), "z", z=z), np.zeros_like(z))


@given(arrays_of.arrays(float, (3, 4), elements=st.floats(-50, 50)), st.tuples(*3 * [st.integers(0, 3)]))
def test_class_indices_are_one_hot_rows(z, classes):
    loss, hot = mlp.CrossEntropy(), np.eye(4)[list(classes)]
    assert loss.forward(z=z, t=classes) == loss.forward(z=z, t=hot)
    assert np.array_equal(loss.vjp(1.0, "z", z=z, t=classes), loss.vjp(1.0, "z", z=z, t=hot))


@pytest.mark.parametrize("seed", range(3))
def test_cross_entropy_holds_for_any_weights_in_the_targets(seed):
    rng = np.random.default_rng(seed)
    z, t = rng.normal(size=(3, 4)), rng.uniform(size=(3, 4))
    weighted = jac.symbols("z: N m, t: N m")
    spec = mlp.CrossEntropy().spec(*weighted)
    bind = jac.Binding(dict(zip(weighted, (z, t), strict=True)))
    J = jac.differentiate(spec, weighted[0]).map(bind, bind.size).dense()
    assert_close(mlp.CrossEntropy().jacobian("z", z=z, t=t).dense(), J)


def test_losses_are_means_over_samples():
    """Worked by hand: h − t = (1, −2; 3, 0), squares 1 + 4 and 9 + 0."""
    h, t = np.array([[2.0, 0.0], [3.0, 1.0]]), np.array([[1.0, 2.0], [0.0, 1.0]])
    assert mlp.HalfSquaredError().forward(h=h, t=t) == (5 / 2 + 9 / 2) / 2
    assert mlp.MeanSquaredError().forward(h=h, t=t) == 14 / 4
    z = np.log(np.array([[1.0, 3.0], [1.0, 1.0]]))
    assert mlp.CrossEntropy().forward(z=z, t=[1, 0]) == pytest.approx((np.log(4 / 3) + np.log(2)) / 2)


def test_affine_of_one_sample_is_the_textbook_formula():
    x, W, b = jac.symbols("x: n, W: m n, b: m")
    assert mlp.Affine().spec(x, W, b) is W @ x + b


# ---- what people get wrong -----------------------------------------------------------------------------------------


@each_case
def test_an_array_that_does_not_fit_is_named_with_its_shape_and_what_was_expected(layer, wrt):
    arrays = sample(layer)
    shape = (*arrays[wrt].shape, 5)
    arrays[wrt] = np.ones(shape)
    with pytest.raises(jac.ShapeError) as found:
        layer.forward(**arrays)
    for part in (str(layer), f"{wrt} has shape {shape}", "expected"):
        assert part in str(found.value)


def test_shape_errors_say_which_sizes_were_known():
    with pytest.raises(jac.ShapeError, match=r"Affine\(\): W has shape \(2, 5\), but \(m, 4\) is expected; x has"):
        mlp.Affine().forward(x=np.ones((3, 4)), W=np.ones((2, 5)), b=np.ones(2))
    with pytest.raises(jac.ShapeError, match=r"b has shape \(3,\), but \(2,\) is expected"):
        mlp.Affine().forward(x=np.ones((3, 4)), W=np.ones((2, 4)), b=np.ones(3))


@each_layer
def test_empty_batches_missing_arrays_and_words_are_refused(layer):
    arrays = sample(layer)
    first, *_ = arrays
    with pytest.raises(jac.ShapeError, match="empty"):
        layer.forward(**{name: a[:0] if name == first else a for name, a in arrays.items()})
    with pytest.raises(jac.InputError, match="real numbers"):
        layer.forward(**{**arrays, first: np.full(arrays[first].shape, "a")})
    with pytest.raises(jac.InputError, match="equal length"):
        layer.forward(**{**arrays, first: [[1.0], [2.0, 3.0]]})
    with pytest.raises(jac.InputError, match=f"takes {', '.join(arrays)}, but was given nothing"):
        layer.forward()
    with pytest.raises(jac.InputError, match="not by 'any'"):
        layer.jacobian("any", **arrays)
    with pytest.raises(jac.InputError, match="not by 'any'"):
        layer.derivation("any")


@each_case
def test_cotangents_and_tangents_of_other_shapes_are_refused(layer, wrt):
    arrays = sample(layer)
    with pytest.raises(jac.ShapeError, match=r"cotangent g has shape \(7, 7\)"):
        layer.vjp(np.ones((7, 7)), wrt, **arrays)
    with pytest.raises(jac.ShapeError, match=r"tangent v has shape \(7, 7\)"):
        layer.jvp(np.ones((7, 7)), wrt, **arrays)
