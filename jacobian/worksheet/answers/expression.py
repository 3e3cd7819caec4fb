"""A tree of an answer as an expression, to be written like any other: a row for each kind of node that has one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jacobian.errors import InputError
from jacobian.symbolic.arrays import kron, vec
from jacobian.symbolic.elementwise import power
from jacobian.symbolic.expr import Expr, size
from jacobian.symbolic.leaves import SCALAR, eye, number, ones
from jacobian.symbolic.matrix import det, inverse, logdet, trace
from jacobian.symbolic.operations import diag, diagonal, matmul, rebuild, scale, transpose
from jacobian.symbolic.reductions import (
    column_means,
    column_sums,
    half_square,
    mean,
    norm,
    row_means,
    row_sums,
    square,
    total,
)
from jacobian.symbolic.rows import softmax
from jacobian.worksheet.answers.node import Node


def expression(tree: Node, quantities: Iterable[Expr]) -> Expr | None:
    """The tree in these quantities; None where it has no expression. What has a name among them goes by its name."""
    quantities = list(quantities)
    names = {str(x.label): x for x in quantities}

    def build(node: Node) -> Expr:
        known = node.kind == "name" and node.data in names
        return names[node.data] if known else ROWS[node.kind](node, *map(build, node.args))

    try:
        return rebuild(build(tree), {x.args[0]: x for x in quantities if x.args})
    except (KeyError, InputError):
        return None


def _level(a: Expr, b: Expr) -> Expr:
    """The first term. A number may stand for as many entries, 1 − a; raises InputError of another scalar."""
    if (a.axes == SCALAR) != (b.axes == SCALAR) and not any(x.operation.name == "number" for x in (a, b)):
        raise InputError(f"{a} and {b} have no sum: one of them is a scalar")
    return a


def _product(node: Node, a: Expr, b: Expr) -> Expr:
    return scale(a, b) if a.axes == SCALAR else scale(b, a) if b.axes == SCALAR else matmul(a, b)


def _along(whole: Callable[[Expr], Expr], down: Callable[[Expr], Expr],
           across: Callable[[Expr], Expr]) -> Callable[..., Expr]:
    return lambda node, x: {None: whole, 0: down, 1: across}[node.data](x)


def _ones(node: Node, *sizes: Expr) -> Expr:
    if not sizes:
        raise InputError("it is not said how many ones these are")
    return ones(*(n.data for n in sizes))


def _slope(node: Node, x: Expr) -> Expr:
    return node.data.derivative(x, node.data(x))


ROWS: dict[str, Callable[..., Expr]] = {
    "number": lambda node: number(node.data),
    "ones": _ones, "eye": lambda node, n: eye(n.data),
    "name": lambda node: number(size(node.data)),
    "+": lambda node, a, b: _level(a, b) + b, "-": lambda node, a, b: _level(a, b) - b, "neg": lambda node, x: -x,
    "product": _product, "times": lambda node, a, b: a * b, "/": lambda node, a, b: a / b,
    "power": lambda node, x, k: power(x, k), "^": lambda node, x, k: power(x, k),
    "turn": lambda node, x: transpose(x), "map": lambda node, x: node.data(x), "slope": _slope,
    "sum": _along(total, column_sums, row_sums), "mean": _along(mean, column_means, row_means),
    "norm": lambda node, x: norm(x), "sumsq": lambda node, x: square(x), "half square": lambda node, x: half_square(x),
    "softmax": lambda node, x: softmax(x), "diag": lambda node, x: diag(x) if len(x.shape) == 1 else diagonal(x),
    "inv": lambda node, x: inverse(x), "det": lambda node, x: det(x), "logdet": lambda node, x: logdet(x),
    "trace": lambda node, x: trace(x), "vec": lambda node, x: vec(x), "kron": lambda node, a, b: kron(a, b),
}
