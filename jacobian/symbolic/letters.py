"""Letters for the indices of an entry, and its numbers as they are read: an index is what its letter says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp

from jacobian.errors import InputError
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, make, sizes_of, walk
from jacobian.symbolic.indices import COMPARE, ENTRY, OVER, Index, Place, indexed
from jacobian.symbolic.leaves import SCALAR
from jacobian.symbolic.operations import HADAMARD

LETTERS = "ijklrstuvpqabcdefghαβγεζηθικλμνξρστφχψω"


def lettered(x: Expr, free: Sequence[Index], *others: Expr) -> tuple[Expr, dict[Index, Index]]:
    """x with letters for its indices, the free ones in order; none of them is a name or a size in x or the others.

    Raises InputError where no letter is left.
    """
    taken = {str(part) for node in walk(x, *others) for part in (node.label, *node.axes) if part is not None}
    taken |= set(map(str, sizes_of(x, *others)))
    sign = "=" if {"δ", "delta"} & taken else "δ"

    def chosen(k: Index, used: Collection[str]) -> Index:
        for letter in LETTERS:
            if letter not in taken and letter not in used:
                return Index(letter, k.size)
        raise InputError(f"no letter is left for an index of {x.operation.name}: give a part of the formula a name of "
                         "its own, jac.name")

    named: dict[Index, Index] = {}
    for k in free:
        named[k] = chosen(k, {index.name for index in named.values()})

    def named_by(node: Expr, by: Mapping[Index, Index], used: frozenset[str]) -> Expr:
        to = {old: Place(((new, 1),)) for old, new in by.items()}
        if node.operation is ENTRY:
            return make(ENTRY, node.args, tuple(p.moved(to) for p in node.data), SCALAR)
        if node.operation is COMPARE:
            kind, p, q = node.data[0], *(place.moved(to) for place in node.data[1:])
            if kind == "δ":
                kind, (p, q) = sign, sorted((p, q), key=_alphabetic)
            return make(COMPARE, data=(kind, p, q), axes=SCALAR)
        if node.operation is OVER:
            new = chosen(node.data, used)
            inside = named_by(node.args[0], {**by, node.data: new}, used | {new.name})
            return make(OVER, (inside,), new, SCALAR)
        if not indexed(node):
            return node
        args = []
        for arg in node.args:
            args.append(named_by(arg, by, used))
            if node.operation is HADAMARD:          # of two sums side by side the second may be read within the first
                used |= _reach(args[-1])
        return make(node.operation, args, node.data, node.axes)

    return named_by(x, named, frozenset(index.name for index in named.values())), named


def _alphabetic(place: Place) -> int:
    return LETTERS.index(place.plain.name) if place.plain else len(LETTERS)


def _reach(x: Expr) -> frozenset[str]:
    """The letters of the sums that no bracket ends before the next factor."""
    inner = x.args if x.operation in (OVER, HADAMARD) else ()
    return frozenset([x.data.name] if x.operation is OVER else ()).union(*map(_reach, inner))


def evaluate(x: Expr, free: Sequence[Index], bind: Binding) -> Any:
    """The array of x, an axis for each free index, as it is read: an index is what its letter says.

    An entry that is not there is NaN.
    """
    bound = {node.data.name: node.data for node in walk(x) if node.operation is OVER}
    axes = {name: k for k, name in enumerate(dict.fromkeys([*(index.name for index in free), *bound]))}
    rank = len(axes)

    def along(index: Index) -> Any:
        shape = [1] * rank
        shape[axes[index.name]] = -1
        return np.arange(bind.size(index.size)).reshape(shape)

    def numbers(place: Place) -> Any:
        parts = (bind.size(sp.sympify(stride)) * along(index) for index, stride in place.parts)
        return reduce(np.add, parts, np.full((1,) * rank, bind.size(sp.sympify(place.offset))))

    def value(node: Expr) -> Any:
        if node.operation is ENTRY:
            found = iter(map(numbers, node.data))
            places = [next(found) if n is not None else np.zeros((1,) * rank, int) for n in node.args[0].axes]
            array = bind(node.args[0])
            there = np.logical_and(*(place < n for place, n in zip(places, array.shape, strict=True)))
            rows, columns = (np.minimum(place, n - 1) for place, n in zip(places, array.shape, strict=True))
            return np.where(there, array[rows, columns], np.nan)
        if node.operation is COMPARE:
            sign, p, q = node.data
            p, q = numbers(p), numbers(q)
            return (p >= q if sign == "≥" else p == q).astype(float)
        if node.operation is OVER:
            k = axes[node.data.name]
            return known[node.args[0]].sum(axis=k, keepdims=True)
        if not indexed(node):
            return bind(node).reshape((1,) * rank)
        return node.operation.value(bind.sized(node), *(known[arg] for arg in node.args))

    known: dict[Expr, Any] = {}
    with np.errstate(all="ignore"):
        for node in walk(x, until=lambda node: not indexed(node) or node.operation is ENTRY):
            known[node] = value(node)
    shape = [bind.size(index.size) for index in free]
    return np.broadcast_to(known[x], shape + [1] * (rank - len(shape))).reshape(shape)
