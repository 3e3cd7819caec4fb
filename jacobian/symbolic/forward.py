"""The change of an expression, from the changes of its variables: df = J dx, from the arguments to the result.

No Jacobian is written out: each operation pushes the changes of its arguments through its local one.
Source: Magnus and Neudecker (2019), chapter 5 (Cauchy's rule of invariance: the differential of f(g(x)) is that of f at
the differential of g).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jacobian.errors import InputError, ShapeError
from jacobian.symbolic.arrays import shaped
from jacobian.symbolic.assumptions import projection
from jacobian.symbolic.differentiate import known, spoken_by_name
from jacobian.symbolic.expr import Expr, make, walk
from jacobian.symbolic.leaves import NAMED, expression, name, zeros
from jacobian.symbolic.operations import BUILD, add, orient
from jacobian.symbolic.simplify import simplify


@dataclass(frozen=True)
class Push:
    """d node = result, by the local Jacobians of the node on the changes `given`, (number of the argument, its d)."""

    node: Expr
    given: tuple[tuple[int, Expr], ...]
    result: Expr


def forward(
    f: Expr, changes: Mapping[Expr, Expr], rename: Callable[[Expr], str | None] = lambda node: None,
) -> tuple[dict[Expr, Expr], list[Push]]:
    """What each node of f changes by where the variables change so, and the record of how that came.

    `rename(node)` is the name, if any, under which the change of a named result is spoken of from then on.
    """
    spoken = spoken_by_name(f, changes)
    record: list[Push] = []
    found = dict(changes)
    for node in walk(f):
        given = tuple((k, found[arg]) for k, arg in enumerate(node.args) if arg in found)
        if node in found or not given:
            continue
        d = pushed(node, given, spoken)
        record.append(Push(node, given, d))
        label = rename(node) if node.operation is NAMED and node is not f else None
        found[node] = name(label, d) if label else d
    return found, record


def pushed(node: Expr, given: tuple[tuple[int, Expr], ...], spoken: Callable[[Any], Any] = lambda x: x) -> Expr:
    """d node: of what is linear the operation itself, of the changes; else the local Jacobians times the changes."""
    if node.operation.linear == "together":
        args = dict(given)
        return _again(node, [args.get(k, zeros(*arg.axes)) for k, arg in enumerate(node.args)])
    terms = (_replaced(node, k, d) if node.operation.linear else
             shaped(node.operation.jacobian(node, k).map(spoken).push(d), node.axes) for k, d in given)
    return add(*terms)


def _replaced(node: Expr, k: int, d: Expr) -> Expr:
    return _again(node, [*node.args[:k], d, *node.args[k + 1:]])


def _again(node: Expr, args: list[Expr]) -> Expr:
    """The operation of the node, of other arguments; a name is that of the node alone."""
    if node.operation is NAMED:
        return args[0]
    build = BUILD.get(node.operation.name)
    return build(*args) if build else make(node.operation, args, node.data, node.axes)


def along(f: Any, x: Any, v: Any, convention: str = "projection") -> Expr:
    """∂f/∂x v, the derivative of f along v, in the shape of f: how f changes where x moves in the direction v.

    It never forms ∂f/∂x: of a gradient g it is the product of the Hessian with v. A symmetric x moves by the symmetric
    part of v. Raises ShapeError where v has not the shape of x, and what `differentiate` raises.
    """
    f, v = expression(f), expression(v)
    if not isinstance(x, Expr):
        raise InputError(f"a derivative is taken by a symbol such as jac.symbols('x: n')[0], but {x!r} was given")
    known(f, (x,))
    v = orient(v, x.axes)
    if v.axes != x.axes:
        raise ShapeError(f"a direction of {x} has its shape {x.shape}, but {v} has shape {v.shape}")
    found, _ = forward(f, {x: shaped(projection(x, convention).push(v), x.axes)})
    return simplify(found.get(f, zeros(*f.axes)))
