"""The kinds of Jacobian: each one linear map with a structure, out × in, J[i, j] = ∂yᵢ/∂xⱼ, arrays flattened row-major.

A kind says what it is in its first line, how it acts (`push`: J v; `left`: J X, column by column) and what it is as an
explicit matrix. What two kinds make stands in `laws`. Constructors state; `@`, `+` and `T` use the laws.
Source for all of it: Magnus and Neudecker, Matrix Differential Calculus (2019), chapters 2 and 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import law
from jacobian.algebra.entries import (
    Arrays,
    Entry,
    Size,
    array,
    axes,
    count,
    extent,
    is_array,
    same,
    space,
    space_of_sizes,
)
from jacobian.errors import InputError, ShapeError


@dataclass(frozen=True, eq=False, repr=False)
class Jacobian:
    """J[i, j] = ∂yᵢ/∂xⱼ, a linear map that is never written out unless asked.

    `J @ K` composes, `J + K` adds, `J.T` transposes, all by the laws; `J @ v` is the forward sensitivity of a flat
    vector, `J.T @ g` the backward pass; `J.dense()` is the explicit matrix and `J.map(f)` the same structure with
    other entries. Maps that do not fit raise ShapeError.
    """

    __array_ufunc__ = None      # an array on the left of @ or + leaves the work to us

    @property
    def shape(self) -> tuple[Size, Size]:
        raise NotImplementedError

    # ---- algebra -----------------------------------------------------------------------------------------------------

    @property
    def T(self) -> Jacobian:
        """Jᵀ, out and in exchanged."""
        found = law.cite("T", self)
        if found is None:
            raise InputError(f"no law transposes {self!r}: write the row 'T' of {type(self).__name__} in algebra/laws.py")
        return found[0]

    def __matmul__(self, other: Any) -> Any:
        if isinstance(other, Jacobian):
            return compose(self, other)
        return self._apply(other)

    def __add__(self, other: Jacobian) -> Jacobian:
        if not isinstance(other, Jacobian):
            return NotImplemented
        return add(self, other)

    def _apply(self, v: Entry) -> Entry:
        v = array(v, f"what {self!r} is applied to")
        if is_array(v) and (v.ndim not in (1, 2) or v.shape[0] != self.shape[1]):
            raise ShapeError(
                f"{self!r} takes a vector of {self.shape[1]} entries (or columns of them), "
                f"but was given an array of shape {v.shape}: flatten it with .reshape(-1)"
            )
        if not is_array(v) and extent(v) != self.shape[1]:
            raise ShapeError(f"{self!r} takes {self.shape[1]} entries, but {v} has {extent(v)}")
        return self.left(v) if is_array(v) and v.ndim == 2 else self.push(v)

    # ---- action ------------------------------------------------------------------------------------------------------

    def push(self, v: Entry) -> Entry:
        """J v: of a flat array a flat array; of an abstract expression one in its natural shape."""
        if is_array(v):
            return self.left(v[:, None])[:, 0]
        return self.left(v)

    def left(self, x: Entry) -> Entry:
        """J X, the map on each column."""
        return space(x).matmul(self.matrix(space(x)), x)

    def right(self, x: Entry) -> Entry:
        """X Jᵀ, the map on each row."""
        s = space(x)
        return s.transpose(self.left(s.transpose(x)))

    # ---- entries -----------------------------------------------------------------------------------------------------

    def matrix(self, s: Any) -> Entry:
        """The explicit matrix in the space `s`; entries that are only 0 and 1 in the narrowest type."""
        raise NotImplementedError

    def dense(self) -> Entry:
        """The explicit matrix, out × in."""
        entries = self.entries()
        s = space(*entries)
        if s is Arrays:
            s = space_of_sizes(*self.shape)
        whole = self.matrix(s)
        if s is not Arrays:
            return whole
        if whole.dtype == object:
            return np.vectorize(sp.sympify, otypes=[object])(whole)
        return whole.astype(np.result_type(*entries or [float]), copy=False)

    def parts(self) -> list[tuple[str, str, Any]]:
        """(name, role, value) of each field; the role is the annotation: Entry, Size, Index, Jacobian or Jacobians."""
        return [(f.name, str(f.type), getattr(self, f.name)) for f in fields(self)]

    def entries(self) -> list[Entry]:
        """All entries, those of maps inside included."""
        found: list[Entry] = []
        for _, role, value in self.parts():
            if role == "Entry":
                found.append(value)
            for inner in {"Jacobian": (value,), "Jacobians": value}.get(role, ()):
                found += inner.entries()
        return found

    def map(self, f: Callable[[Entry], Entry], sizes: Callable[[Size], Size] = lambda n: n) -> Jacobian:
        """The same structure with entries f(entry) (and sizes(size), where symbolic sizes get their values)."""
        change = {
            "Entry": f,
            "Size": sizes,
            "Index": lambda p: p,
            "Jacobian": lambda J: J.map(f, sizes),
            "Jacobians": lambda Js: tuple(J.map(f, sizes) for J in Js),
        }
        return type(self)(*(change[role](value) for _, role, value in self.parts()))

    def equals(self, other: Jacobian) -> bool:
        """Whether both are of the same kind with equal entries (not: whether both are the same map)."""
        def alike(role: str, a: Any, b: Any) -> bool:
            if role == "Jacobian":
                return a.equals(b)
            if role == "Jacobians":
                return len(a) == len(b) and all(map(Jacobian.equals, a, b))
            return same(a, b)

        return type(self) is type(other) and all(
            alike(role, a, b) for (_, role, a), (_, _, b) in zip(self.parts(), other.parts(), strict=True)
        )

    def __repr__(self) -> str:
        inner = [repr(J) for _, role, value in self.parts()
                 for J in {"Jacobian": (value,), "Jacobians": value}.get(role, ())]
        return f"{type(self).__name__} {self.shape[0]}×{self.shape[1]}" + (f" ({', '.join(inner)})" if inner else "")


# ---- no entries ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Zero(Jacobian):
    """J = 0: y does not depend on x. Sizes: out `m`, in `n`."""

    m: Size
    n: Size

    @property
    def shape(self) -> tuple[Size, Size]:
        return count(self.m), count(self.n)

    def left(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().left(x)
        with np.errstate(invalid="ignore"):      # 0 · inf is NaN, and is not hidden
            nothing = 0 * x.sum(axis=-2, keepdims=True)
        return np.repeat(nothing, self.shape[0], axis=-2)

    def matrix(self, s: Any) -> Entry:
        return s.zeros(self.m, self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Identity(Jacobian):
    """J = I_n: y = x."""

    n: Size

    @property
    def shape(self) -> tuple[Size, Size]:
        return count(self.n), count(self.n)

    def push(self, v: Entry) -> Entry:
        return v

    def left(self, x: Entry) -> Entry:
        return x

    def right(self, x: Entry) -> Entry:
        return x

    def matrix(self, s: Any) -> Entry:
        return s.eye(self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Commutation(Jacobian):
    """vec(Xᵀ) = K_{m,n} vec(X) for X of shape (m, n).

    Source: Magnus and Neudecker (2019), 3.7; with vec row-major the roles of m and n are theirs exchanged.
    """

    m: Size
    n: Size

    @property
    def shape(self) -> tuple[Size, Size]:
        return count(self.m) * count(self.n), count(self.m) * count(self.n)

    def push(self, v: Entry) -> Entry:
        if is_array(v):
            return Arrays.commute(v, self.m, self.n)
        return space(v).transpose(v)

    def left(self, x: Entry) -> Entry:
        if not is_array(x):
            return super().left(x)
        m, n = count(self.m), count(self.n)
        return x.reshape(*x.shape[:-2], m, n, -1).swapaxes(-3, -2).reshape(x.shape)

    def matrix(self, s: Any) -> Entry:
        return s.commutation(self.m, self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Permutation(Jacobian):
    """(P x)ᵢ = x_{p(i)}: `p` is an array of the numbers 0 … n−1 in some order."""

    p: Index

    def __post_init__(self) -> None:
        p = np.asarray(self.p)
        if p.ndim != 1 or p.dtype.kind not in "iu" or not np.array_equal(np.sort(p), np.arange(p.size)):
            raise InputError(f"a permutation of n entries lists 0 … n−1 once each, but {self.p!r} was given")
        object.__setattr__(self, "p", p)

    @property
    def shape(self) -> tuple[Size, Size]:
        return self.p.size, self.p.size

    def push(self, v: Entry) -> Entry:
        return v[self.p] if is_array(v) else self.left(v)

    def left(self, x: Entry) -> Entry:
        return x[..., self.p, :] if is_array(x) else super().left(x)

    def matrix(self, s: Any) -> Entry:
        return s.permutation(self.p) if s is not Arrays else Arrays.eye(self.p.size)[self.p]


@dataclass(frozen=True, eq=False, repr=False)
class Selection(Jacobian):
    """diag(X) = S_n vec(X): the diagonal of a matrix X of shape (n, n), n × n²."""

    n: Size

    @property
    def shape(self) -> tuple[Size, Size]:
        return self.n, self.n * self.n

    def push(self, v: Entry) -> Entry:
        return space(v).diagonal(v, self.n)

    def left(self, x: Entry) -> Entry:
        return x[..., np.arange(self.n) * (self.n + 1), :] if is_array(x) else super().left(x)

    def matrix(self, s: Any) -> Entry:
        return s.selection(self.n)


@dataclass(frozen=True, eq=False, repr=False)
class Embedding(Jacobian):
    """vec(diag(x)) = S_nᵀ x: a vector put on the diagonal of a matrix, n² × n."""

    n: Size

    @property
    def shape(self) -> tuple[Size, Size]:
        return self.n * self.n, self.n

    def push(self, v: Entry) -> Entry:
        return space(v).diagonal_matrix(v)

    def matrix(self, s: Any) -> Entry:
        return s.transpose(s.selection(self.n))


# ---- entries ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Scalar(Jacobian):
    """J = s I_n: y = s x, `s` one number."""

    s: Entry
    n: Size

    def __post_init__(self) -> None:
        if is_array(self.s) and np.size(array(self.s, "the factor of a Scalar")) != 1:
            raise ShapeError(f"a Scalar holds one number, but an array of shape {np.shape(self.s)} was given: use Diagonal")
        if isinstance(self.s, np.ndarray):
            object.__setattr__(self, "s", self.s.reshape(()))

    @property
    def shape(self) -> tuple[Size, Size]:
        return count(self.n), count(self.n)

    def push(self, v: Entry) -> Entry:
        return space(v, self.s).times(self.s, v)

    left = right = push

    def matrix(self, s: Any) -> Entry:
        return s.times(self.s, s.eye(self.n))


@dataclass(frozen=True, eq=False, repr=False)
class Diagonal(Jacobian):
    """J = diag(vec d): y = f(x) entry by entry, d = f′(x) in the shape of x."""

    d: Entry

    def __post_init__(self) -> None:
        d = array(self.d, "the diagonal")
        object.__setattr__(self, "d", d.reshape(-1) if is_array(d) else d)

    @property
    def shape(self) -> tuple[Size, Size]:
        return extent(self.d), extent(self.d)

    def push(self, v: Entry) -> Entry:
        return space(v).times(self.d, v)

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
        a = array(self.a, "a Dense map")
        if is_array(a) and a.ndim != 2:
            raise ShapeError(f"a Dense map is a matrix (out, in), but an array of shape {a.shape} was given: "
                             "a vector is a Row, a Column or a Diagonal")
        object.__setattr__(self, "a", a)

    @property
    def shape(self) -> tuple[Size, Size]:
        m, n = axes(self.a)
        return count(m), count(n)

    def push(self, v: Entry) -> Entry:
        return space(v).matmul(self.a, v)

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
        object.__setattr__(self, "g", array(self.g, "a gradient"))

    @property
    def shape(self) -> tuple[Size, Size]:
        return 1, extent(self.g)

    def push(self, v: Entry) -> Entry:
        s = space(v)
        product = s.inner(self.g, v)
        return np.reshape(product, 1) if s is Arrays else product

    def matrix(self, s: Any) -> Entry:
        return s.transpose(s.column(self.g))


@dataclass(frozen=True, eq=False, repr=False)
class Column(Jacobian):
    """J = vec(X): y = s X for a scalar s, n × 1."""

    x: Entry

    def __post_init__(self) -> None:
        object.__setattr__(self, "x", array(self.x, "a derivative by a scalar"))

    @property
    def shape(self) -> tuple[Size, Size]:
        return extent(self.x), 1

    def push(self, v: Entry) -> Entry:
        return v * self.x.reshape(-1) if is_array(v) else space(v).times(v, self.x)

    def matrix(self, s: Any) -> Entry:
        return s.column(self.x)


@dataclass(frozen=True, eq=False, repr=False)
class LowRank(Jacobian):
    """J = U Vᵀ, of rank at most r: `u` (out, r), `v` (in, r)."""

    u: Entry
    v: Entry

    def __post_init__(self) -> None:
        for name in ("u", "v"):
            value = array(getattr(self, name), "a LowRank map")
            if is_array(value) and value.ndim == 1:
                value = value[:, None]
            object.__setattr__(self, name, value)
        if axes(self.u)[1] != axes(self.v)[1]:
            raise ShapeError(f"U Vᵀ needs U and V with equally many columns, but they have shapes "
                             f"{axes(self.u)} and {axes(self.v)}")

    @property
    def shape(self) -> tuple[Size, Size]:
        return count(axes(self.u)[0]), count(axes(self.v)[0])

    def left(self, x: Entry) -> Entry:
        s = space(x)
        return s.matmul(self.u, s.matmul(s.transpose(self.v), x))

    def matrix(self, s: Any) -> Entry:
        return s.matmul(self.u, s.transpose(self.v))


# ---- maps of maps ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Kronecker(Jacobian):
    """J = A ⊗ B: vec(A X Bᵀ) = (A ⊗ B) vec(X), row-major.

    Source: Magnus and Neudecker (2019), theorem 2.2, there for column-stacking.
    """

    a: Jacobian
    b: Jacobian

    @property
    def shape(self) -> tuple[Size, Size]:
        (m, n), (p, q) = self.a.shape, self.b.shape
        return m * p, n * q

    def push(self, v: Entry) -> Entry:
        if is_array(v):
            x = v.reshape(self.a.shape[1], self.b.shape[1])
            return self.a.left(self.b.right(x)).reshape(-1)
        return self.a.left(self.b.right(v))

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
        object.__setattr__(self, "blocks", some(self.blocks, "BlockDiagonal"))

    @property
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


@dataclass(frozen=True, eq=False, repr=False)
class Product(Jacobian):
    """J = A B ⋯: maps one after the other, the last one first; stays as it is written."""

    factors: Jacobians

    def __post_init__(self) -> None:
        object.__setattr__(self, "factors", some(self.factors, "Product"))
        for J, K in zip(self.factors, self.factors[1:], strict=False):
            fit(J, K)

    @property
    def shape(self) -> tuple[Size, Size]:
        return self.factors[0].shape[0], self.factors[-1].shape[1]

    def push(self, v: Entry) -> Entry:
        for J in reversed(self.factors):
            v = J.push(v)
        return v

    def left(self, x: Entry) -> Entry:
        for J in reversed(self.factors):
            x = J.left(x)
        return x

    def matrix(self, s: Any) -> Entry:
        *rest, whole = [J.matrix(s) for J in self.factors]
        for factor in reversed(rest):
            whole = s.matmul(factor, whole)
        return whole


@dataclass(frozen=True, eq=False, repr=False)
class Sum(Jacobian):
    """J = A + B + ⋯: the paths from x to y, all of one shape; stays as it is written."""

    terms: Jacobians

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", some(self.terms, "Sum"))
        for K in self.terms[1:]:
            match(self.terms[0], K)

    @property
    def shape(self) -> tuple[Size, Size]:
        return self.terms[0].shape

    def push(self, v: Entry) -> Entry:
        return self._total(v, [J.push(v) for J in self.terms])

    def left(self, x: Entry) -> Entry:
        return self._total(x, [J.left(x) for J in self.terms])

    def matrix(self, s: Any) -> Entry:
        return self._total(None, [J.matrix(s) for J in self.terms], s)

    @staticmethod
    def _total(v: Entry, terms: list[Entry], s: Any = None) -> Entry:
        s = s or space(v, *terms)
        whole = terms[0]
        for term in terms[1:]:
            whole = s.add(whole, term)
        return whole


Index = Any                             # concrete indices
Jacobians = tuple[Jacobian, ...]        # several maps


# ---- composition and sum ---------------------------------------------------------------------------------------------


def some(maps: Any, kind: str) -> Jacobians:
    """The maps as a tuple; raises InputError if there is none or one of them is no Jacobian."""
    maps = tuple(maps)
    if not maps or not all(isinstance(J, Jacobian) for J in maps):
        raise InputError(f"{kind} takes at least one Jacobian, but {maps!r} was given")
    return maps


def fit(J: Jacobian, K: Jacobian) -> None:
    """Raise ShapeError unless J takes what K gives."""
    if J.shape[1] != K.shape[0]:
        raise ShapeError(f"{J!r} @ {K!r}: the left map takes {J.shape[1]} entries, but the right one gives {K.shape[0]}")


def match(J: Jacobian, K: Jacobian) -> None:
    """Raise ShapeError unless J and K have one shape."""
    if J.shape != K.shape:
        raise ShapeError(f"{J!r} + {K!r}: maps that are added need one shape, but these differ")


def simplify(J: Jacobian) -> Jacobian:
    """The same map in the simplest kind that the laws "=" know."""
    while found := law.cite("=", J):
        J = found[0]
    return J


def compose(J: Jacobian, K: Jacobian) -> Jacobian:
    """J K by the laws; a pair for which there is no law stays lazy, as a Product.

    In a product of several maps neighbours are composed wherever a law holds. Raises ShapeError.
    """
    fit(J, K)
    done: list[Jacobian] = []
    todo = [*_factors(J), *_factors(K)][::-1]
    while todo:
        right = todo.pop()
        found = (law.cite("@", done[-1], right) or law.cite("@", done[-1], simplify(right))) if done else None
        if found is None:
            done.append(simplify(right))
        else:
            done.pop()
            todo += _factors(found[0])[::-1]
    return done[0] if len(done) == 1 else Product(tuple(done))


def add(J: Jacobian, K: Jacobian) -> Jacobian:
    """J + K by the laws; terms for which there is no law stay lazy, as a Sum. Raises ShapeError."""
    match(J, K)
    terms: list[Jacobian] = []
    for term in (simplify(T) for T in (*_terms(J), *_terms(K))):
        for k, other in enumerate(terms):
            found = law.cite("+", other, term) or law.cite("+", term, other)
            if found is not None:
                terms[k] = simplify(found[0])
                break
        else:
            terms.append(term)
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _factors(J: Jacobian) -> Jacobians:
    return J.factors if isinstance(J, Product) else (J,)


def _terms(J: Jacobian) -> Jacobians:
    return J.terms if isinstance(J, Sum) else (J,)
