"""Expressions and derivatives as NumPy source. Each operation has a row, in force once it is imported here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from keyword import iskeyword
from typing import Any

import numpy as np

from jacobian.algebra import Jacobian
from jacobian.errors import InputError
from jacobian.printing.numpy import arrays, elementwise, products, sums
from jacobian.printing.numpy.einsum import derivative
from jacobian.printing.numpy.program import function
from jacobian.symbolic.elementwise import Function
from jacobian.symbolic.evaluate import Binding, by_name, by_size
from jacobian.symbolic.expr import Expr, leaves, sizes_of, walk
from jacobian.symbolic.leaves import NAMED, expression

__all__ = ["arrays", "compiled", "elementwise", "products", "source", "source_of", "sums"]

LONG = 60       # parts of a formula


def source(f: Any, name: str = "f") -> str:
    """The text of a Python function of keyword arrays, by the names of the symbols, that computes the expression."""
    f = expression(f)
    return function(_identifier(name), [f], [lambda p: p.full(f)], f"{name} = {_said(f)}")[0]


def source_of(goal: Expr, jacobians: Mapping[Expr, Jacobian], name: str) -> tuple[str, dict[str, Any]]:
    """That of ∂goal/∂x for each x, of shape goal.shape + x.shape; and what each argument of the function stands for."""
    called, inner = goal.label or "f", goal.args[0] if goal.operation is NAMED else goal
    results = [lambda p, x=x, J=J: derivative(p, J, goal.shape, x) for x, J in jacobians.items()]
    title = ", ".join(f"∂{called}/∂{x}" for x in jacobians)
    title += f" of {called} = {_said(inner)}" if inner.args else ""
    return function(_identifier(name), [goal, *jacobians], results, title)


def _said(f: Expr) -> str:
    """The formula, unless it is too long for a line."""
    return str(f) if len(walk(f)) < LONG else f"an expression in {', '.join(str(x) for x in leaves(f))}"


def _identifier(name: str) -> str:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        raise InputError(f"a Python function is called by a name such as 'f', but {name!r} was given")
    return name


def compiled(text: str, arguments: Mapping[str, Any], name: str, *roots: Expr) -> Callable[..., Any]:
    """The function of a source, which says in words what is missing or does not fit; integers are taken as floats."""
    space: dict[str, Any] = {}
    exec(compile(text, f"<{name}>", "exec"), space)
    names = {str(n) for n in sizes_of(*roots)} - {str(x.label) for x in leaves(*roots)}

    def call(sizes: Mapping[str, int] | None = None, /, **values: Any) -> Any:
        known = dict(by_size(sizes)) | {key: values.pop(key) for key in names & values.keys()}
        functions = {word: _callable(word, key, values) for word, key in arguments.items() if isinstance(key, Function)}
        bind = Binding(by_name(values, *roots), known)
        arrays = {word: bind.natural(key) if isinstance(key, Expr) else bind.size(key)
                  for word, key in arguments.items() if word not in functions}
        with np.errstate(all="ignore"):
            found = space[name](**arrays, **functions)
        return tuple(map(np.array, found)) if isinstance(found, tuple) else np.array(found)

    call.__name__, call.__doc__ = name, space[name].__doc__
    return call


def _callable(word: str, f: Function, values: dict[str, Any]) -> Callable[[Any], Any]:
    """The function that was given for an abstract one. Raises InputError where none was."""
    given = values.pop(word, None)
    if not callable(given):
        raise InputError(f"{f.name} is an abstract function: give {word}=, a function of an array, entry by entry")
    return given
