"""A Jacobian, products and sums of them, and the two operations: composition and addition by the laws.

Constructors state; `@`, `+` and `T` use the laws. Where there is no law, a product or a sum stays as it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from jacobian.algebra import law
from jacobian.algebra.entries import (
    Arrays,
    Entry,
    Size,
    array,
    axes,
    extent,
    is_array,
    is_floating,
    space,
    space_of_sizes,
    typed,
)
from jacobian.algebra.structure import Structure
from jacobian.errors import InputError, MissingRule, ShapeError


@dataclass(frozen=True, eq=False, repr=False)
class Jacobian(Structure):
    """J[i, j] = ∂yᵢ/∂xⱼ, a linear map that is never written out unless asked.

    `J @ K` composes, `J + K` adds, `J.T` transposes, all by the laws; `J @ v` is the forward sensitivity of a flat
    vector, `J.T @ g` or `g @ J` the backward pass; `J.dense()` is the explicit matrix and `J.map(f)` the same structure
    with other entries. Maps that do not fit raise ShapeError, what is neither a map nor numbers InputError.
    """

    __array_ufunc__ = None      # an array on the left of @ or + leaves the work to us

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        """(out, in)."""
        raise MissingRule(f"{type(self).__name__} does not say its shape: write it in jacobian/algebra/kinds.py")

    # ---- algebra ---------------------------------------------------------------------------------------------------

    @cached_property
    def T(self) -> Jacobian:
        """Jᵀ, out and in exchanged."""
        found = law.cite("T", self)
        if found is None:
            raise InputError(f"no law transposes {self!r}: "
                             f"write the row 'T' of {type(self).__name__} in jacobian/algebra/laws/transposes.py")
        return found[0]

    def __matmul__(self, other: Any) -> Any:
        return compose(self, other) if isinstance(other, Jacobian) else self._apply(other)

    def __rmatmul__(self, other: Any) -> Any:
        other = array(other, f"what stands to the left of {self!r}")
        return (self.T @ other.T).T if is_array(other) else self.T @ other

    def __add__(self, other: Any) -> Jacobian:
        if not isinstance(other, Jacobian):
            raise InputError(f"{self!r} is added to a Jacobian, but {other!r} was given: a matrix is jac.Dense(matrix)")
        return add(self, other)

    __radd__ = __add__

    def _apply(self, v: Entry) -> Entry:
        v = v if is_floating(v) else array(v, f"what {self!r} is applied to")
        if is_array(v) and (v.ndim not in (1, 2) or v.shape[0] != self.shape[1]):
            raise ShapeError(
                f"{self!r} takes a vector of {self.shape[1]} entries (or columns of them), "
                f"but was given an array of shape {v.shape}: flatten it with .reshape(-1)"
            )
        if not is_array(v) and extent(v) != self.shape[1]:
            raise ShapeError(f"{self!r} takes {self.shape[1]} entries, but {v} has {extent(v)}")
        return self.left(v) if is_array(v) and v.ndim == 2 else self.push(v)

    # ---- action ----------------------------------------------------------------------------------------------------

    def push(self, v: Entry) -> Entry:
        """J v: of a flat array a flat array; of an abstract expression one in its natural shape where there is one."""
        if is_array(v):
            return self.left(v[:, None])[:, 0]
        s = space(v)
        return s.times(v, self.matrix(s)) if axes(v) == (None, None) else self.left(s.column(v))

    def left(self, x: Entry) -> Entry:
        """J X, the map on each column; arrays may have more axes in front."""
        s = space(x)
        return s.matmul(self.matrix(typed(x.dtype) if s is Arrays else s), x)

    def right(self, x: Entry) -> Entry:
        """X Jᵀ, the map on each row; arrays may have more axes in front."""
        s = space(x)
        return s.transpose(self.left(s.transpose(x)))

    # ---- explicit --------------------------------------------------------------------------------------------------

    def matrix(self, s: Any) -> Entry:
        """The explicit matrix in the space `s`."""
        raise MissingRule(f"{type(self).__name__} does not say its explicit matrix: write `matrix` beside its shape")

    def dense(self) -> Entry:
        """The explicit matrix, out × in, of the type of the entries (float64 where there are none)."""
        entries = self.entries()
        s = space(*entries)
        if s is Arrays:
            s = space_of_sizes(*self.gather("Size"))
        if s is not Arrays:
            return self.matrix(s)
        dtype = np.result_type(*entries or [float])
        dtype = np.dtype(float) if dtype.kind == "i" else dtype     # the 2 of 2 I has no type of its own
        whole = self.matrix(typed(dtype))
        if dtype.hasobject:
            return np.vectorize(sp.sympify, otypes=[object])(whole)
        return whole.astype(dtype, copy=not whole.flags.writeable)


Jacobians = tuple[Jacobian, ...]        # several maps


@dataclass(frozen=True, eq=False, repr=False)
class Product(Jacobian):
    """J = A B ⋯: maps one after the other, the last one first; stays as it is written."""

    factors: Jacobians

    normal: ClassVar[bool] = False      # whether no two neighbours have a law: so of each product that `compose` made

    def __post_init__(self) -> None:
        object.__setattr__(self, "factors", several(self.factors, "Product"))
        for J, K in zip(self.factors, self.factors[1:], strict=False):
            fit(J, K)

    @cached_property
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
        whole = self.factors[-1].matrix(s)
        for J in reversed(self.factors[:-1]):
            whole = J.left(whole)
        return whole


@dataclass(frozen=True, eq=False, repr=False)
class Sum(Jacobian):
    """J = A + B + ⋯: the paths from x to y, all of one shape; stays as it is written."""

    terms: Jacobians

    normal: ClassVar[bool] = False      # whether no two terms have a law: so of each sum that `add` made

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", several(self.terms, "Sum"))
        for K in self.terms[1:]:
            match(self.terms[0], K)

    @cached_property
    def shape(self) -> tuple[Size, Size]:
        return self.terms[0].shape

    def push(self, v: Entry) -> Entry:
        paths = [J.push(v) for J in self.terms]
        alike = len({axes(path) for path in paths}) == 1
        return total(paths if alike else [space(path).column(path) for path in paths])

    def left(self, x: Entry) -> Entry:
        return total([J.left(x) for J in self.terms])

    def matrix(self, s: Any) -> Entry:
        return total([J.matrix(s) for J in self.terms])


def total(entries: list[Entry]) -> Entry:
    """The sum of entries of one shape."""
    whole = entries[0]
    for entry in entries[1:]:
        whole = space(whole, entry).add(whole, entry)
    return whole


def one(J: Any, kind: str) -> Jacobian:
    """J itself. Raises InputError if it is no Jacobian."""
    if not isinstance(J, Jacobian):
        raise InputError(f"{kind} is made of Jacobians, but {J!r} was given: a matrix is jac.Dense(matrix)")
    return J


def several(maps: Any, kind: str) -> Jacobians:
    """The maps as a tuple. Raises InputError if there is none or one of them is no Jacobian."""
    if not isinstance(maps, tuple | list) or not maps:
        raise InputError(f"{kind} takes a tuple of at least one Jacobian, but {maps!r} was given")
    return tuple(one(J, kind) for J in maps)


def fit(J: Jacobian, K: Jacobian) -> None:
    """Raise ShapeError unless J takes what K gives."""
    if J.shape[1] != K.shape[0]:
        raise ShapeError(f"{J!r} @ {K!r}: the left map takes {J.shape[1]} entries, but the right gives {K.shape[0]}")


def match(J: Jacobian, K: Jacobian) -> None:
    """Raise ShapeError unless J and K have one shape."""
    if J.shape != K.shape:
        raise ShapeError(f"{J!r} + {K!r}: maps that are added need one shape, but these differ")


# ---- composition and sum -------------------------------------------------------------------------------------------


def simplify(J: Jacobian) -> Jacobian:
    """The same map in the simplest kind that the laws "=" know."""
    while found := law.cite("=", J):
        J = found[0]
    return J


def compose(J: Jacobian, K: Jacobian) -> Jacobian:
    """J K by the laws; a pair for which there is no law stays lazy, as a Product.

    In the result no two neighbours have a law. Raises ShapeError.
    """
    fit(J, K)
    done: list[Jacobian] = list(J.factors) if isinstance(J, Product) and J.normal else []
    if not done:
        _append(done, J)
    pieces = list(K.factors) if isinstance(K, Product) and K.normal else [K]
    for k, piece in enumerate(pieces, 1):
        _append(done, piece)
        if done[-1] is piece:           # the rest stands beside what it stood beside in K
            done += pieces[k:]
            break
    return _settled(Product, done)


def add(J: Jacobian, K: Jacobian) -> Jacobian:
    """J + K by the laws; terms for which there is no law stay lazy, as a Sum.

    In the result no two terms have a law. Raises ShapeError.
    """
    match(J, K)
    terms: list[Jacobian] = list(J.terms) if isinstance(J, Sum) and J.normal else []
    if not terms:
        _merge(terms, J)
    _merge(terms, K)
    return _settled(Sum, terms)


def _settled(kind: type[Product] | type[Sum], maps: list[Jacobian]) -> Jacobian:
    if len(maps) == 1:
        return maps[0]
    whole = kind(tuple(maps))
    object.__setattr__(whole, "normal", True)
    return whole


def _append(done: list[Jacobian], J: Jacobian) -> None:
    """Put J behind factors no two neighbours of which have a law, so that this stays so."""
    todo = [J]
    while todo:
        right = todo.pop()
        if isinstance(right, Product):
            todo += reversed(right.factors)
            continue
        found = law.cite("@", done[-1], right) if done else None
        if found is not None:
            done.pop()
            todo.append(found[0])
        elif (simple := simplify(right)) is right:
            done.append(right)
        else:
            todo.append(simple)


def _merge(terms: list[Jacobian], J: Jacobian) -> None:
    """Add J to terms no two of which have a law, so that this stays so; what merges stays at its place."""
    place = len(terms)
    todo = [J]
    while todo:
        term = simplify(todo.pop())
        if isinstance(term, Sum):
            todo += reversed(term.terms)
            continue
        for k, other in enumerate(terms):
            found = law.cite("+", other, term)
            if found is None and type(other) is not type(term):
                found = law.cite("+", term, other)
            if found is not None:
                del terms[k]
                place = k
                todo.append(found[0])
                break
        else:
            terms.insert(place, term)
            place += 1
