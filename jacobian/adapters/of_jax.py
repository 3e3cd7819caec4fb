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
    call = Call(jax, f, inputs)
    forwards = isinstance(f, jax.custom_jvp)
    with told():
        outputs = tuple(name for name, _ in call.outputs(*call.arrays(call.x)))
    return Problem(call.x, call.names, outputs, call.forward, None if forwards else call.pull,
                   call.push if forwards else None, lambda: call.properties(forwards), call.fixed())


class Call:
    """y = f(*inputs) with places for the leaves of floating-point numbers, run in JAX from NumPy arrays.

    kept    which inputs are passed on as they are: `nondiff_argnums`
    places  which of the other inputs' leaves, flattened, are checked
    x, names    the checked leaves
    """

    def __init__(self, jax: Any, f: Any, inputs: tuple[Any, ...]) -> None:
        tree = jax.tree_util
        self.jax, self.f, self.inputs = jax, f, inputs
        self.kept = {k % max(len(inputs), 1) for k in getattr(f, "nondiff_argnums", ())}
        given = [(name, value) for k, (name, value) in enumerate(zip(names(f, len(inputs)), inputs, strict=True))
                 if k not in self.kept]
        found = [(k, name + tree.keystr(path), leaf) for k, (name, value) in enumerate(given)
                 for path, leaf in tree.tree_flatten_with_path(value)[0]]
        self.structure = tree.tree_structure([value for _, value in given])
        self.leaves = [leaf for _, _, leaf in found]
        self.places = [k for k, leaf in enumerate(self.leaves) if floating(jax, leaf)]
        if not self.places:
            raise InputError("nothing to check: no input has floating-point numbers")
        self.arguments = [found[k][0] for k in self.places]
        self.names = tuple(found[k][1] for k in self.places)
        self.x = tuple(np.array(jax.numpy.asarray(self.leaves[k])) for k in self.places)

    def arrays(self, x: Arrays) -> tuple[Any, ...]:
        """NumPy's arrays as JAX's."""
        return tuple(map(self.jax.numpy.asarray, x))

    def fixed(self) -> tuple[Any, ...]:
        """What is not checked, arrays of JAX as NumPy's."""
        rest = [leaf for k, leaf in enumerate(self.leaves) if k not in self.places]
        return (*(np.asarray(leaf) if isinstance(leaf, self.jax.Array) else leaf for leaf in rest),
                *(value for k, value in enumerate(self.inputs) if k in self.kept))

    def outputs(self, *leaves: Any) -> list[tuple[str, Any]]:
        """f at these leaves: its outputs of floating-point numbers, with their names."""
        tree = self.jax.tree_util
        filling = dict(zip(self.places, leaves, strict=True))
        rest = iter(tree.tree_unflatten(self.structure, [filling.get(k, leaf) for k, leaf in enumerate(self.leaves)]))
        y = self.f(*(value if k in self.kept else next(rest) for k, value in enumerate(self.inputs)))
        found = [("y" + tree.keystr(path), leaf) for path, leaf in tree.tree_flatten_with_path(y)[0]
                 if floating(self.jax, leaf, complex=True)]
        if not found:
            raise InputError("f must return floating-point numbers; it returns none")
        return found

    def values(self, *leaves: Any) -> list[Any]:
        """The outputs without their names, which JAX differentiates."""
        return [y for _, y in self.outputs(*leaves)]

    def forward(self, *x: Any) -> Arrays:
        """The outputs, in double precision where x is in it."""
        with self.jax.enable_x64(True):
            return tuple(map(np.asarray, self.values(*self.arrays(x))))

    def pull(self, share: Share, *x: Any) -> Arrays:
        """The gradients by JAX's vjp."""
        try:
            y, back = self.jax.vjp(self.values, *self.arrays(x))
            g = share(tuple(map(np.asarray, y)))
            cotangents = [self.jax.numpy.asarray(a, b.dtype) for a, b in zip(g, y, strict=True)]
            return tuple(map(np.asarray, back(cotangents)))
        except (TypeError, ValueError) as error:
            raise refusal(error, self.names, tuple(map(np.shape, x)), self.arguments) or error from error

    def push(self, v: Arrays, *x: Any) -> Arrays:
        """The tangents of the outputs by JAX's jvp."""
        given = self.arrays(x)
        tangents = tuple(self.jax.numpy.asarray(a, b.dtype) for a, b in zip(v, given, strict=True))
        try:
            return tuple(map(np.asarray, self.jax.jvp(self.values, given, tangents)[1]))
        except (TypeError, ValueError) as error:
            found = self.outputs(*given)
            raise refusal(error, tuple(name for name, _ in found), tuple(np.shape(y) for _, y in found)) \
                or error from error

    def properties(self, forwards: bool) -> Iterator[Defect]:
        """Whether the rule, a jvp or a vjp, gives the value of f."""
        given = self.arrays(self.x)
        ruled = self.jax.jvp(self.values, given, given)[0] if forwards else self.jax.vjp(self.values, *given)[0]
        wrong = [name for (name, y), value in zip(self.outputs(*given), ruled, strict=True)
                 if differ(np.asarray(y), value, np.max(np.abs(y), initial=0.0))]
        if wrong:
            yield Defect("value of the rule", f"The rule gives another value of {' and '.join(wrong)} than f.",
                         "what the rule returns as the value of f")


def floating(jax: Any, leaf: Any, complex: bool = False) -> bool:
    """Whether a leaf is of real floating-point numbers, or may be complex: an array, or a number."""
    if not isinstance(leaf, jax.Array | np.ndarray | np.generic | float):
        return False
    return bool(jax.numpy.issubdtype(jax.numpy.result_type(leaf), np.inexact if complex else np.floating))
