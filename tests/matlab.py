"""The MATLAB-like text, read and evaluated a second time: a tokeniser, precedence climbing, NumPy's complex arrays.

It shares no code with the product. Every value has two axes: a scalar is (1, 1), a column (n, 1), a row (1, n).
`'` transposes without conjugating and every function is analytic where it is smooth, so that a complex step passes
through. Rows of a matrix are samples; vec and reshape go row after row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

Meaning = Callable[[Mapping[str, Any]], Any]
TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\.\*|\./|\.\^|[-+*/^'(),]))")


# ---- operators -----------------------------------------------------------------------------------------------------


def scalar(a: Any) -> bool:
    return a.shape == (1, 1)


def same(a: Any, b: Any) -> None:
    assert scalar(a) or scalar(b) or a.shape == b.shape, f"shapes {a.shape} and {b.shape}"


def times(a: Any, b: Any) -> Any:
    return a * b if scalar(a) or scalar(b) else a @ b


def divide(a: Any, b: Any) -> Any:
    assert scalar(b), f"/ by a shape of {b.shape}"
    return a / b


def raised(a: Any, k: Any) -> Any:
    assert scalar(k), f"^ by a shape of {k.shape}"
    return power(a, k) if scalar(a) else np.linalg.matrix_power(a, int(k.item().real))


def power(a: Any, k: Any) -> Any:
    whole = scalar(k) and k.item() == int(k.item().real)
    return a ** int(k.item().real) if whole else a ** k


def entrywise(f: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def checked(a: Any, b: Any) -> Any:
        same(a, b)
        return f(a, b)
    return checked


# ---- functions -----------------------------------------------------------------------------------------------------


def one(x: Any) -> Any:
    return np.reshape(np.asarray(x, complex), (1, 1))


def number(x: Any) -> int:
    return int(x.item().real)


def squared(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """f, of square matrices only."""
    def checked(x: Any) -> Any:
        assert x.shape[0] == x.shape[1], f"a square matrix was expected, not one of shape {x.shape}"
        return f(x)
    return checked


def sampled(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, of vectors and of matrices whose rows are samples."""
    def checked(z: Any, *rest: Any) -> Any:
        assert not scalar(z), "a vector or a matrix was expected, not a scalar"
        return f(z, *rest)
    return checked


def norm(x: Any) -> Any:
    return one(np.sqrt((x * x).sum()))


trace = squared(lambda x: one(np.trace(x)))


def erf(z: Any) -> Any:
    """2/√π exp(−z²) Σ 2ᵏ z²ᵏ⁺¹ / (2k+1)!!, which has no cancellation."""
    term = total = z
    for k in range(1, 80):
        term = term * 2 * z * z / (2 * k + 1)
        total = total + term
    return 2 / math.sqrt(math.pi) * np.exp(-z * z) * total


def expm(x: Any) -> Any:
    """The power series of x / 64, squared six times."""
    term = total = np.eye(len(x)).astype(complex)
    for k in range(1, 25):
        term = term @ x / (64 * k)
        total = total + term
    return np.linalg.matrix_power(total, 64)


def chol(s: Any) -> Any:
    """The lower triangle L with L Lᵀ = S, column by column."""
    left = np.zeros_like(s)
    for j in range(len(s)):
        rest = s[j:, j] - left[j:, :j] @ left[j, :j]
        left[j:, j] = rest / np.sqrt(rest[0])
    return left


def eig(s: Any) -> Any:
    """The eigenvalues of a symmetric matrix in rising order, by Jacobi's rotations."""
    s, n = s.copy(), len(s)
    for _ in range(40):
        for i in range(n):
            for j in range(i + 1, n):
                if s[i, j] != 0:
                    t = np.arctan(2 * s[i, j] / (s[j, j] - s[i, i])) / 2
                    turn = np.eye(n).astype(complex)
                    turn[i, i] = turn[j, j] = np.cos(t)
                    turn[i, j], turn[j, i] = np.sin(t), -np.sin(t)
                    s = turn.T @ s @ turn
    values = np.diag(s)
    return values[np.argsort(values.real)][:, None]


def logsumexp(z: Any) -> Any:
    """log Σ exp of a vector, or of each row of a matrix."""
    return np.log(np.exp(z).sum(axis=0 if z.shape[1] == 1 else 1, keepdims=True))


def softmax(z: Any) -> Any:
    return np.exp(z - logsumexp(z))


def extreme(pick: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: one(x.reshape(-1)[pick(x.real.reshape(-1))])


def diag(x: Any) -> Any:
    return np.diag(x[:, 0]) if x.shape[1] == 1 else np.diag(x)[:, None]


def shaped(c: Any, *sizes: Any) -> Any:
    """vector(c, n), matrix(c, m, n); without sizes a scalar that spreads over what it stands beside."""
    return c * np.ones([*(number(n) for n in sizes), 1, 1][:2])


def absolute(z: Any) -> Any:
    return z * np.sign(z.real)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp, "log": np.log, "log1p": np.log1p, "expm1": np.expm1, "sqrt": np.sqrt,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan, "asin": np.arcsin, "acos": np.arccos,
    "arcsinh": np.arcsinh, "arccosh": np.arccosh, "arctanh": np.arctanh, "atan": np.arctan, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh,
    "erf": erf, "abs": absolute, "sign": lambda z: np.sign(z.real).astype(complex), "sigmoid": sigmoid,
    "relu": lambda z: z * (z.real > 0), "leaky_relu": lambda z, s=0.01: np.where(z.real > 0, z, s * z),
    "elu": lambda z: np.where(z.real > 0, z, np.expm1(z)), "gelu": lambda z: z / 2 * (1 + erf(z / math.sqrt(2))),
    "silu": lambda z: z * sigmoid(z), "softplus": lambda z: np.log(1 + np.exp(z)),
    "sum": lambda x: one(x.sum()), "mean": lambda x: one(x.mean()),
    "rowsum": lambda x: x.sum(axis=1, keepdims=True), "rowmean": lambda x: x.mean(axis=1, keepdims=True),
    "colsum": lambda x: x.sum(axis=0)[:, None], "colmean": lambda x: x.mean(axis=0)[:, None],
    "tr": trace, "trace": trace, "transpose": np.transpose,
    "det": lambda x: one(np.linalg.det(x)), "logdet": lambda x: one(np.log(absolute(np.linalg.det(x)))),
    "inv": np.linalg.inv, "adj": lambda x: np.linalg.det(x) * np.linalg.inv(x), "solve": np.linalg.solve,
    "diag": diag, "vec": lambda x: x.reshape(-1, 1), "reshape": lambda x, m, n: x.reshape(number(m), number(n)),
    "kron": np.kron, "hadamard": entrywise(np.multiply), "outer": lambda a, b: a @ b.T, "dot": lambda a, b: a.T @ b,
    "norm": norm, "norm2": norm, "normF": norm, "norm1": lambda x: one(absolute(x).sum()),
    "nuclear": lambda x: one(np.sqrt(eig(gram(x))).sum()), "spectral": lambda x: np.sqrt(eig(gram(x))[-1:]),
    "chol": squared(chol), "expm": squared(expm), "eig": squared(eig),
    "logsumexp": sampled(logsumexp), "softmax": sampled(softmax), "log_softmax": sampled(lambda z: z - logsumexp(z)),
    "crossentropy": sampled(lambda z, t: one(-entrywise(np.multiply)(t, z - logsumexp(z)).sum())),
    "max": extreme(np.argmax), "min": extreme(np.argmin),
    "maximum": lambda a, b: np.where(a.real > b.real, a, b), "minimum": lambda a, b: np.where(a.real < b.real, a, b),
    "hstack": lambda *xs: np.hstack(xs), "vstack": lambda *xs: np.vstack(xs),
    "vector": shaped, "matrix": shaped, "eye": lambda n: np.eye(number(n)).astype(complex),
}
BINARY: dict[str, tuple[int, Callable[[Any, Any], Any]]] = {
    "+": (1, entrywise(np.add)), "-": (1, entrywise(np.subtract)), "*": (2, times), "/": (2, divide),
    ".*": (2, entrywise(np.multiply)), "./": (2, entrywise(np.divide)), "^": (4, raised), ".^": (4, entrywise(power)),
}


def gram(x: Any) -> Any:
    """The smaller of Xᵀ X and X Xᵀ, which have the squared singular values."""
    return x.T @ x if x.shape[1] <= x.shape[0] else x @ x.T


# ---- reading -------------------------------------------------------------------------------------------------------


class Reader:
    """Each method reads one level and returns its meaning: a function of the values by name."""

    def __init__(self, text: str) -> None:
        found = list(TOKEN.finditer(text))
        assert "".join(m[0] for m in found) == text.rstrip(), f"not read: {text}"
        self.tokens = [m.group(1, 2, 3) for m in found] + [(None, None, "end")]

    def take(self, *signs: str) -> str | None:
        return self.tokens.pop(0)[2] if self.tokens[0][2] in signs else None

    def binary(self, level: int) -> Meaning:
        left = self.negative()
        while (found := BINARY.get(self.tokens[0][2] or "")) and found[0] >= level:
            self.tokens.pop(0)
            left = self.joined(found[1], left, self.binary(found[0] + 1))
        return left

    @staticmethod
    def joined(f: Callable[..., Any], *parts: Meaning) -> Meaning:
        return lambda at: f(*(part(at) for part in parts))

    def negative(self) -> Meaning:
        """A sign binds as a product does, below powers and transposes."""
        return self.joined(np.negative, self.binary(3)) if self.take("-") else self.postfix()

    def postfix(self) -> Meaning:
        node = self.atom()
        while self.take("'"):
            node = self.joined(np.transpose, node)
        return node

    def atom(self) -> Meaning:
        digits, name, sign = self.tokens.pop(0)
        if digits:
            value = one(float(digits))
            return lambda at: value
        if name and not self.take("("):
            return lambda at: at[name]
        assert name or sign == "(", f"{sign} where a value was expected"
        parts = [self.binary(1)]
        while self.take(","):
            parts.append(self.binary(1))
        assert self.take(")"), "a bracket is not closed"
        return self.joined(FUNCTIONS[name], *parts) if name else parts[0]


@cache
def read(text: str) -> Meaning:
    """The function of values by name that the text means."""
    reader = Reader(text)
    meaning = reader.binary(1)
    assert reader.take("end"), f"read too early to an end: {text}"
    return meaning
