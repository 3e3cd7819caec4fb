"""The value of a formula that was read, as an array with two axes: NumPy alone, real or complex."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jacobian.symbolic.elementwise import TABLE
from jacobian.worksheet.proofread.node import Node, Unread

STEP = 1e-30
SINGULAR = 1e10                  # condition of a matrix that has no inverse but by rounding
COLUMNS = "vec by columns"       # what vec is called where a page reads matrices column after column
Array = Any
Evaluate = Callable[[Node], Array]


def _soft(z: Array) -> Array:
    """Of a column, else of each row."""
    axis = 0 if z.shape[1] == 1 else 1
    e = np.exp(z - z.real.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _log_sum(z: Array) -> Array:
    axis = 0 if z.shape[1] == 1 else 1
    top = z.real.max(axis=axis, keepdims=True)
    return top + np.log(np.exp(z - top).sum(axis=axis, keepdims=True))


def _square(x: Array) -> Array:
    if x.shape[0] != x.shape[1]:
        raise Unread(f"a square matrix is needed, but it has the shape {shape(x)}")
    return x


def _singular(x: Array) -> bool:
    """Whether nothing is left of the determinant but rounding."""
    return bool(np.linalg.cond(_square(x)) > SINGULAR)


def _log_det(x: Array) -> Array:
    found = np.linalg.det(_square(x))
    return np.log(found) if found.real > 0 and not _singular(x) else np.full((), np.nan)


def _inverse(node: Node, x: Array) -> Array:
    return np.full(x.shape, np.nan) if _singular(x) else np.linalg.inv(x)


def _rectified(slope: float) -> Callable[[Array], Array]:
    return lambda z: np.where(z.real > 0, z, slope * z)


SCALARS: dict[str, Callable[..., Any]] = {
    "CE": lambda z, t: (t * _log_sum(z)).sum() - (t * z).sum(), "tr": lambda x: np.trace(_square(x)),
    "det": lambda x: np.linalg.det(_square(x)), "log det": _log_det,
}
EACH: dict[str, Callable[[Array], Array]] = {
    "σ": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos,
    "√": np.sqrt, "sqrt": np.sqrt, "ReLU": _rectified(0.0), "LReLU": _rectified(0.01),
    "sign": lambda z: np.sign(z.real) + 0 * z,
    "abs": lambda z: np.where(z.real < 0, -z, z), "|": lambda z: np.where(z.real < 0, -z, z),
}
ARRAYS: dict[str, Callable[..., Array]] = {
    "softmax": _soft, "logsumexp": _log_sum, "vec": lambda x: x.reshape(-1, 1),
    COLUMNS: lambda x: x.T.reshape(-1, 1),
    "max": lambda a, b: np.where(a.real >= b.real, a, b), "min": lambda a, b: np.where(a.real <= b.real, a, b),
    "diag": lambda x: np.diag(x.reshape(-1)), "diagonal": lambda x: np.diagonal(_square(x))[:, None],
    "adj": lambda x: np.linalg.det(x) * np.linalg.inv(x),
}


def shape(x: Array) -> str:
    return " × ".join(map(str, np.shape(x)))


def call(name: str, args: list[Array]) -> Array:
    """A function by the name under which it is printed; f′ by the complex step of f. Raises Unread."""
    if name.endswith("′"):
        return function(name[:-1])(args[0] + 1j * STEP).imag / STEP
    if name in SCALARS:
        return np.asarray(SCALARS[name](*args)).reshape(1, 1)
    return ARRAYS[name](*args) if name in ARRAYS else function(name)(args[0])


def function(name: str) -> Callable[[Array], Array]:
    """A function of each entry."""
    if name.startswith("LReLU/"):
        return _rectified(1 / float(name.partition("/")[2]))
    if name not in EACH and name not in TABLE:
        raise Unread(f"the function {name} is not known here")
    return EACH[name] if name in EACH else TABLE[name].value


def product(factors: list[Array]) -> Array:
    """The product of matrices and numbers in their order, wherever brackets stand."""
    found = factors[0]
    for factor in factors[1:]:
        if 1 in (found.size, factor.size):
            found = found * factor
        elif found.shape[1] == factor.shape[0]:
            found = found @ factor
        else:
            raise Unread(f"{shape(found)} and {shape(factor)} have no product")
    return found


def _alike(a: Array, b: Array) -> None:
    if a.shape != b.shape:
        raise Unread(f"{shape(a)} and {shape(b)} do not fit")


def _each(combine: Callable[[Array, Array], Array]) -> Callable[[Node, Array, Array], Array]:
    def apply(node: Node, a: Array, b: Array) -> Array:
        _alike(a, b)
        return combine(a, b)

    return apply


def _power(node: Node, x: Array, k: Array) -> Array:
    if x.size > 1:
        return np.linalg.matrix_power(_square(x), int(k.real.item()))
    return x ** k.real.item()


def _commutation(m: Array, n: Array) -> Array:
    """K vec(A) = vec(Aᵀ) of an m × n matrix that is read row after row."""
    m, n = int(m.real.item()), int(n.real.item())
    return np.eye(m * n)[np.arange(m * n).reshape(m, n).T.reshape(-1)]


def _literal(node: Node) -> float:
    return float(node.data[0])


# A row for each kind of node, given the values of its operands.
ROWS: dict[str, Callable[..., Array]] = {
    "number": lambda node: np.full((1, 1), _literal(node)),
    "+": _each(lambda a, b: a + b), "∘": _each(lambda a, b: a * b),
    "−": lambda node, x: -x, "1/": lambda node, x: 1 / x, "⊗": lambda node, a, b: np.kron(a, b),
    "product": lambda node, *xs: product(list(xs)), "T": lambda node, x: x.T,
    "inverse": _inverse, "^": _power,
    "each^": lambda node, x, k: x ** k.real.item(),
    "norm": lambda node, x: np.sqrt((x * x).sum()).reshape(1, 1),
    "norm1": lambda node, x: EACH["abs"](x).sum().reshape(1, 1),
    "mask": lambda node, a, b: (a.real > b.real).astype(float),
    "call": lambda node, *xs: call(node.data, list(xs)),
    "grid": lambda node, *xs: np.block([list(xs[k:k + len(xs) // node.data])
                                        for k in range(0, len(xs), len(xs) // node.data)]),
    "rows": lambda node, x, first, last: x[int(first.real.item()) - 1:int(last.real.item())],
    "mat": lambda node, x, m, n: x.reshape(int(m.real.item()), int(n.real.item())),
    "ones": lambda node, *ns: np.ones([int(n.real.item()) for n in ns] + [1] * (2 - len(ns))),
    "zeros": lambda node, *ns: np.zeros([int(n.real.item()) for n in ns] + [1] * (2 - len(ns))),
    "K": lambda node, m, n: _commutation(m, n), "K by columns": lambda node, m, n: _commutation(n, m),
    "eye": lambda node, n: np.eye(int(n.real.item())),
}


def evaluate(node: Node, name: Callable[[Node], Array], over: Mapping[Node, Array]) -> Array:
    """The value, where `name` gives those of names, derivatives and changes; `over` says some parts. Raises Unread."""
    if node in over:
        return over[node]
    if node.kind in ("name", "∂", "path", "Δ"):
        return name(node)
    if node.kind == "blank":
        raise Unread("a blank has no value")
    if node.kind == "shaped":
        found = evaluate(node.args[0], name, over)
        wanted = [int(evaluate(n, name, {}).real.item()) for n in node.data]
        if found.shape != tuple([*wanted, 1][:2]):
            raise Unread(f"it has the shape {shape(found)}, but {' × '.join(map(str, wanted))} stands there")
        return found
    if node.kind == "product" and over:
        return product([value for part in runs(node, over) for value in [
            over[part] if part in over else evaluate(part, name, over)]])
    if node.kind not in ROWS:
        raise Unread(f"{node.kind} cannot be computed")
    args = [evaluate(arg, name, over) for arg in node.args]
    try:
        with np.errstate(all="ignore"):
            return ROWS[node.kind](node, *args)
    except Unread:
        raise
    except (ValueError, TypeError) as error:
        raise Unread(f"it cannot be computed: {error}") from error


def runs(node: Node, targets: Any) -> list[Node]:
    """The factors of a product, those together that are one of the targets: A x of 2 A x."""
    factors, found = list(node.args), []
    while factors:
        for target in targets:
            width = len(target.args)
            if target.kind == "product" and tuple(factors[:width]) == target.args:
                found.append(target)
                factors = factors[width:]
                break
        else:
            found.append(factors.pop(0))
    return found
