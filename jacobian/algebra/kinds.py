"""The kinds with entries, and those made of other maps.

Each kind is one linear map with a structure, out × in, J[i, j] = ∂yᵢ/∂xⱼ, arrays flattened row-major. It says what it
is in its first line, how it acts (`push`: J v; `left`: J X, column by column) and what it is as an explicit matrix.
What two kinds make stands in `laws`.
Source for all of it: Magnus and Neudecker, Matrix Differential Calculus (2019), chapters 2 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from jacobian.algebra.entries import Entry, Size, axes, count, extent, held, is_array, size, space
from jacobian.algebra.jacobian import Jacobian, Jacobians, one, several
from jacobian.errors import ShapeError


def flat(entry: Entry, what: str) -> Entry:
    """The entries of an array in one axis, read-only; an abstract expression keeps its natural shape."""
    values = held(entry, what)
    return values.reshape(-1) if is_array(values) else values


def alike(a: Entry, b: Entry) -> tuple[Entry, Entry]:
    """Both in the shape they share, or both as columns."""
    return (a, b) if axes(a) == axes(b) else (space(a).column(a), space(b).column(b))


# ---- entries -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Scalar(Jacobian):
    """J = s I_n: y = s x, `s` one number. A Python number has no type of its own: 2 x keeps the type of x."""

    s: Entry
    n: Size

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", size(self.n, "the size n of Scalar"))
        if type(self.s) in (int, float, complex):
            return
        s = held(self.s, "the factor of a Scalar")
        if is_array(s):
            if s.size != 1:
                raise ShapeError(f"a Scalar holds one number, but an array of shape {s.shape} was given: use Diagonal")
            s = s.reshape(())
        object.__setattr__(self, "s", s)

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return count(self.n), count(self.n)

    def push(self, v: Entry) -> Entry:
        return space(v, self.s).times(self.s, v)

    def left(self, x: Entry) -> Entry:
        return self.push(x)

    def right(self, x: Entry) -> Entry:
        return self.push(x)

    def matrix(self, s: Any) -> Entry:
        return s.times(self.s, s.eye(self.n))


@dataclass(frozen=True, eq=False, repr=False)
class Diagonal(Jacobian):
    """J = diag(vec d): y = f(x) entry by entry, d = f′(x) in the shape of x."""

    d: Entry

    def __post_init__(self) -> None:
        object.__setattr__(self, "d", flat(self.d, "the diagonal"))

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return extent(self.d), extent(self.d)

    def push(self, v: Entry) -> Entry:
        return self.d * v if is_array(v) else space(v).times(*alike(self.d, v))

    def left(self, x: Entry) -> Entry:
        return space(x).scale_rows(self.d, x)

    def right(self, x: Entry) -> Entry:
        return space(x).scale_columns(x, self.d)

    def matrix(self, s: Any) -> Entry:
        return s.diag(self.d)


@dataclass(frozen=True, eq=False, repr=False)
class Dense(Jacobian):
    """J = A, an explicit matrix (out, in)."""

    a: Entry

    def __post_init__(self) -> None:
        a = held(self.a, "a Dense map")
        if is_array(a) and a.ndim != 2:
            raise ShapeError(f"a Dense map is a matrix (out, in), but an array of shape {a.shape} was given: "
                             "a vector is a Row, a Column or a Diagonal")
        object.__setattr__(self, "a", a)

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        m, n = axes(self.a)
        return count(m), count(n)

    def push(self, v: Entry) -> Entry:
        return self.a @ v if is_array(v) else super().push(v)

    def left(self, x: Entry) -> Entry:
        return space(x).matmul(self.a, x)

    def right(self, x: Entry) -> Entry:
        s = space(x)
        return s.matmul(x, s.transpose(self.a))

    def matrix(self, s: Any) -> Entry:
        return self.a


@dataclass(frozen=True, eq=False, repr=False)
class Row(Jacobian):
    """J = vec(G)ᵀ: the Jacobian of a scalar whose gradient is G, 1 × n."""

    g: Entry

    def __post_init__(self) -> None:
        object.__setattr__(self, "g", flat(self.g, "a gradient"))

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return 1, extent(self.g)

    def push(self, v: Entry) -> Entry:
        return np.reshape(self.g @ v, 1) if is_array(v) else space(v).inner(*alike(self.g, v))

    def matrix(self, s: Any) -> Entry:
        return s.transpose(s.column(self.g))


@dataclass(frozen=True, eq=False, repr=False)
class Column(Jacobian):
    """J = vec(X): y = s X for a scalar s, n × 1."""

    x: Entry

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", flat(self.x, "a derivative by a scalar"))

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return extent(self.x), 1

    def push(self, v: Entry) -> Entry:
        return space(v).times(v, self.x)

    def matrix(self, s: Any) -> Entry:
        return s.column(self.x)


@dataclass(frozen=True, eq=False, repr=False)
class LowRank(Jacobian):
    """J = U Vᵀ, of rank at most r: `u` (out, r), `v` (in, r); a vector is one column."""

    u: Entry
    v: Entry

    def __post_init__(self) -> None:
        for name in ("u", "v"):
            value = held(getattr(self, name), "a LowRank map")
            if is_array(value) and value.ndim not in (1, 2):
                raise ShapeError(f"U Vᵀ needs matrices, but {name} has shape {value.shape}")
            object.__setattr__(self, name, value[:, None] if is_array(value) and value.ndim == 1 else value)
        if axes(self.u)[1] != axes(self.v)[1]:
            raise ShapeError(f"U Vᵀ needs U and V with equally many columns, but they have shapes "
                             f"{axes(self.u)} and {axes(self.v)}")

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return count(axes(self.u)[0]), count(axes(self.v)[0])

    def left(self, x: Entry) -> Entry:
        s = space(x)
        return s.matmul(self.u, s.matmul(s.transpose(self.v), x))

    def matrix(self, s: Any) -> Entry:
        return s.matmul(self.u, s.transpose(self.v))


# ---- maps of maps --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Kronecker(Jacobian):
    """J = A ⊗ B: vec(A X Bᵀ) = (A ⊗ B) vec(X), row-major.

    Source: Magnus and Neudecker (2019), theorem 2.2, there for column-stacking.
    """

    a: Jacobian
    b: Jacobian

    def __post_init__(self) -> None:
        one(self.a, "A ⊗ B")
        one(self.b, "A ⊗ B")

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        (m, n), (p, q) = self.a.shape, self.b.shape
        return m * p, n * q

    def push(self, v: Entry) -> Entry:
        if is_array(v):
            return self.right(v)
        natural = tuple(map(count, axes(v))) == (self.a.shape[1], self.b.shape[1])
        return self.a.left(self.b.right(v)) if natural else super().push(v)

    def right(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().right(x)
        (m, n), (p, q) = self.a.shape, self.b.shape
        lead = x.shape[:-1]
        x = x.reshape(*lead, n, q)
        b_first = n * p * (q + m) <= m * q * (n + p)
        return (self.a.left(self.b.right(x)) if b_first else self.b.right(self.a.left(x))).reshape(*lead, m * p)

    def left(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().left(x)
        (m, n), (p, q) = self.a.shape, self.b.shape
        lead, k = x.shape[:-2], x.shape[-1]
        by_b = self.b.left(x.reshape(*lead, n, q, k))
        return self.a.left(by_b.reshape(*lead, n, p * k)).reshape(*lead, m * p, k)

    def matrix(self, s: Any) -> Entry:
        return s.kron(self.a.matrix(s), self.b.matrix(s))


@dataclass(frozen=True, eq=False, repr=False)
class BlockDiagonal(Jacobian):
    """J = A₁ ⊕ A₂ ⊕ …: each block maps its own stretch of x to its own stretch of y."""

    blocks: Jacobians

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", several(self.blocks, "BlockDiagonal"))

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return sum(J.shape[0] for J in self.blocks), sum(J.shape[1] for J in self.blocks)

    def left(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().left(x)
        ends = np.cumsum([J.shape[1] for J in self.blocks])[:-1]
        pieces = np.split(x, ends, axis=-2)
        return np.concatenate([J.left(piece) for J, piece in zip(self.blocks, pieces, strict=True)], axis=-2)

    def matrix(self, s: Any) -> Entry:
        return s.block([J.matrix(s) for J in self.blocks])
