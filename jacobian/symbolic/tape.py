"""An expression at given values, node by node: the value of each, and its local Jacobians as matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from jacobian.symbolic.evaluate import Binding, by_name
from jacobian.symbolic.expr import Expr, walk


@dataclass(frozen=True, eq=False)
class Node:
    """y = operation(args): `label` is how y is written, `name` that of a symbol, args are earlier places on the tape.

    locals[k] is ∂y/∂args[k] as a matrix (y.size, args[k].size), numerator layout, arrays flattened row-major;
    apply gives y for other values of the args.
    """

    label: str
    name: str | None
    value: Any
    args: tuple[int, ...]
    locals: tuple[Any, ...]
    apply: Callable[..., Any]
    site: None = None           # there is no line of code
    line: str = ""


def tape(f: Expr, **values: Any) -> list[Node]:
    """Every node of f after its arguments, f last. Raises InputError and ShapeError for values that do not fit.

    Source: Griewank and Walther 2008, Evaluating Derivatives, section 2.2.
    """
    bind = Binding(by_name(values, f))
    nodes = walk(f)
    places = {node: place for place, node in enumerate(nodes)}
    found = []
    for node in nodes:
        locals_ = (node.operation.jacobian(node, k).map(bind, bind.size).dense() for k in range(len(node.args)))
        matrices = tuple(np.asarray(J, dtype=float) for J in locals_)
        value, args = np.asarray(bind.natural(node), float), tuple(places[arg] for arg in node.args)
        found.append(Node(str(node), node.label, value, args, matrices, partial(again, bind, node)))
    return found


def again(bind: Binding, node: Expr, *args: Any) -> Any:
    """The value of a node for other values of its arguments, each in NumPy's shape; real or complex."""
    values = dict(zip(node.args, args, strict=True))
    return bind.moved({arg: value.reshape(bind(arg).shape) for arg, value in values.items()}).natural(node)
