"""jac.check_jax: the rule of a jax.custom_vjp or jax.custom_jvp function, or what JAX makes of any function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from jacobian.adapters.problem import Problem, Share, differ, examined, refusal, told
from jacobian.errors import InputError, extra
from jacobian.numeric.names import names
from jacobian.verify import Report
from jacobian.verify.faults.calls import Defect
from jacobian.verify.sample import Arrays


def check_jax(f: Any, *inputs: Any, sample: Callable[[int], Any] | None = None, spec: Any = None) -> Report:
    """C = ∂y/∂x? with y = f(*inputs) and C by the rule of f, a custom_vjp or custom_jvp, or by jax.vjp of any function.

    Differences of f itself, in double precision where it takes that, judge the backward pass (the jvp of a custom_jvp)
    in the precision of the inputs. Inputs are pytrees: their leaves of floating-point numbers are checked, by the
    parameter's name and their path; all else, and what nondiff_argnums names, is passed on as it is. Of several outputs
    y is one vector; those that are no floating-point numbers are left out. The value that the rule gives of f must be
    the value of f.

    sample(seed) returns the inputs, several as a tuple, of a further call to look at; spec is that of `jac.check`.

    Raises MissingExtra without JAX, the extra "jax", and InputError where nothing can be compared.
    Source: JAX documentation, Custom derivative rules for JAX-transformable Python functions.

    >>> import jacobian as jac, jax, jax.numpy as jnp
    >>> @jax.custom_vjp
    ... def scaled(params, x):
    ...     return params["w"] * jnp.sin(x)
    >>> def forward(params, x):
    ...     return scaled(params, x), (params, x)
    >>> def backward(kept, g):
    ...     params, x = kept
    ...     return {"w": jnp.sum(g * jnp.sin(x))}, g * params["w"] * jnp.sin(x)
    >>> scaled.defvjp(forward, backward)
    >>> report = jac.check_jax(scaled, {"w": 0.5}, jnp.array([0.3, 1.1, -0.4]))
    >>> report.names, report.wrong
    (("params['w']", 'x'), (1,))
    >>> report.cause.name
    'activation for its derivative'
    """
    jax = extra("jax", "jax", "a check of a derivative rule in JAX")
    return examined(lambda given: problem(jax, f, given), inputs, sample, spec)


def problem(jax: Any, f: Any, inputs: tuple[Any, ...]) -> Problem:
    """f and what JAX says of its derivative."""
    if not callable(f):
        raise InputError(f"f must be a function; it is {type(f).__name__} {f!r:.60}")
    tree = jax.tree_util
    kept = {k % max(len(inputs), 1) for k in getattr(f, "nondiff_argnums", ())}
    entries: list[tuple[str, Any]] = []
    arguments: list[int] = []           # of each entry, those that are passed on not counted
    for k, (name, value) in enumerate(zip(names(f, len(inputs)), inputs, strict=True)):
        if k not in kept:
            entries += [(name + tree.keystr(path), leaf) for path, leaf in tree.tree_flatten_with_path(value)[0]]
            arguments += [k - sum(other < k for other in kept)] * (len(entries) - len(arguments))
    structure = tree.tree_structure([value for k, value in enumerate(inputs) if k not in kept])
    places = [k for k, (_, leaf) in enumerate(entries) if floating(jax, leaf)]
    if not places:
        raise InputError("nothing to check: no input has floating-point numbers")
    called = tuple(entries[k][0] for k in places)
    x = tuple(np.array(jax.numpy.asarray(entries[k][1])) for k in places)

    def outputs(*leaves: Any) -> list[tuple[str, Any]]:
        """f at these leaves: its outputs of floating-point numbers, with their names."""
        filling = dict(zip(places, leaves, strict=True))
        rest = iter(tree.tree_unflatten(structure, [filling.get(k, leaf) for k, (_, leaf) in enumerate(entries)]))
        y = f(*(value if k in kept else next(rest) for k, value in enumerate(inputs)))
        found = [("y" + tree.keystr(path), leaf) for path, leaf in tree.tree_flatten_with_path(y)[0]
                 if floating(jax, leaf, complex=True)]
        if not found:
            raise InputError("f must return floating-point numbers; it returns none")
        return found

    def differentiable(*leaves: Any) -> list[Any]:
        return [y for _, y in outputs(*leaves)]

    def forward(*x: Any) -> Arrays:
        with jax.enable_x64(True):
            return tuple(np.asarray(y) for y in differentiable(*map(jax.numpy.asarray, x)))

    def pull(share: Share, *x: Any) -> Arrays:
        try:
            y, back = jax.vjp(differentiable, *map(jax.numpy.asarray, x))
            g = share(tuple(map(np.asarray, y)))
            return tuple(map(np.asarray, back([jax.numpy.asarray(a, b.dtype) for a, b in zip(g, y, strict=True)])))
        except (TypeError, ValueError) as error:
            at = [arguments[k] for k in places]
            raise refusal(error, called, tuple(np.shape(a) for a in x), at) or error from error

    def push(v: Arrays, *x: Any) -> Arrays:
        given = tuple(map(jax.numpy.asarray, x))
        tangents = tuple(jax.numpy.asarray(a, b.dtype) for a, b in zip(v, given, strict=True))
        try:
            return tuple(map(np.asarray, jax.jvp(differentiable, given, tangents)[1]))
        except (TypeError, ValueError) as error:
            shapes = tuple(np.shape(y) for y in forward(*x))
            raise refusal(error, results, shapes) or error from error

    with told():
        results = tuple(name for name, _ in outputs(*map(jax.numpy.asarray, x)))
    forwards = isinstance(f, jax.custom_jvp)

    def properties() -> Iterator[Defect]:
        given = tuple(map(jax.numpy.asarray, x))
        ruled = jax.jvp(differentiable, given, given)[0] if forwards else jax.vjp(differentiable, *given)[0]
        wrong = [name for (name, y), value in zip(outputs(*given), ruled, strict=True)
                 if differ(np.asarray(y), value, np.max(np.abs(y), initial=0.0))]
        if wrong:
            yield Defect("value of the rule", f"The rule gives another value of {' and '.join(wrong)} than f.",
                         "what the rule returns as the value of f")

    fixed = tuple(np.asarray(leaf) if isinstance(leaf, jax.Array) else leaf
                  for k, (_, leaf) in enumerate(entries) if k not in places)
    fixed += tuple(value for k, value in enumerate(inputs) if k in kept)
    return Problem(x, called, results, forward, None if forwards else pull, push if forwards else None, properties,
                   fixed)


def floating(jax: Any, leaf: Any, complex: bool = False) -> bool:
    """Whether a leaf is of real floating-point numbers, or may be complex: an array, or a number."""
    if not isinstance(leaf, jax.Array | np.ndarray | np.generic | float):
        return False
    return bool(jax.numpy.issubdtype(jax.numpy.result_type(leaf), np.inexact if complex else np.floating))
