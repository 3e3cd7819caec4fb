"""A layer held beside a function of torch, and beside 60 digits where numbers are extreme, equal or zero."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from mlp.check import DIGITS, RIGHT, example, precise

PRECISIONS = list(RIGHT)


def beside_torch(layer, reference, precision="float64", seed=0, sizes=None, **given):
    """The value, and the vjp by every argument, beside those of torch in float64, of the same arrays."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(seed)
    arrays = {**example(layer, rng, precision, sizes), **given}
    tensors = {name: torch.tensor(array.astype(float), requires_grad=True) if name in layer.variables
               else torch.tensor(array) for name, array in arrays.items()}
    theirs = reference(**tensors)
    y = layer.forward(**arrays)
    g = rng.normal(size=y.shape).astype(precision)
    assert y.dtype == precision
    close(y, theirs.detach().numpy(), precision)
    back = torch.autograd.grad(theirs, [tensors[name] for name in layer.variables], torch.tensor(g.astype(float)))
    for name, gradient in zip(layer.variables, back, strict=True):
        close(layer.vjp(g, name, **arrays), gradient.numpy(), precision)


def close(found, expected, precision="float64", scale=None):
    """Within 1e-11 (float64) or 2e-5 (float32) of the largest entry, or of what `scale` says is large here."""
    expected = np.asarray(expected, dtype=float)
    assert np.shape(found) == expected.shape
    largest = np.abs(expected).max(initial=0) if scale is None else scale
    assert np.abs(found - expected).max(initial=0) <= RIGHT[precision] * largest


EXTREMES = {
    "of very different size": lambda rng, shape: rng.choice([-1e3, 1e3, 1e-3, 1.0], shape),
    "large": lambda rng, shape: 1e3 * rng.normal(size=shape),
    "far from 0": lambda rng, shape: 1e3 + rng.normal(size=shape),
    "small": lambda rng, shape: 1e-8 * rng.normal(size=shape),
    "zero": lambda rng, shape: np.zeros(shape),
    "equal": lambda rng, shape: np.full(shape, 0.1),
    "large and equal": lambda rng, shape: np.full(shape, 1000.1),
    "±1000": lambda rng, shape: np.resize([1e3, -1e3, 1e3], shape),
}
extreme = pytest.mark.parametrize("draw", EXTREMES.values(), ids=EXTREMES)
each_precision = pytest.mark.parametrize("precision", PRECISIONS)


FLOOR = 1e-25       # what central differences in 60 digits resolve to 1e-11


def beside_digits(layer, draw, precision, names, sizes=None, least=0.0):
    """The value and the Jacobians beside 60 digits, the named arguments being extreme.

    `least` says which part of the largest of their entries is as large as a result that should be 0 may be taken for.
    """
    rng = np.random.default_rng(7)
    arrays = example(layer, rng, precision, sizes)
    arrays |= {name: draw(rng, arrays[name].shape).astype(precision) for name in names}
    least = max(FLOOR, least * max(np.abs(arrays[name]).max() for name in names))
    fed, _ = layer.measure({name: array.astype(float) for name, array in arrays.items()})
    exact = {name: np.vectorize(lambda entry: sp.Float(float(entry), DIGITS), otypes=[object])(array)
             for name, array in fed.items()}
    for face, bind in zip(layer.faces("y", layer.forward(**arrays)), layer.bindings(exact), strict=True):
        value = bind.natural(layer.written).astype(float)
        close(face, value, precision, max(np.abs(value).max(), least))
    for wrt in layer.variables:
        J = precise(layer, wrt, fed)
        g, v = (rng.normal(size=n).astype(precision) for n in J.shape)
        for found, expected in (
                (layer.jacobian(wrt, **arrays).dense(), J),
                (layer.vjp(g.reshape(layer.forward(**arrays).shape), wrt, **arrays).reshape(-1), J.T @ g.astype(float)),
                (layer.jvp(v.reshape(fed[wrt].shape), wrt, **arrays).reshape(-1), J @ v.astype(float))):
            close(found, expected, precision, max(np.abs(J).max(), np.abs(expected).max(), least))
