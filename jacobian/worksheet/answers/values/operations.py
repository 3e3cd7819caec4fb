"""What each kind of node does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.values import built, functions
from jacobian.worksheet.answers.values.arithmetic import (
    add,
    caret,
    centre,
    compare,
    power,
    product,
    star,
    subtract,
    times,
)
from jacobian.worksheet.answers.values.functions import entry_by_entry, mapped
from jacobian.worksheet.answers.values.reading import Work
from jacobian.worksheet.answers.values.value import Value, column, scalar


def slope(run: Work, node: Node, x: Value) -> Value:
    """f′(x)."""
    return entry_by_entry(node.data.prime(), x)


OPERATIONS: dict[str, Callable[..., Value]] = {
    "number": lambda run, node: scalar(node.data), "ones": built.ones, "eye": built.eye, "zeros": built.zeros,
    "e": lambda run, node: scalar(np.e), "string": lambda run, node: scalar(0),
    "unknown": lambda run, node: scalar(0),
    "+": add, "-": subtract, "neg": lambda run, node, x: x.of(-x.array), "*": star, "dot": product, "cdot": centre,
    "product": product, "times": times, "/": functions.divide, "over": functions.divide, "^": caret, "power": power,
    "turn": functions.turn,
    "compare": compare, "map": mapped,
    "slope": slope, "sum": functions.reduction(np.sum), "mean": functions.reduction(np.mean), "norm": functions.norm,
    "sumsq": lambda run, node, x: scalar((x.array**2).sum()),
    "half square": lambda run, node, x: scalar((x.array**2).sum() / 2),
    "bars": functions.bars, "adj": functions.adjugate, "softmax": functions.softmax, "diag": functions.diag,
    "inv": functions.inv, "det": functions.of_square(np.linalg.det),
    "logdet": functions.of_square(lambda x: np.log(np.linalg.det(x))), "trace": functions.of_square(np.trace),
    "vec": lambda run, node, x: column(x.array.ravel()), "outer": functions.outer,
    "inner": functions.inner, "kron": functions.kron, "solve": functions.solve,
    "where": functions.where, "maximum": functions.extreme(np.maximum), "minimum": functions.extreme(np.minimum),
    "step": lambda run, node, x, at=None: x.of((x.array > 0).astype(float)),
    "length": lambda run, node, x: scalar(x.array.shape[0] if x.rows else x.array.size),
    "extent": lambda run, node, x: scalar(x.array.shape[node.data]), "size": functions.size_along, "list": built.listed,
    "ones like": lambda run, node, x: x.of(np.ones_like(x.array)), "same": lambda run, node, x, *rest: x,
    "reshape": built.reshape, "einsum": built.einsum, "column": functions.as_column, "row": functions.as_row,
    "lifted": functions.lifted,
}
