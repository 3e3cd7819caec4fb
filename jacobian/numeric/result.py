"""What is found of all entries, in the shapes in which it is handed out."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from jacobian.numeric.differences import Slopes
from jacobian.numeric.function import Function
from jacobian.numeric.sparsity import Pattern, matrix, structured


@dataclass(frozen=True)
class Kink:
    """∂y[output]/∂xₖ[index], k = `input`, is `left` from below and `right` from above: an interval of subgradients.

    `input` is None where x is no tuple; `name` is what f calls the input.
    """

    output: tuple[int, ...]
    input: int | None
    index: tuple[int, ...]
    left: float
    right: float
    name: str = "x"

    def __str__(self) -> str:
        y, x = (f"[{', '.join(map(str, place))}]" if place else "" for place in (self.output, self.index))
        return f"∂y{y}/∂{self.name}{x}: {self.left:.6g} to the left, {self.right:.6g} to the right"


@dataclass(frozen=True, eq=False)
class Numeric:
    """value[i, j] = ∂yᵢ/∂xⱼ ± error[i, j], shape f(x).shape + x.shape; tuples of these where x is a tuple.

    Where a sparsity was given or detected, both are structured Jacobians. `kinks` are the entries whose slopes to the
    left and to the right differ: there the value is their mean and the error reaches both.
    """

    value: Any
    error: Any
    evaluations: int
    method: str
    kinks: tuple[Kink, ...] = ()


@dataclass(frozen=True, eq=False)
class Entries:
    """The slopes at the places of a pattern, the method, and whether they leave a change of f unexplained."""

    places: Pattern
    slopes: Slopes
    method: str
    unexplained: bool


def handed_out(function: Function, found: Entries, explicit: bool) -> Numeric:
    """Arrays, or structured Jacobians if not `explicit`; of a complex y the two halves of rows are one again."""
    rows, columns, m = found.places.rows, found.places.columns, prod(function.shape)
    order = np.lexsort((rows, columns, rows % max(m, 1)))
    value, error = found.slopes.value[order], found.slopes.bound[order]
    if m < function.y.size:
        order, value, error = order[::2], value[::2] + 1j * value[1::2], np.hypot(error[::2], error[1::2])
    places = Pattern(rows[order], columns[order], m, function.x.size)
    shape = dense if explicit else sparse
    return Numeric(shape(function, places, value), shape(function, places, error), function.evaluations, found.method,
                   tuple(kinks(function, found)))


def dense(function: Function, places: Pattern, values: Any) -> Any:
    """f(x).shape + x.shape, a tuple where x is one."""
    return function.one(function.blocks(matrix(places.rows, places.columns, values, places.m, places.n)))


def sparse(function: Function, places: Pattern, values: Any) -> Any:
    """A structured Jacobian, a tuple where x is one."""
    parts, start = [], 0
    for n in map(prod, function.shapes):
        own = (places.columns >= start) & (places.columns < start + n)
        parts.append(structured(Pattern(places.rows[own], places.columns[own] - start, places.m, n), values[own]))
        start += n
    return function.one(tuple(parts))


def kinks(function: Function, found: Entries) -> Iterator[Kink]:
    """The entries whose two slopes differ."""
    starts = np.cumsum([0, *map(prod, function.shapes)])
    for e in np.flatnonzero(~np.isnan(found.slopes.left)):
        row, column = found.places.rows[e] % prod(function.shape), found.places.columns[e]
        k = int(np.searchsorted(starts, column, side="right")) - 1
        output, index = np.unravel_index(row, function.shape), np.unravel_index(column - starts[k], function.shapes[k])
        yield Kink(tuple(map(int, output)), k if function.several else None, tuple(map(int, index)),
                   float(found.slopes.left[e]), float(found.slopes.right[e]), function.names[k])
