"""What NumPy itself makes of a tree, with vectors of one axis or as columns (which is what MATLAB has): an oracle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jacobian.symbolic.elementwise import standing_in
from jacobian.worksheet.answers.node import Node


def value(node: Node, names: Mapping[str, Any]) -> Any:
    """The array. Raises ValueError where NumPy does not take the shapes."""
    args = [value(arg, names) for arg in node.args]
    match node.kind:
        case "number":
            return float(node.data)
        case "name":
            return names[node.data]
        case "ones":
            return np.ones([int(n) for n in args])
        case "eye":
            return np.eye(int(args[0]))
        case "map" | "slope":
            f = node.data.prime() if node.kind == "slope" else node.data
            with standing_in():
                return f.value(np.asarray(args[0], float))
        case "sum" | "mean":
            return getattr(np, node.kind)(args[0], axis=node.data)
        case "diag":
            return np.diag(np.squeeze(args[0]) if 1 in np.shape(args[0]) else args[0])
        case "turn":
            return np.transpose(args[0])
        case "compare":
            return (args[0] > args[1] if ">" in node.data else args[0] < args[1]) * 1.0
        case "norm" | "inv" | "det":
            return getattr(np.linalg, node.kind)(args[0])
        case "softmax":
            e = np.exp(args[0])
            return e / e.sum(axis=-1 if e.ndim == 2 and 1 not in e.shape else None, keepdims=True)
        case "sumsq":
            return np.sum(args[0] ** 2)
        case "trace":
            return np.trace(args[0])
        case "vec":
            return np.ravel(args[0])
        case "neg":
            return -args[0]
    a, b = args
    build = {"product": lambda: a @ b, "times": lambda: a * b, "+": lambda: a + b, "-": lambda: a - b,
             "/": lambda: a / b, "power": lambda: a**b, "^": lambda: a**b}
    return build[node.kind]()


def is_right(node: Node, names: Mapping[str, Any], right: Any) -> bool:
    """Whether NumPy gives the right array; one of size-1 axes more or less passes, a row for a column does not."""
    try:
        with np.errstate(all="ignore"):
            made = np.asarray(value(node, names), float)
    except (ValueError, np.linalg.LinAlgError):
        return False
    shape = np.shape(right)
    same = made.shape == shape or made.size == 1 == np.size(right) or (made.ndim == 1 and made.shape == shape[:1]
                                                                       and shape[1:] in ((), (1,)))
    return same and bool(np.allclose(made.reshape(shape), right, rtol=1e-9, atol=1e-9))
