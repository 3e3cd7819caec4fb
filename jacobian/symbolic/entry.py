"""The entry (i, j) of an expression, by a row for each operation: (A X B)ᵢⱼ = ∑ₖ Aᵢₖ ∑ₗ Xₖₗ Bₗⱼ.

A row takes the frame that gives out indices, the expression and the places along its two axes. What has no finite
formula of its arguments' entries, an inverse or a softmax, is a symbol of its own: its entry is (A⁻¹)ᵢⱼ.
"""

from __future__ import annotations

from collections.abc import Callable

from jacobian.algebra.entries import count
from jacobian.errors import MissingRule
from jacobian.symbolic.elementwise import power
from jacobian.symbolic.expr import Expr, make
from jacobian.symbolic.indices import FIRST, Frame, Place, compare, entry, times
from jacobian.symbolic.leaves import SCALAR, number
from jacobian.symbolic.operations import add

Row = Callable[[Frame, Expr, Place, Place], Expr]
ENTRIES: dict[str, Row] = {}


def at(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    """xᵢⱼ, a scalar; the place along an absent axis is FIRST. Raises MissingRule for an operation without a row."""
    row = ENTRIES.get(x.operation.name)
    if row is None:
        raise MissingRule(f"no entries of {x.operation.name} in index notation: "
                          f"write its row in jacobian/symbolic/entry.py")
    return row(frame, x, i, j)


def given(*operations: str) -> Callable[[Row], Row]:
    """Make the decorated function the row of operations."""
    def put(row: Row) -> Row:
        ENTRIES.update(dict.fromkeys(operations, row))
        return row

    return put


# ---- symbols of their own ------------------------------------------------------------------------------------------


@given("symbol", "named", "permutation", "gather", "inverse", "adjugate", "matrix_power", "cholesky", "frechet", "expm",
       "eigenvectors", "eigenvalues", "polar", "leading", "softmax", "log_sum_exp", "peak", "onehot",
       "number", "det", "logdet", "square", "half_square", "norm", "norm1", "extreme", "cross_entropy", "nuclear",
       "spectral")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    return entry(x, i, j)


ENTRIES["ones"] = lambda frame, x, i, j: number(1)
ENTRIES["zeros"] = lambda frame, x, i, j: number(0)
ENTRIES["eye"] = lambda frame, x, i, j: frame.delta(i, j)
ENTRIES["tril"] = lambda frame, x, i, j: compare("≥", i, j)


@given("commutation")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    m, n = x.data
    return _paired(frame, x, i, j, m, n, lambda a, b, c, d: times(frame.delta(a, d), frame.delta(b, c)))


def _paired(frame: Frame, x: Expr, i: Place, j: Place, m: object, n: object,
            made: Callable[[Place, Place, Place, Place], Expr]) -> Expr:
    """What is made of i = m a + b and j = n c + d; the entry of x itself where the places do not fall apart so."""
    rows, columns = frame.split(i, m), frame.split(j, n)
    return entry(x, i, j) if rows is None or columns is None else made(*rows, *columns)


@given("selection")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    pair = frame.split(j, x.data)
    return entry(x, i, j) if pair is None else times(frame.delta(i, pair[0]), frame.delta(i, pair[1]))


ENTRIES["insertion"] = lambda frame, x, i, j: frame.delta(i, j + x.data[1])


# ---- sums and products ---------------------------------------------------------------------------------------------


ENTRIES["add"] = lambda frame, x, i, j: add(*(at(frame, term, i, j) for term in x.args))
ENTRIES["scale"] = lambda frame, x, i, j: times(at(frame, x.args[0], FIRST, FIRST), at(frame, x.args[1], i, j))
ENTRIES["hadamard"] = lambda frame, x, i, j: times(*(at(frame, factor, i, j) for factor in x.args))
ENTRIES["transpose"] = lambda frame, x, i, j: at(frame, x.args[0], j, i)
ENTRIES["lift"] = lambda frame, x, i, j: at(frame, x.args[0], i, j)


@given("matmul")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    between = [frame.fresh(factor.axes[1]) for factor in x.args[:-1]]
    whole = times(*map(at, [frame] * len(x.args), x.args, [i, *between], [*between, j]))
    for place in reversed(between):
        whole = frame.total(whole, place)
    return whole


@given("trace")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    k = frame.fresh(x.args[0].axes[0])
    return frame.total(at(frame, x.args[0], k, k), k)


# ---- arrays of other arrays ----------------------------------------------------------------------------------------


ENTRIES["diag"] = lambda frame, x, i, j: times(frame.delta(i, j), at(frame, x.args[0], i, FIRST))
ENTRIES["diagonal"] = lambda frame, x, i, j: at(frame, x.args[0], i, i)


@given("kron")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    a, b = x.args
    return _paired(frame, x, i, j, *b.axes, lambda p, q, r, s: times(at(frame, a, p, r), at(frame, b, q, s)))


@given("vec", "reshape")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    columns = x.args[0].axes[1]
    pair = frame.split(frame.pair(i, j, count(x.axes[1])), columns)
    return entry(x, i, j) if pair is None else at(frame, x.args[0], *pair)


ENTRIES["part"] = lambda frame, x, i, j: at(frame, x.args[0], i + x.data[1], j)


def _inserted(frame: Frame, block: Expr, i: Place, j: Place, above: object, left: object) -> Expr:
    """∑ₖ ∑ₗ δ(i, k + above) δ(j, l + left) blockₖₗ; an offset None says that the block takes the whole axis."""
    k = i if above is None else frame.fresh(block.axes[0])
    l = j if left is None else frame.fresh(block.axes[1])
    deltas = [frame.delta(p, q + start) for p, q, start in ((i, k, above), (j, l, left)) if start is not None]
    whole = times(*deltas, at(frame, block, k, l))
    for place, start in ((l, left), (k, above)):
        whole = whole if start is None else frame.total(whole, place)
    return whole


def _blocks(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    """The sum of the blocks at their places; what moves from block to block with a free index stays the whole array."""
    down, along = x.operation.name != "hstack", x.operation.name != "vstack"
    if (down and frame.free(i)) or (along and frame.free(j)):
        return entry(x, i, j)
    rows = columns = 0
    terms = []
    for block in x.args:
        terms.append(_inserted(frame, block, i, j, rows if down else None, columns if along else None))
        rows, columns = rows + count(block.axes[0]), columns + count(block.axes[1])
    return add(*terms)


ENTRIES["vstack"] = ENTRIES["hstack"] = ENTRIES["block"] = _blocks


# ---- elementwise functions -----------------------------------------------------------------------------------------


@given("map", "larger", "greater")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    return make(x.operation, [at(frame, arg, i, j) for arg in x.args], x.data, SCALAR)


@given("power")
def _(frame: Frame, x: Expr, i: Place, j: Place) -> Expr:
    base, exponent = x.args
    return power(at(frame, base, i, j), at(frame, exponent, *((FIRST, FIRST) if exponent.axes == SCALAR else (i, j))))
