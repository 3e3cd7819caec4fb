"""Scalars that depend on indices: entries aᵢⱼ, Kronecker deltas δᵢⱼ and sums ∑ₖ, as expressions without axes.

They are made of the operations of matrix notation (sums, products, elementwise functions) and three of their own, which
have a value only where their indices have one (`evaluate`). Indices count from 0 inside and from 1 in print.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count as counter
from typing import Any

import sympy as sp

from jacobian.algebra.entries import Size, count
from jacobian.errors import InputError
from jacobian.symbolic.elementwise import MAP, power
from jacobian.symbolic.expr import Expr, Operation, make, walk
from jacobian.symbolic.leaves import SCALAR, number
from jacobian.symbolic.operations import ADD, BUILD, HADAMARD, add, coefficient, hadamard


@dataclass(frozen=True)
class Index:
    """k = 0, …, size − 1; in print k = 1, …, size."""

    name: str
    size: Size


@dataclass(frozen=True)
class Place:
    """offset + Σ stride · index: where along an axis; without indices the first place, or that of an absent axis."""

    parts: tuple[tuple[Index, Size], ...] = ()
    offset: Size = 0

    @property
    def plain(self) -> Index | None:
        """The index that is the whole place."""
        return self.parts[0][0] if len(self.parts) == 1 and self.parts[0][1] == 1 and self.offset == 0 else None

    @property
    def end(self) -> Size:
        """The first number that is larger than each value."""
        return sum((stride * (index.size - 1) for index, stride in self.parts), self.offset + 1)

    def __add__(self, offset: Size) -> Place:
        return Place(self.parts, sp.expand(self.offset + offset))

    def moved(self, to: Mapping[Index, Place]) -> Place:
        """With other places for its indices."""
        parts: list[tuple[Index, Size]] = []
        offset = self.offset
        for index, stride in self.parts:
            place = to.get(index, Place(((index, 1),)))
            parts += [(k, stride * s) for k, s in place.parts]
            offset += stride * place.offset
        return Place(tuple(parts), offset)


FIRST = Place()


def _needs_indices(y: Expr, *arrays: Any) -> Any:
    raise InputError(f"{y} has a value only where its indices have one: use indices.evaluate")


ENTRY = Operation("entry", "", _needs_indices)          # data: the places along the axes that its argument has
COMPARE = Operation("compare", "", _needs_indices)      # data: (sign, place, place), 1 where it holds and 0 elsewhere
OVER = Operation("sum over", "", _needs_indices)        # data: the index


def entry(x: Expr, i: Place, j: Place) -> Expr:
    """xᵢⱼ, of an expression that is not taken apart; a scalar itself."""
    places = tuple(p for p, n in zip((i, j), x.axes, strict=True) if n is not None)
    return make(ENTRY, (x,), places, SCALAR) if places else x


def compare(sign: str, p: Place, q: Place) -> Expr:
    """1 where p = q ("δ") or p ≥ q ("≥"), else 0."""
    return number(1) if p == q else make(COMPARE, data=(sign, p, q), axes=SCALAR)


def times(*factors: Expr) -> Expr:
    """The product: powers of equal factors, its sums last, where they need no brackets."""
    exponents: dict[Expr, int] = {}
    for part in (part for factor in factors for part in _factors(factor)):
        base, k = _powered(part)
        exponents[base] = exponents.get(base, 0) + k
    parts = [power(base, k) for base, k in exponents.items()]
    return hadamard(*sorted(parts, key=lambda part: part.operation is OVER)) if parts else number(1)


def _powered(x: Expr) -> tuple[Expr, int]:
    """(x, 3) of x³; a power that is no positive whole number is a factor of its own."""
    k = x.data.exponent if x.operation is MAP else None
    return (x.args[0], int(k)) if k is not None and k.is_Integer and k > 0 else (x, 1)


def _factors(x: Expr) -> tuple[Expr, ...]:
    c, rest = coefficient(x)
    front = () if c == 1 else (number(c),)
    return (*front, *(rest.args if rest.operation is HADAMARD else (rest,)))


def indexed(x: Expr) -> list[Expr]:
    """The entries and deltas in x, without what stands inside entries."""
    return [node for node in walk(x, until=lambda node: node.operation is ENTRY) if node.operation in (ENTRY, COMPARE)]


def places(x: Expr) -> tuple[Place, ...]:
    """The places of an entry or a delta."""
    return x.data if x.operation is ENTRY else x.data[1:]


def depends(x: Expr, k: Index) -> bool:
    return any(index == k for node in indexed(x) for place in places(node) for index, _ in place.parts)


class Frame:
    """Gives out indices, bound by a sum or free; an index along an axis of m · n entries may be split into two."""

    def __init__(self) -> None:
        self._names = map(str, counter())
        self._split: dict[Index, Place] = {}
        self._free: set[Index] = set()

    def fresh(self, size: Size, free: bool = False) -> Place:
        """A new index; the first place of an axis that is absent or has size 1."""
        if count(size) == 1:
            return FIRST
        index = Index(next(self._names), size)
        self._free |= {index} if free else set()
        return Place(((index, 1),))

    def free(self, place: Place) -> bool:
        """Whether the place moves with a free index."""
        return any(index in self._free for index, _ in place.parts)

    def pair(self, first: Place, second: Place, n: Size) -> Place:
        """n · first + second: a place along an axis of m · n entries, row after row."""
        return Place((*((k, s * n) for k, s in first.parts), *second.parts), first.offset * n + second.offset)

    def split(self, place: Place, n: Size) -> tuple[Place, Place] | None:
        """(p, q) with n p + q = place and q < n; None where the indices do not fall apart so."""
        place = self.settled(place)
        parts, total, n = place.parts, sp.Integer(1), sp.sympify(count(n))
        if place.offset != 0:
            return None
        for k in range(len(parts), -1, -1):
            if sp.expand(total - n) == 0:
                return Place(tuple((index, sp.cancel(s / n)) for index, s in parts[:k])), Place(parts[k:])
            if k == 0 or sp.expand(parts[k - 1][1] - total) != 0:
                return None
            index, rest = parts[k - 1][0], sp.cancel(n / total)
            if not _whole(rest / index.size):
                if not _whole(index.size / rest):
                    return None
                first, second = (self.fresh(size, index in self._free) for size in (sp.cancel(index.size / rest), rest))
                self._split[index] = self.pair(first, second, rest)
                return self.split(place, n)
            total = sp.expand(total * index.size)
        return None

    def settled(self, place: Place) -> Place:
        """The place by the indices into which its own were split."""
        while any(index in self._split for index, _ in place.parts):
            place = place.moved(self._split)
        return place

    def delta(self, p: Place, q: Place) -> Expr:
        """1 where p = q, else 0; a product of such where they are pairs."""
        p, q = self.settled(p), self.settled(q)
        for one, other in ((p, q), (q, p)):
            if len(one.parts) > 1 and p != q:
                n = one.parts[0][1]
                first, second = self.split(one, n), self.split(other, n)
                if first is not None and second is not None:
                    return times(*map(self.delta, first, second))
        apart = any(sp.sympify(one.offset - other.end).is_nonnegative for one, other in ((p, q), (q, p)))
        return number(0) if apart else compare("δ", p, q)

    def moved(self, x: Expr, to: Mapping[Index, Place]) -> Expr:
        """x with other places for indices."""
        done: dict[Expr, Expr] = {}
        for node in walk(x, until=lambda node: node.operation is ENTRY):
            args = [done[arg] for arg in node.args] if node.operation is not ENTRY else []
            if node.operation in (ENTRY, COMPARE):
                done[node] = self._placed(node, [self.settled(place.moved(to)) for place in places(node)])
            elif all(map(operator.is_, args, node.args)):
                done[node] = node
            elif node.operation is OVER:
                done[node] = self._total(args[0], node.data)
            else:
                build = BUILD.get(node.operation.name)
                done[node] = build(*args) if build else make(node.operation, args, node.data, node.axes)
        return done[x]

    def _placed(self, node: Expr, new: list[Place]) -> Expr:
        if node.operation is ENTRY:
            return make(ENTRY, node.args, tuple(new), SCALAR)
        return self.delta(*new) if node.data[0] == "δ" else compare(node.data[0], *new)

    def total(self, x: Expr, over: Place) -> Expr:
        """∑ x over the indices of a fresh place."""
        x = self.moved(x, {})
        for index, _ in reversed(self.settled(over).parts):
            x = self._total(x, index)
        return x

    def _total(self, x: Expr, k: Index) -> Expr:
        """∑ₖ x: δ is used up, what does not depend on k stands in front."""
        factors = _factors(x)
        outside = [f for f in factors if not depends(f, k)]
        inside = [f for f in factors if depends(f, k)]
        if not inside:
            return times(number(k.size), x)
        for f in inside:
            if f.operation is COMPARE and (to := _other(f, k)) is not None:
                rest = times(*(g for g in inside if g is not f))
                return times(*outside, self.moved(rest, {k: to}))
            if f.operation is ADD and (len(inside) == 1 or any(_contracts(term, k) for term in f.args)):
                rest = times(*(g for g in inside if g is not f))
                if any(_contracts(term, k) or not depends(term, k) for term in f.args):
                    return times(*outside, add(*(self._total(times(term, rest), k) for term in f.args)))
        return times(*outside, self._over(times(*inside), k))

    def _over(self, x: Expr, k: Index) -> Expr:
        """∑ₖ x with an index that is called by how deep it stands, so that equal sums are one expression."""
        depth = max((int(node.data.name[1:]) for node in walk(x) if node.operation is OVER), default=0) + 1
        bound = Index(f"#{depth}", k.size)
        return make(OVER, (self.moved(x, {k: Place(((bound, 1),))}),), bound, SCALAR)


def _whole(ratio: Any) -> bool:
    """Whether a ratio of sizes is a whole number, whatever the sizes are."""
    ratio = sp.cancel(ratio)
    return bool(ratio.is_Integer or (not ratio.is_number and sp.denom(ratio) == 1))


def _contracts(x: Expr, k: Index) -> bool:
    return any(f.operation is COMPARE and _other(f, k) is not None for f in _factors(x))


def _other(delta: Expr, k: Index) -> Place | None:
    """What k is where the delta is 1, if k runs over all that it can be."""
    sign, p, q = delta.data
    for own, other in ((p, q), (q, p)):
        inside = sp.sympify(count(k.size) - other.end).is_nonnegative
        if sign == "δ" and own.plain == k and inside and all(index != k for index, _ in other.parts):
            return other
    return None
