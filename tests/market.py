"""A market of maps: samples of every kind with abstract entries, and values of every type for them.

A space is (r, c), the natural shape of what a map takes or gives, with None for an axis that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, reduce
from itertools import count as counter
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp

import jacobian as jac
from jacobian.algebra import LAWS, Law
from jacobian.algebra.entries import count
from jacobian.symbolic.expr import Expr, Variable, leaves, make, size
from jacobian.symbolic.leaves import SYMBOL

Space = tuple[Any, Any]
Variants = Iterator[jac.Jacobian]

ONE: Space = (None, None)
SPACES: tuple[Space, ...] = ((2, 3), (3, 2), (2, 2), (5, None), (2, None), (None, 2), (4, None), ONE)
M, N, P, Q = map(size, "mnpq")
SYMBOLIC: tuple[Space, ...] = ((M, N), (N, M), (P, None), (N, N), (N, None), (P, Q), ONE)
SIZES = {"m": 2, "n": 3, "p": 4, "q": 2}
TYPES = ("float64", "float32", "complex128", "object")
_names = counter()


def entry(r: Any, c: Any = None) -> Expr:
    """A new symbol of the given axes."""
    return make(SYMBOL, data=Variable(f"u{next(_names)}"), axes=(r, c))


def extent(space: Space) -> Any:
    return count(space[0]) * count(space[1])


# ---- the kinds -----------------------------------------------------------------------------------------------------


def _square(build: Callable[[Space], list[jac.Jacobian]]) -> Callable[[Space, Space], Variants]:
    return lambda out, in_: iter(build(in_) if out == in_ else [])


def _dense(out: Any, in_: Any) -> jac.Dense:
    return jac.Dense(entry(count(out), count(in_)))


def _commutation(out: Space, in_: Space) -> Variants:
    if out == in_[::-1] and out != ONE:
        yield jac.Commutation(*in_)


def _permutation(out: Space, in_: Space) -> Variants:
    n = extent(in_)
    if isinstance(n, int) and n == extent(out) and n > 1:
        yield jac.Permutation(np.roll(np.arange(n), 1))
        yield jac.Permutation([*range(2, n), 1, 0])


def _selection(out: Space, in_: Space) -> Variants:
    if in_ == (out[0], out[0]) and out[0] is not None and out[1] is None:
        yield jac.Selection(out[0])


def _embedding(out: Space, in_: Space) -> Variants:
    return (jac.Embedding(J.n) for J in _selection(in_, out))


def _gather(out: Space, in_: Space) -> Variants:
    m, n = extent(out), extent(in_)
    if isinstance(m, int) and isinstance(n, int) and ONE not in (out, in_):
        yield jac.Gather([(2 * i) % n for i in range(m)], n)
        yield jac.Gather([-1, *([n - 1] * (m - 1))], n)


def _scatter(out: Space, in_: Space) -> Variants:
    return (jac.Scatter(J.p, J.n) for J in _gather(in_, out))


def _part(out: Space, in_: Space) -> Variants:
    m, n = extent(out), extent(in_)
    if isinstance(m, int) and isinstance(n, int) and 1 < m < n:
        yield jac.Part(m, 0, n - m)
        yield jac.Part(m, 1, n - m - 1)


def _insertion(out: Space, in_: Space) -> Variants:
    return (jac.Insertion(J.n, J.before, J.after) for J in _part(in_, out))


def _low_rank(out: Space, in_: Space) -> Variants:
    yield jac.LowRank(entry(extent(out), 2), entry(extent(in_), 2))
    if ONE not in (out, in_):
        yield jac.LowRank(entry(extent(out)), entry(extent(in_)))


def _factors(out: Any, in_: Any) -> Variants:
    """Maps from one axis to another."""
    if out == in_:
        yield jac.Identity(in_)
    if None not in (out, in_):
        yield _dense(out, in_)
        yield jac.Zero(out, in_)
        if out == in_:
            yield jac.Diagonal(entry(in_))


def _kronecker(out: Space, in_: Space) -> Variants:
    for a, b in product(_factors(out[0], in_[0]), _factors(out[1], in_[1])):
        yield jac.Kronecker(a, b)


def _blocks(out: Space, in_: Space) -> Variants:
    m, n = extent(out), extent(in_)
    if isinstance(m, int) and isinstance(n, int) and min(m, n) > 1:
        yield jac.BlockDiagonal((_dense(1, 1), _dense(m - 1, n - 1)))
        yield jac.BlockDiagonal((_dense(m - 1, n - 1), _dense(1, 1)))
        if m == n and n > 3:
            yield jac.BlockDiagonal((jac.Diagonal(entry(2)), _dense(1, 1), jac.Scalar(entry(None), n - 3)))


def _products(out: Space, in_: Space) -> Variants:
    m, n = extent(out), extent(in_)
    yield jac.Product((_dense(m, 2), _dense(2, n)))
    yield jac.Product((_dense(m, 2), jac.Product((jac.Diagonal(entry(2)), jac.Scalar(2, 2))), _dense(2, n)))


def _sums(out: Space, in_: Space) -> Variants:
    m, n = extent(out), extent(in_)
    yield jac.Sum((_dense(m, n), jac.LowRank(entry(m, 3), entry(n, 3))))
    yield jac.Sum((_dense(m, n), jac.Sum((jac.Zero(m, n), _dense(m, n)))))
    if out == in_ and None not in out:
        yield jac.Sum((jac.Diagonal(entry(*out)), jac.Kronecker(*(_dense(k, k) for k in out))))


MARKET: dict[type, Callable[[Space, Space], Variants]] = {
    jac.Zero: lambda out, in_: iter([jac.Zero(extent(out), extent(in_))]),
    jac.Identity: _square(lambda s: [jac.Identity(extent(s))]),
    jac.Commutation: _commutation,
    jac.Permutation: _permutation,
    jac.Selection: _selection,
    jac.Embedding: _embedding,
    jac.Gather: _gather,
    jac.Scatter: _scatter,
    jac.Part: _part,
    jac.Insertion: _insertion,
    jac.Scalar: _square(lambda s: [jac.Scalar(entry(None), extent(s)), jac.Scalar(2, extent(s))]),
    jac.Diagonal: _square(lambda s: [jac.Diagonal(entry(*s))]),
    jac.Dense: lambda out, in_: iter([_dense(extent(out), extent(in_))] if ONE not in (out, in_) else []),
    jac.Row: lambda out, in_: iter([jac.Row(entry(*in_))] if out == ONE else []),
    jac.Column: lambda out, in_: iter([jac.Column(entry(*out))] if in_ == ONE else []),
    jac.LowRank: lambda out, in_: _low_rank(out, in_) if ONE not in (out, in_) else iter([]),
    jac.Kronecker: _kronecker,
    jac.BlockDiagonal: _blocks,
    jac.Product: lambda out, in_: _products(out, in_) if ONE not in (out, in_) else iter([]),
    jac.Sum: lambda out, in_: _sums(out, in_) if ONE not in (out, in_) else iter([]),
}


@cache
def samples(kind: type, out: Space, in_: Space) -> tuple[jac.Jacobian, ...]:
    """All variants of a kind (of every kind for Jacobian itself) between two spaces; none where there can be none."""
    kinds = MARKET if kind is jac.Jacobian else [kind]
    return tuple(J for k in kinds for J in MARKET[k](out, in_))


def stall(spaces: tuple[Space, ...] = SPACES) -> list[jac.Jacobian]:
    """Every sample there is."""
    return [J for kind in MARKET for out, in_ in product(spaces, spaces) for J in samples(kind, out, in_)]


# ---- values --------------------------------------------------------------------------------------------------------


def value(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Any:
    """Short decimals; rational numbers for SymPy."""
    tenths = rng.integers(2, 19, size=shape) * rng.choice([-1, 1], size=shape)
    if dtype == "object":
        return np.vectorize(lambda k: sp.Rational(int(k), 10), otypes=[object])(tenths)
    if dtype.startswith("complex"):
        tenths = tenths + 1j * rng.integers(2, 19, size=shape)
    return np.asarray(tenths / 10).astype(dtype)


def values(maps: tuple[jac.Jacobian, ...], dtype: str, seed: int = 0) -> jac.Binding:
    """Random values for all entries of the maps, symbolic sizes being SIZES."""
    rng, sizes = np.random.default_rng(seed), jac.Binding({}, SIZES)
    symbols = [s for J in maps for e in J.entries() if isinstance(e, Expr) for s in leaves(e)]
    shapes = {s: tuple(map(sizes.size, s.shape)) for s in dict.fromkeys(symbols)}
    return jac.Binding({s: value(rng, shape, dtype) for s, shape in shapes.items()}, SIZES)


def bound(maps: tuple[jac.Jacobian, ...], dtype: str, seed: int = 0) -> tuple[jac.Jacobian, ...]:
    """The maps with these values."""
    bind = values(maps, dtype, seed)
    return tuple(J.map(bind, bind.size) for J in maps)


# ---- what a law applies to -----------------------------------------------------------------------------------------


def candidates(law: Law, spaces: tuple[Space, ...]) -> Iterator[tuple[jac.Jacobian, ...]]:
    """Maps of the kinds that the law joins."""
    if law.right is None:
        yield from ((J,) for out, in_ in product(spaces, spaces) for J in samples(law.left, out, in_))
    elif law.op == "@":
        for out, mid, in_ in product(spaces, spaces, spaces):
            yield from product(samples(law.left, out, mid), samples(law.right, mid, in_))
    else:
        for out, in_ in product(spaces, spaces):
            for J, K in product(samples(law.left, out, in_), samples(law.right, out, in_)):
                yield J, K
                if isinstance(J, jac.Kronecker) and isinstance(K, jac.Kronecker):
                    yield J, jac.Kronecker(J.a, K.b)
                    yield J, jac.Kronecker(K.a, J.b)


@cache
def applicable(law: Law, spaces: tuple[Space, ...] = SPACES, most: int = 5) -> tuple[tuple[jac.Jacobian, ...], ...]:
    """Some maps for which the law holds, spread over all that there are."""
    tried = _spread(list(candidates(law, spaces)), 120)
    found = [maps for maps in tried if law.apply(*bound(maps, "float64")) is not None]
    return tuple(_spread(found, most))


def _spread(items: list[Any], most: int) -> list[Any]:
    return items if len(items) <= most else [items[k * len(items) // most] for k in range(most)]


# ---- the matrix by definition --------------------------------------------------------------------------------------


def _commutation_matrix(J: jac.Commutation) -> Any:
    m, n = count(J.m), count(J.n)
    return np.array([[int((i, j) == (k, l)) for k, l in np.ndindex(m, n)] for j, i in np.ndindex(n, m)])


def _selection_matrix(J: Any) -> Any:
    return np.array([[int(i == k == l) for k, l in np.ndindex(J.n, J.n)] for i in range(J.n)])


def _part_matrix(n: int, before: int, after: int) -> Any:
    return np.array([[int(j == before + i) for j in range(before + n + after)] for i in range(n)])


def _block_matrix(J: jac.BlockDiagonal) -> Any:
    whole = np.zeros(J.shape, np.result_type(*map(by_definition, J.blocks)))
    row = column = 0
    for B in J.blocks:
        for i, j in np.ndindex(*B.shape):
            whole[row + i, column + j] = by_definition(B)[i, j]
        row, column = row + B.shape[0], column + B.shape[1]
    return whole


_DEFINITIONS: dict[type, Callable[[Any], Any]] = {
    jac.Zero: lambda J: np.zeros(J.shape, int),
    jac.Identity: lambda J: np.eye(J.n or 1, dtype=int),
    jac.Commutation: _commutation_matrix,
    jac.Permutation: lambda J: np.array([[int(j == i) for j in range(J.p.size)] for i in J.p]),
    jac.Gather: lambda J: np.array([[int(j == i) for j in range(J.n)] for i in J.p]),
    jac.Scatter: lambda J: np.array([[int(j == i) for i in J.p] for j in range(J.n)]),
    jac.Selection: _selection_matrix,
    jac.Embedding: lambda J: _selection_matrix(J).T,
    jac.Part: lambda J: _part_matrix(J.n, J.before, J.after),
    jac.Insertion: lambda J: _part_matrix(J.n, J.before, J.after).T,
    jac.Scalar: lambda J: J.s * np.eye(J.n or 1, dtype=int),
    jac.Diagonal: lambda J: np.diag(J.d),
    jac.Dense: lambda J: J.a,
    jac.Row: lambda J: J.g[None, :],
    jac.Column: lambda J: J.x[:, None],
    jac.LowRank: lambda J: np.einsum("ik,jk->ij", J.u, J.v, optimize=J.u.dtype.hasobject),
    jac.Kronecker: lambda J: np.kron(by_definition(J.a), by_definition(J.b)),
    jac.BlockDiagonal: _block_matrix,
    jac.Product: lambda J: reduce(np.matmul, map(by_definition, J.factors)),
    jac.Sum: lambda J: reduce(np.add, map(by_definition, J.terms)),
}


def by_definition(J: jac.Jacobian) -> Any:
    """The explicit matrix, entry by entry, without the algebra."""
    return _DEFINITIONS[type(J)](J)


def close(a: Any, b: Any) -> bool:
    """Whether two arrays are one matrix: exactly for SymPy entries, else to rounding."""
    if a.shape != b.shape:
        return False
    if a.dtype.hasobject or b.dtype.hasobject:
        return not any(sp.sympify(x) - sp.sympify(y) for x, y in zip(a.flat, b.flat, strict=True))
    tolerance = 2e-4 if np.result_type(a, b).itemsize in (4, 8) and "float32" in str((a.dtype, b.dtype)) else 1e-11
    return bool(np.all(np.abs(a - b) <= tolerance * max(1, np.max(np.abs(b), initial=0))))


def title(law: Law) -> str:
    """What a law is called in the list of tests."""
    right = f" {law.right.__name__}" if law.right else ""
    return f"{law.op} {law.left.__name__}{right}: {law.name}"


def rows(op: str | None = None) -> list[Any]:
    """The laws as parameters of a test."""
    return [pytest.param(law, id=title(law)) for law in LAWS if op in (None, law.op)]
