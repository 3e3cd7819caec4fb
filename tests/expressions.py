"""Random expressions: a row for each way to make a value of a kind, from values of other kinds.

Where a function has a domain its argument is drawn inside of it: the logarithm is taken of positive numbers, the
inverse of a matrix near the identity. Sizes are letters and 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import jacobian as jac
from jacobian.symbolic import elementwise as each
from jacobian.symbolic.arrays import lift, vec
from jacobian.symbolic.expr import Axes, Expr, leaves
from jacobian.symbolic.operations import SCALAR, hadamard, matmul, transpose

SYMBOLS = jac.symbols(
    "A: m n, B: n m, C: m n, E: m m, F: n n, X: 1 n, Y: m 1, Z: 1 1, S: n n symmetric, P: n n posdef, D: n n diagonal, "
    "L: n n lower, U: n n upper, Q: n n orthogonal, R: m m invertible, T: m n onehot, t: n onehot, a: m, b: m, u: n, "
    "v: n, w: 1, r:, s:, p: n positive, q: positive, c: index, d: m index, k: n constant")
BY_NAME = {x.label: x for x in SYMBOLS}
TARGETS = {x for x in SYMBOLS if not {"onehot", "index", "constant"} & set(x.assumptions)}
m, n = SYMBOLS[0].axes
SIZES = (m, n, 1)


class Draw:
    """Expressions of given axes, from one generator of random numbers; `seen` are the rows that were used."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.seen, self.named = rng, set[str](), 0

    def choice(self, options: Any) -> Any:
        options = list(options)
        return options[self.rng.integers(len(options))]

    def size(self) -> Any:
        return self.choice(SIZES)

    def axes(self) -> Axes:
        return self.choice([SCALAR, (self.size(), None), (None, self.size()), (self.size(), self.size())])

    def __call__(self, axes: Axes, depth: int) -> Expr:
        """An expression of these axes; one in seven gets a name."""
        if depth <= 0:
            return self.leaf(axes)
        entrywise = self.rng.integers(3) == 0
        word = self.choice(word for word, (fits, _) in ROWS.items() if fits(axes) and (word in ENTRYWISE) == entrywise)
        made = ROWS[word][1](self, axes, depth - 1)
        assert made.axes == axes, f"{word} made {made.axes} for {axes}"
        self.seen.add(word)
        if self.rng.integers(7) or not made.args:
            return made
        self.named += 1
        return jac.name(f"{self.choice('zah')}{self.named}", made)

    def leaf(self, axes: Axes) -> Expr:
        fitting = [x for x in SYMBOLS if "index" not in x.assumptions and axes in (x.axes, x.axes[::-1])]
        x = self.choice(fitting or [jac.ones(*axes)])
        return x if x.axes == axes else transpose(x)

    # ---- inside a domain ----

    def small(self, axes: Axes, depth: int) -> Expr:
        """Entries between −0.9 and 0.9."""
        return 0.9 * jac.tanh(self(axes, depth))

    def positive(self, axes: Axes, depth: int) -> Expr:
        x = self.small(axes, depth)
        return self.choice([jac.exp, jac.softplus, lambda y: y * y + 0.5])(x)

    def regular(self, size: Any, depth: int) -> Expr:
        """A matrix with eigenvalues near 1."""
        return jac.eye(size) + self.small((size, size), depth) * 0.2

    def posdef(self, size: Any, depth: int) -> Expr:
        x = self.small((size, size), depth)
        return jac.eye(size) + matmul(transpose(x), x)

    def symmetric(self, size: Any, depth: int) -> Expr:
        x = self.small((size, size), depth)
        return x + transpose(x)


Make = Callable[[Draw, Axes, int], Expr]
ROWS: dict[str, tuple[Callable[[Axes], bool], Make]] = {}


def anything(axes: Axes) -> bool:
    return True


def scalar(axes: Axes) -> bool:
    return axes == SCALAR


def column(axes: Axes) -> bool:
    return axes[1] is None is not axes[0]


def a_row(axes: Axes) -> bool:
    return axes[0] is None is not axes[1]


def vector(axes: Axes) -> bool:
    return column(axes) or a_row(axes)


def matrix(axes: Axes) -> bool:
    return None not in axes


def square(axes: Axes) -> bool:
    return matrix(axes) and axes[0] == axes[1]


def array(axes: Axes) -> bool:
    return axes != SCALAR


def row(word: str, fits: Callable[[Axes], bool], make: Make) -> None:
    assert word not in ROWS
    ROWS[word] = fits, make


# ---- entry by entry ------------------------------------------------------------------------------------------------

_DOMAINS: dict[str, Callable[[Draw, Axes, int], Expr]] = {
    "log": Draw.positive, "log1p": Draw.small, "arcsin": Draw.small, "arccos": Draw.small, "arctanh": Draw.small,
    "arccosh": lambda g, axes, d: g.positive(axes, d) + 1, "tan": Draw.small, "exp": Draw.small, "sinh": Draw.small,
    "cosh": Draw.small, "expm1": Draw.small,
}
for _word, _f in each.TABLE.items():
    _inside = _DOMAINS.get(_word, Draw.__call__)
    row(_word, anything, lambda g, axes, d, f=_f, inside=_inside: f(inside(g, axes, d)))

SWISH = jac.elementwise("swish", each.X * each.sigmoid.form)
row("LReLU", anything, lambda g, axes, d: jac.leaky_relu(g(axes, d), 0.25))
row("swish", anything, lambda g, axes, d: SWISH(g(axes, d)))
row("sqrt", anything, lambda g, axes, d: jac.sqrt(g.positive(axes, d)))
row("a power", anything, lambda g, axes, d: jac.power(g(axes, d), g.choice([2, 3])))
row("a negative power", anything, lambda g, axes, d: jac.power(g.positive(axes, d), g.choice([-1, -2])))
row("a power of a fraction", anything, lambda g, axes, d: jac.power(g.positive(axes, d), g.choice([1.5, -0.5])))
row("power by a scalar", anything, lambda g, axes, d: jac.power(g.positive(axes, d), g.small(SCALAR, d)))
row("power entry by entry", array, lambda g, axes, d: jac.power(g.positive(axes, d), g.small(axes, d)))
row("larger", anything, lambda g, axes, d: jac.larger(g(axes, d), g(axes, d)))
row("smaller", anything, lambda g, axes, d: jac.smaller(g(axes, d), g(axes, d)))

ENTRYWISE = set(ROWS)

# ---- sums and products ---------------------------------------------------------------------------------------------

row("add", anything, lambda g, axes, d: g(axes, d) + g(axes, d))
row("subtract", anything, lambda g, axes, d: g(axes, d) - 2 * g(axes, d))
row("hadamard", anything, lambda g, axes, d: hadamard(g(axes, d), g(axes, d)))
row("divide", anything, lambda g, axes, d: hadamard(g(axes, d), jac.power(g.positive(axes, d), -1)))
row("a multiple", anything, lambda g, axes, d: g.choice([-1, 3, 0.25]) * g(axes, d))
row("scale", array, lambda g, axes, d: g(SCALAR, d) * g(axes, d))
row("by a size", anything, lambda g, axes, d: g(axes, d) / jac.number(n))
row("transpose", array, lambda g, axes, d: transpose(g(axes[::-1], d)))


def _product(g: Draw, axes: Axes, d: int) -> Expr:
    middle = g.size()
    return matmul(g((axes[0], middle), d), g((middle, axes[1]), d))


row("matmul", anything, _product)
row("outer", matrix, lambda g, axes, d: matmul(g((axes[0], None), d), g((None, axes[1]), d)))
row("three factors", anything, lambda g, axes, d: matmul(
    g((axes[0], n), d - 1), g((n, m), d - 1), g((m, axes[1]), d - 1)))
row("lift", lambda axes: matrix(axes) and 1 in axes, lambda g, axes, d: lift(
    g((axes[0], None) if axes[1] == 1 else (None, axes[1]), d), axes))

# ---- numbers from arrays -------------------------------------------------------------------------------------------

for _f in (jac.total, jac.mean, jac.square, jac.half_square, jac.norm1, jac.maximum, jac.minimum):
    row(_f.__name__, scalar, lambda g, axes, d, f=_f: f(g(g.choice([(n, None), (None, m), (m, n)]), d)))
row("norm", scalar, lambda g, axes, d: jac.norm(g.positive(g.choice([(n, None), (None, m), (m, n)]), d)))
row("inner", scalar, lambda g, axes, d: jac.inner(g((n, None), d), g((n, None), d)))
row("inner of matrices", scalar, lambda g, axes, d: jac.inner(g((m, n), d), g((m, n), d)))
row("quadratic", scalar, lambda g, axes, d: jac.quadratic(g((n, None), d), g((n, n), d)))
row("trace", scalar, lambda g, axes, d: jac.trace(g((n, n), d)))
row("det", scalar, lambda g, axes, d: jac.det(g.regular(n, d)))
row("logdet", scalar, lambda g, axes, d: jac.logdet(g.posdef(n, d)))
row("nuclear", scalar, lambda g, axes, d: jac.nuclear_norm(g.regular(n, d)))
row("spectral", scalar, lambda g, axes, d: jac.spectral_norm(
    jac.diag(BY_NAME["p"]) + 0.1 * g.small((n, n), d)))
row("cross-entropy", scalar, lambda g, axes, d: jac.cross_entropy(g((n, None), d), BY_NAME["t"]))
row("cross-entropy of samples", scalar, lambda g, axes, d: jac.cross_entropy(g((m, n), d), BY_NAME["T"]))
row("cross-entropy with weights", scalar, lambda g, axes, d: jac.cross_entropy(g((m, n), d), g((m, n), d)))
row("cross-entropy of a class", scalar, lambda g, axes, d: jac.cross_entropy(g((n, None), d), BY_NAME["c"]))
row("cross-entropy of classes", scalar, lambda g, axes, d: jac.cross_entropy(g((m, n), d), BY_NAME["d"]))
row("kron", scalar, lambda g, axes, d: jac.square(jac.kron(g((m, n), d), g((n, n), d))))
row("kron of vectors", scalar, lambda g, axes, d: jac.total(jac.tanh(jac.kron(g((n, None), d), g((m, None), d)))))
row("vec", scalar, lambda g, axes, d: jac.inner(vec(g((m, n), d)), jac.kron(g((m, None), d), g((n, None), d))))
row("reshape", scalar, lambda g, axes, d: jac.trace(jac.reshape(g((m, n), d), n, m) @ g((m, n), d)))
row("vstack", scalar, lambda g, axes, d: jac.half_square(jac.vstack(g((m, None), d), g((n, None), d), g(SCALAR, d))))
row("vstack of matrices", scalar, lambda g, axes, d: jac.total(jac.tanh(jac.vstack(g((m, n), d), g((n, n), d)))))
row("hstack", scalar, lambda g, axes, d: jac.norm(jac.hstack(g((m, n), d), g((m, None), d), jac.ones(m))))
row("block", scalar, lambda g, axes, d: jac.logdet(jac.block(
    [[g.posdef(n, d), jac.zeros(n, m)], [g((m, n), d), jac.eye(m)]])))
row("log_sum_exp", scalar, lambda g, axes, d: jac.log_sum_exp(g(g.choice([(n, None), (None, m)]), d)))

# ---- vectors and matrices ------------------------------------------------------------------------------------------

row("softmax", array, lambda g, axes, d: jac.softmax(g(axes, d)))
row("log_softmax", array, lambda g, axes, d: jac.log_softmax(g(axes, d)))
row("log_sum_exp of samples", column, lambda g, axes, d: jac.log_sum_exp(g((axes[0], g.size()), d)))
row("row_sums", column, lambda g, axes, d: jac.row_sums(g((axes[0], n), d)))
row("row_means", column, lambda g, axes, d: jac.row_means(g((axes[0], n), d)))
row("column_sums", column, lambda g, axes, d: jac.column_sums(g((m, axes[0]), d)))
row("column_means", column, lambda g, axes, d: jac.column_means(g((m, axes[0]), d)))
row("diagonal", column, lambda g, axes, d: jac.diagonal(g((axes[0], axes[0]), d)))
row("solve", column, lambda g, axes, d: jac.solve(g.regular(axes[0], d), g(axes, d)))
row("eigenvalues", column, lambda g, axes, d: jac.eigenvalues(
    g.symmetric(axes[0], d) * 0.1 + (jac.diag(BY_NAME["p"]) if axes[0] == n else 0)))
row("diag", square, lambda g, axes, d: jac.diag(g((axes[0], None), d)))
row("inverse", square, lambda g, axes, d: jac.inverse(g.regular(axes[0], d)))
row("adjugate", square, lambda g, axes, d: jac.adjugate(g.regular(axes[0], d)))
row("matrix_power", square, lambda g, axes, d: jac.matrix_power(g.small(axes, d), g.choice([2, 3])))
row("a negative matrix_power", square, lambda g, axes, d: jac.matrix_power(g.regular(axes[0], d), -2))
row("cholesky", square, lambda g, axes, d: jac.cholesky(g.posdef(axes[0], d)))
row("expm", square, lambda g, axes, d: jac.expm(g.small(axes, d)))
row("eye", square, lambda g, axes, d: g(axes, d) + jac.eye(axes[0]))
row("ones", array, lambda g, axes, d: g(axes, d) + jac.ones(*axes))


def expression(rng: np.random.Generator, depth: int = 3) -> tuple[Expr, set[str]]:
    """A random expression that has a variable to differentiate by, and the rows that made it."""
    while True:
        draw = Draw(rng)
        made = draw(SCALAR if rng.integers(2) else draw.axes(), int(rng.integers(1, depth + 1)))
        if TARGETS & set(leaves(made)):
            return made, draw.seen


