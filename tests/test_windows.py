"""Convolution and pooling: beside their definitions entry by entry, beside torch with ties, and at large sizes."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from beside import beside_digits, beside_torch, close, each_precision, extreme

import jacobian as jac
import mlp

GEOMETRIES = [
    {"kernel": (3,)}, {"kernel": (2,), "stride": 2, "padding": 1}, {"kernel": (3,), "stride": 2, "dilation": 2},
    {"kernel": (2, 3)}, {"kernel": (3, 2), "stride": (2, 1), "padding": (1, 0)},
    {"kernel": (2, 3), "stride": (1, 2), "padding": 1, "dilation": (2, 1)}, {"kernel": (1, 1)},
    {"kernel": (2, 1, 2), "padding": (0, 0, 1), "stride": (1, 2, 1)}]
SPACE = {"d": 4, "h": 5, "w": 6, "o": 4}
each_geometry = pytest.mark.parametrize("how", GEOMETRIES, ids=str)


def entries(layer, x):
    """Window by window what it sees of x: {place of the window: {place in the kernel: x there (N, c), or None}}."""
    lengths = x.shape[2:]
    axes = list(zip(lengths, layer.kernel, layer.stride, layer.padding, layer.dilation, strict=True))
    many = [(length + 2 * p - d * (k - 1) - 1) // s + 1 for length, k, s, p, d in axes]
    found = {}
    for window in product(*map(range, many)):
        found[window] = {}
        for tap in product(*map(range, layer.kernel)):
            at = [w * s - p + t * d for w, t, (_, _, s, p, d) in zip(window, tap, axes, strict=True)]
            inside = all(0 <= place < length for place, length in zip(at, lengths, strict=True))
            found[window][tap] = x[(slice(None), slice(None), *at)] if inside else None
    return many, found


@each_geometry
def test_convolution_is_its_definition(how):
    """y[n, o, window] = b[o] + Σ W[o, c, tap] x[n, c, there] (Goodfellow et al. 2016, eq. 9.6)."""
    rng, layer = np.random.default_rng(0), mlp.Convolution(**how)
    x = rng.normal(size=(2, 3, *(4, 5, 6)[-len(layer.kernel):]))
    W, b = rng.normal(size=(4, 3, *layer.kernel)), rng.normal(size=4)
    many, found = entries(layer, x)
    y = np.zeros((2, 4, *many))
    for window, seen in found.items():
        y[(slice(None), slice(None), *window)] = b + sum(
            there @ W[(slice(None), slice(None), *tap)].T for tap, there in seen.items() if there is not None)
    close(layer.forward(x=x, W=W, b=b), y)
    none = y - b.reshape(1, 4, *[1] * len(many))
    for wrt, v, moved in (("x", x, none), ("W", W, none), ("b", b, y - none)):      # linear in each of them
        close(layer.jvp(v, wrt, x=x, W=W, b=b), moved)


@each_geometry
def test_patches_by_strides_are_those_by_the_list_of_places(how):
    """The explicit matrix is made from the list; numbers, also of more axes, and SymPy entries go by strides."""
    rng, layer = np.random.default_rng(0), mlp.Convolution(**how)
    x = rng.normal(size=(2, 3, *(4, 5, 6)[-len(layer.kernel):]))
    G = layer.channel(x)
    for J in (G, G.T, G.T.T):
        X = rng.normal(size=(2, 3, J.shape[1]))
        assert np.allclose(J.right(X), X @ J.dense().T, rtol=0, atol=1e-14)
        assert np.allclose(J.left(X.swapaxes(1, 2)), J.dense() @ X.swapaxes(1, 2), rtol=0, atol=1e-14)
        assert np.allclose(J.push(X[0, 0]), J.dense() @ X[0, 0], rtol=0, atol=1e-14)
        exact = np.array(sp.symbols(f"x:{J.shape[1]}"))
        assert (J @ exact == J.dense().astype(int) @ exact).all()


WIDER = [*GEOMETRIES, {"kernel": (3, 3), "padding": 1}, {"kernel": (3, 3), "padding": 2, "dilation": (1, 2)},
         {"kernel": (1, 2), "padding": (3, 4)}, {"kernel": (2, 2, 2), "padding": (1, 0, 1)},
         {"kernel": (4, 5), "padding": 5}, {"kernel": (2, 5, 6), "padding": (0, 3, 4)}]


@pytest.mark.parametrize("samples", [2, 7])
@pytest.mark.parametrize("how", WIDER, ids=str)
def test_what_is_pulled_back_at_once_is_the_transposed_jacobian(how, samples, monkeypatch):
    """Also where few samples are taken at a time, the last ones fewer; and windows lie inside their array."""
    monkeypatch.setattr(mlp.runs, "SHORT", 3)
    monkeypatch.setattr(mlp.runs, "COLUMNS", 100)
    rng, layer = np.random.default_rng(0), mlp.Convolution(**how)
    x = rng.normal(size=(samples, 3, *(4, 5, 6)[-len(layer.kernel):]))
    arrays = {"x": x, "W": rng.normal(size=(4, 3, *layer.kernel)), "b": rng.normal(size=4)}
    g = rng.normal(size=layer.forward(**arrays).shape)
    for wrt in arrays:
        J = layer.jacobian(wrt, **arrays)
        assert np.allclose(layer.vjp(g, wrt, **arrays).reshape(-1), J.dense().T @ g.reshape(-1), rtol=0, atol=1e-12)
        assert np.allclose(layer.jvp(arrays[wrt], wrt, **arrays).reshape(-1), J.dense() @ arrays[wrt].reshape(-1),
                           rtol=0, atol=1e-12)
    for strips in (layer.strips(x, arrays["W"]), layer.back(x, arrays["W"])):
        for part in strips.parts if strips else ():
            (first, end), (low, high) = (np.lib.array_utils.byte_bounds(a) for a in (part.seen, strips.middle.base))
            assert low <= first
            assert end <= high


@each_geometry
def test_pooling_is_its_definition(how):
    rng = np.random.default_rng(0)
    largest, average = mlp.MaxPool(**how), mlp.AveragePool(**how)
    real = mlp.AveragePool(**how, counted=False)
    x = rng.normal(size=(2, 3, *(4, 5, 6)[-len(largest.kernel):]))
    many, found = entries(largest, x)
    for window, seen in found.items():
        there, place = [part for part in seen.values() if part is not None], (slice(None), slice(None), *window)
        for layer, expected in ((largest, np.max(there, axis=0)), (average, np.sum(there, axis=0) / len(seen)),
                                (real, np.mean(there, axis=0))):
            y = layer.forward(x=x)
            assert y.shape == (2, 3, *many)
            close(y[place], expected)


def test_a_convolution_by_hand():
    """(1, 2, 4) with the kernel (1, −1) in windows of two: −1, −2; by x each window adds its kernel where it lies."""
    layer, x, W = mlp.Convolution((2,)), np.array([[[1.0, 2.0, 4.0]]]), np.array([[[1.0, -1.0]]])
    assert layer.forward(x=x, W=W, b=[10.0]).tolist() == [[[9.0, 8.0]]]
    assert layer.jacobian("x", x=x, W=W, b=[10.0]).dense().tolist() == [[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]
    assert layer.jacobian("W", x=x, W=W, b=[10.0]).dense().tolist() == [[1.0, 2.0], [2.0, 4.0]]
    assert layer.jacobian("b", x=x, W=W, b=[10.0]).dense().tolist() == [[1.0], [1.0]]


def test_a_kernel_of_one_is_an_affine_layer_at_each_place():
    rng = np.random.default_rng(0)
    x, W, b = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(6, 3)), rng.normal(size=6)
    y = mlp.Convolution((1, 1)).forward(x=x, W=W[:, :, None, None], b=b)
    rows = mlp.Affine().forward(x=np.moveaxis(x, 1, -1).reshape(-1, 3), W=W, b=b)
    close(np.moveaxis(y, 1, -1).reshape(-1, 6), rows)


@each_precision
def test_of_equal_entries_the_first_is_taken(precision):
    x = np.array([[[2.0, 5.0, 5.0, 5.0, 1.0]]], precision)
    layer = mlp.MaxPool((3,), stride=1)
    assert layer.vjp(np.ones((1, 1, 3), precision), "x", x=x).tolist() == [[[0.0, 2.0, 1.0, 0.0, 0.0]]]
    zeros = mlp.MaxPool((2, 2)).vjp(np.ones((1, 1, 1, 1)), "x", x=np.zeros((1, 1, 2, 2)))
    assert zeros.tolist() == [[[[1.0, 0.0], [0.0, 0.0]]]]


def test_what_is_no_number_in_a_window_is_its_largest_entry_in_a_plan_too():
    """A loss that overflowed is NaN, and is seen; the step back has a place for each window still."""
    layers = mlp.Convolution((1,)), mlp.MaxPool((2,)), mlp.Flatten(1)
    network = mlp.Network(layers, mlp.HalfSquaredError(), ((1, 4), 1))
    plan = mlp.Plan(network, [{"W": np.full((1, 1, 1), np.nan), "b": np.zeros(1)}, {}, {}])
    assert np.isnan(plan.step(np.ones((3, 1, 4)), np.ones((3, 2)), 0.1))


def test_padding_is_below_every_entry_of_a_max_pool():
    x = np.full((1, 1, 3), -1e3)
    assert mlp.MaxPool((2,), padding=1).forward(x=x).tolist() == [[[-1e3, -1e3]]]


# ---- digits, sizes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [mlp.Convolution((2,), padding=1), mlp.MaxPool((2,), stride=1),
                                   mlp.AveragePool((2,), padding=1, counted=False)], ids=str)
@extreme
@each_precision
def test_values_and_jacobians_keep_their_digits_whatever_the_entries_are(layer, draw, precision):
    beside_digits(layer, draw, precision, ["x"], {"N": 1, "c": 2, "o": 3, "w": 4})


@pytest.mark.parametrize("layer", [mlp.Convolution((3, 3), padding=1), mlp.MaxPool((2, 2)), mlp.AveragePool((2, 2))],
                         ids=str)
def test_large_images_need_no_explicit_jacobian(layer):
    """By x it would have 10¹⁰ entries and more."""
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=[{"N": 16, "c": 8, "h": 32, "w": 32, "o": 16, "p": 3, "q": 3}[n] for n in letters])
              for name, letters in layer.arguments.items()}
    y = layer.forward(**arrays)
    for wrt in layer.variables:
        v, g = rng.normal(size=arrays[wrt].shape), rng.normal(size=y.shape)
        forth, back = layer.jvp(v, wrt, **arrays), layer.vjp(g, wrt, **arrays)
        assert np.vdot(g, forth) == pytest.approx(np.vdot(back, v), rel=1e-9)


# ---- beside torch --------------------------------------------------------------------------------------------------


def torch_function(name, axes):
    return getattr(pytest.importorskip("torch").nn.functional, f"{name}{axes}d")


@each_geometry
@each_precision
def test_convolution_is_that_of_torch(how, precision):
    layer = mlp.Convolution(**how)

    def reference(x, W, b):
        return torch_function("conv", len(layer.kernel))(x, W, b, layer.stride, layer.padding, layer.dilation)

    beside_torch(layer, reference, precision, sizes=SPACE)


@each_geometry
@pytest.mark.parametrize("ties", [False, True])
@each_precision
def test_max_pooling_is_that_of_torch_with_ties(how, ties, precision):
    layer = mlp.MaxPool(**how)
    if any(2 * p > k for p, k in zip(layer.padding, layer.kernel, strict=True)):
        layer = mlp.MaxPool(layer.kernel, layer.stride, 0, layer.dilation)

    def reference(x):
        return torch_function("max_pool", len(layer.kernel))(x, layer.kernel, layer.stride, layer.padding,
                                                             layer.dilation)

    x = np.random.default_rng(0).integers(-1, 2, (2, 3, *(4, 5, 6)[-len(layer.kernel):])).astype(precision)
    beside_torch(layer, reference, precision, sizes=SPACE, **{"x": x} if ties else {})


@each_geometry
@pytest.mark.parametrize("counted", [False, True])
@each_precision
def test_average_pooling_is_that_of_torch(how, counted, precision):
    kernel = how["kernel"]
    padding = tuple(min(k // 2, 1) for k in kernel)
    layer = mlp.AveragePool(kernel, how.get("stride"), padding, counted=counted)

    def reference(x):
        return torch_function("avg_pool", len(kernel))(x, kernel, layer.stride, padding, False, counted)

    beside_torch(layer, reference, precision, sizes=SPACE)


# ---- what people get wrong -----------------------------------------------------------------------------------------

X, W = np.ones((2, 3, 4, 5)), np.ones((4, 3, 2, 2))
FAULTS = [
    (lambda: mlp.Convolution((2, 2)).forward(x=X, W=W[:, :2], b=np.ones(4)), r"\(o, 3, p, q\) is expected"),
    (lambda: mlp.Convolution((2, 2)).forward(x=X, W=W[..., :1], b=np.ones(4)), r"\(4, 3, 2, 2\) is expected"),
    (lambda: mlp.Convolution((2, 2)).forward(x=X[0], W=W, b=np.ones(4)), r"\(N, c, h, w\) is expected"),
    (lambda: mlp.Convolution((2, 2)).forward(x=X, W=W, b=np.ones(3)), r"b has shape \(3,\), but \(4,\) is expected"),
    (lambda: mlp.Convolution((2, 2), padding=1, dilation=6).forward(x=X, W=W, b=np.ones(4)),
     "h = 4 and 6 with the padding, but a window spans 7"),
    (lambda: mlp.MaxPool((5, 2)).forward(x=X), "h = 4 and 4 with the padding, but a window spans 5"),
    (lambda: mlp.MaxPool((2, 2), padding=2).forward(x=X), "lies in the padding alone"),
    (lambda: mlp.AveragePool((2, 2), padding=2, counted=False).forward(x=X), "lies in the padding alone"),
    (lambda: mlp.Convolution(3), r"a kernel has a whole number for each axis, \(3,\) or \(3, 3\), not 3"),
    (lambda: mlp.Convolution((3, 0)), "the kernel must be a whole number, at least 1"),
    (lambda: mlp.Convolution((3, 3), stride=(1, 1, 1)), "stride must be one whole number or 2"),
    (lambda: mlp.Convolution((3, 3), padding=-1), "the padding must be a whole number, at least 0"),
    (lambda: mlp.Convolution((1, 1, 1, 1)), "at most 3"),
]


@pytest.mark.parametrize(("mistake", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_mistakes_are_named(mistake, words):
    with pytest.raises((jac.ShapeError, jac.InputError), match=words):
        mistake()
