"""Assertions for the tests of those who write backward passes by hand; the message of a failure is the report.

>>> import numpy as np
>>> from jacobian.testing import assert_vjp
>>> def test_backward():
...     W, x = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -0.5])
...     assert_vjp(lambda W, x: W @ x, lambda g, W, x: (np.outer(x, g), W.T @ g), (W, x))
>>> test_backward()     # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
jacobian.verify.report.WrongDerivative: The vjp is wrong. 4 of 12 entries are off, most of all ∂y[0]/∂W[0, 1].
Cause: transpose, in the gradient of W: ...
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from jacobian.adapters import check_jax, check_torch
from jacobian.verify import Report, check

__all__ = ["UndecidedWarning", "assert_gradient", "assert_jacobian", "assert_jax", "assert_jvp", "assert_torch",
           "assert_vjp"]
__tracebackhide__ = True        # pytest shows the line of the test, not those here


class UndecidedWarning(UserWarning):
    """A claim can neither be shown right nor wrong: f is too noisy, or not smooth; the message is the report."""


def assert_vjp(f: Callable[..., Any], vjp: Callable[..., Any], x: Any, **options: Any) -> Report:
    """vjp(g, *x) = Jᵀ g, J = ∂f(x)/∂x; x is an array or a tuple of arrays, one gradient is returned for each.

    `options` are `sample` and `spec` of `jacobian.check`. Returns the report; warns where it is undecided.
    Raises WrongDerivative, an AssertionError, where it is wrong, and InputError where nothing can be compared.
    """
    return _asserted(check(f, x, vjp=vjp, **options))


def assert_jvp(f: Callable[..., Any], jvp: Callable[..., Any], x: Any, **options: Any) -> Report:
    """jvp(v, *x) = J v for a tangent v, a tuple of tangents where x is a tuple; otherwise as `assert_vjp`."""
    return _asserted(check(f, x, jvp=jvp, **options))


def assert_jacobian(f: Callable[..., Any], jacobian: Any, x: Any, **options: Any) -> Report:
    """jacobian = ∂f(x)/∂x, of shape f(x).shape + x.shape, or a function of x that gives it; as `assert_vjp`."""
    return _asserted(check(f, x, jacobian=jacobian, **options))


def assert_gradient(f: Callable[..., Any], gradient: Any, x: Any, **options: Any) -> Report:
    """gradient = ∂f(x)/∂x of a scalar f, in the shape of x, or a function of x that gives it; as `assert_vjp`."""
    return _asserted(check(f, x, gradient=gradient, **options))


def assert_torch(f: Any, *inputs: Any, **options: Any) -> Report:
    """C = ∂f(*inputs)/∂x, C the backward pass of a torch.autograd.Function or a module; as `assert_vjp`.

    `options` are `sample`, `spec` and `seed` of `jacobian.check_torch`. MissingExtra without torch.
    """
    return _asserted(check_torch(f, *inputs, **options))


def assert_jax(f: Any, *inputs: Any, **options: Any) -> Report:
    """C = ∂f(*inputs)/∂x, C by the rule of a jax.custom_vjp or custom_jvp function; as `assert_vjp`.

    `options` are `sample` and `spec` of `jacobian.check_jax`. MissingExtra without JAX.
    """
    return _asserted(check_jax(f, *inputs, **options))


def _asserted(report: Report) -> Report:
    report.raise_if_wrong()
    if report.verdict == "undecided":
        warnings.warn(report.text(), UndecidedWarning, stacklevel=3)
    return report
