"""Where a Jacobian can be other than 0, which of its columns can be moved together, and the kind of map that it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from jacobian.algebra import BlockDiagonal, Dense, Diagonal, Identity, Insertion, Jacobian, Part, Scalar, Sum, Zero
from jacobian.errors import InputError, ShapeError
from jacobian.numeric.function import Function, Index, Mask, Real
from jacobian.numeric.ladder import Group, powers
from jacobian.numeric.noise import Noise, scales

NUDGE = 2.0**-3         # of the size of an input: far enough to show what depends on it
PARTS = 8               # in which the columns are moved, at most
SEEN = 8.0              # standard deviations of the noise: a change that is one


@dataclass(frozen=True, eq=False)
class Pattern:
    """The places (rows[k], columns[k]) of an m × n matrix that may be other than 0, in the order of rows."""

    rows: Index
    columns: Index
    m: int
    n: int

    @classmethod
    def of(cls, rows: Any, columns: Any, m: int, n: int) -> "Pattern":
        places = np.unique(np.asarray(rows, np.intp) * n + np.asarray(columns, np.intp))
        return cls(places // n, places % n, m, n) if n else cls(places, places, m, n)

    def degree(self) -> int:
        """The most entries that a row has."""
        return int(np.bincount(self.rows, minlength=1).max())


def beside(patterns: Sequence[Pattern], m: int) -> Pattern:
    """The patterns of several inputs as one."""
    starts = np.cumsum([0, *(p.n for p in patterns)])
    columns = [p.columns + start for p, start in zip(patterns, starts, strict=False)]
    return Pattern.of(np.concatenate([p.rows for p in patterns]), np.concatenate(columns), m, int(starts[-1]))


def doubled(pattern: Pattern) -> Pattern:
    """The pattern of the real parts and, below it, that of the imaginary parts."""
    rows = np.concatenate([pattern.rows, pattern.rows + pattern.m])
    return Pattern(rows, np.tile(pattern.columns, 2), 2 * pattern.m, pattern.n)


# ---- given ---------------------------------------------------------------------------------------------------------


def given(sparsity: Any, function: Function) -> Pattern:
    """The pattern that a user states: an array, a sparse matrix of SciPy's, or a structured Jacobian, one per input.

    Raises InputError or ShapeError if it is none or has another shape than the Jacobian.
    """
    m, sizes = prod(function.shape), [prod(shape) for shape in function.shapes]
    several = isinstance(sparsity, tuple)
    if several and len(sparsity) != len(sizes):
        raise ShapeError(f"sparsity must be one pattern, or one for each of the {len(sizes)} inputs; "
                         f"{len(sparsity)} were given")
    parts = sparsity if several else (sparsity,)
    shapes = function.shapes if several else (function.shapes[0],) if len(sizes) == 1 else ((sum(sizes),),)
    return beside([read(part, function.shape, shape, m) for part, shape in zip(parts, shapes, strict=True)], m)


def read(part: Any, output: tuple[int, ...], shape: tuple[int, ...], m: int) -> Pattern:
    """One pattern of shape (m, n), or of the shape of f(x) and then that of x."""
    n = prod(shape)
    if isinstance(part, Jacobian):
        found = part.shape
        rows, columns = support(part)
    elif hasattr(part, "tocoo"):
        sparse = part.tocoo()
        found, rows, columns = sparse.shape, sparse.row, sparse.col
    else:
        try:
            dense = np.asarray(part) != 0
        except (TypeError, ValueError):
            dense = np.asarray(None) != 0
        if dense.dtype != bool or dense.ndim == 0:
            raise InputError("sparsity must be an array, a sparse matrix, a Jacobian or \"detect\"; "
                             f"it is {type(part).__name__} {part!r:.60}")
        found = (m, n) if dense.shape == output + shape else dense.shape
        rows, columns = np.nonzero(dense.reshape(m, n) if found == (m, n) else np.atleast_2d(dense)[:0])
    if tuple(found) != (m, n):
        raise ShapeError(f"sparsity has shape {tuple(found)}, but the Jacobian is {m} × {n}")
    return Pattern.of(rows, columns, m, n)


def support(J: Jacobian) -> tuple[Index, Index]:
    """Where a structured Jacobian can be other than 0; a kind without a row here is written out."""
    return SUPPORT.get(type(J), lambda J: np.nonzero(J.dense()))(J)


def blocks(J: BlockDiagonal) -> tuple[Index, Index]:
    corners = np.cumsum([(0, 0), *(block.shape for block in J.blocks)], axis=0)
    places = [np.add(support(block), corner[:, None]) for block, corner in zip(J.blocks, corners, strict=False)]
    rows, columns = np.concatenate(places, axis=1)
    return rows, columns


def along(J: Jacobian) -> tuple[Index, Index]:
    return np.arange(J.shape[0]), np.arange(J.shape[0])


SUPPORT: dict[type[Jacobian], Any] = {Diagonal: along, Identity: along, Scalar: along, BlockDiagonal: blocks}


# ---- detected ------------------------------------------------------------------------------------------------------


def detect(function: Function, noise: Noise) -> Pattern:
    """The pattern of J at x: one that the shapes or a few columns suggest and f does not contradict, else by columns.

    An input counts as one that yᵢ depends on if a change of an eighth of its size, to either side, changes yᵢ by more
    than its noise.
    """
    for pattern in suggested(function, noise):
        if not violated(function, noise, pattern).size:
            return pattern
    return probed(function, noise, np.arange(function.x.size))


def suggested(function: Function, noise: Noise) -> Iterator[Pattern]:
    """Blocks along the axes that x and y share, the smallest first, and then the offsets i − j of a few columns."""
    y = function.shape
    m = prod(y)
    shared = [next((k for k, (a, b) in enumerate(zip(y, x, strict=False)) if a != b), min(len(y), len(x)))
              for x in function.shapes]
    for depth in range(max(shared, default=0), 0, -1):
        parts = []
        for x, axes in zip(function.shapes, shared, strict=True):
            lead = prod(y[:min(depth, axes)])
            p, q, b = m // max(lead, 1), prod(x) // max(lead, 1), np.arange(lead)[:, None, None]
            rows, columns = np.broadcast_arrays(b * p + np.arange(p)[:, None], b * q + np.arange(q))
            parts.append(Pattern.of(rows.ravel(), columns.ravel(), m, prod(x)))
        pattern = beside(parts, m)
        if pattern.rows.size < m * pattern.n:
            yield pattern if m == function.y.size else doubled(pattern)
    n = function.x.size
    if function.y.size == n >= 4 * SAMPLED:
        some = probed(function, noise, np.linspace(0, n - 1, SAMPLED).astype(int))
        offsets = np.unique(some.columns - some.rows)
        if 2 * offsets.size < n:
            rows, columns = np.broadcast_arrays(np.arange(n), np.arange(n) + offsets[:, None])
            inside = (columns >= 0) & (columns < n)
            yield Pattern.of(rows[inside], columns[inside], n, n)


SAMPLED = 5             # columns that suggest the offsets


def probed(function: Function, noise: Noise, columns: Index) -> Pattern:
    """The entries of some columns, each moved by itself to both sides."""
    s, pattern = powers(scales(function)), []
    points = []
    for j in columns:
        for way in (NUDGE, -NUDGE):
            x = function.x.copy()
            x[j] += way * s[j]
            points.append(x)
    values = function.at(points)
    for j in columns:
        moved = changed(function, noise, next(values)) | changed(function, noise, next(values))
        pattern.append(np.array([np.flatnonzero(moved), np.full(moved.sum(), j)]))
    rows, places = np.concatenate([np.zeros((2, 0), int), *pattern], axis=1)
    return Pattern.of(rows, places, function.y.size, function.x.size)


def violated(function: Function, noise: Noise, pattern: Pattern) -> Index:
    """The outputs that change though the pattern says that none of the inputs moved is theirs.

    Each column is moved once, with some of the others: blocks as a whole, which leaves the rest of the outputs alone,
    and elsewhere so few at a time that some outputs should stay.
    """
    random = np.random.default_rng(3)
    blocks = blocks_of(pattern)
    count = min(max(pattern.degree(), 2), PARTS) if blocks is None else 2
    part = random.integers(count, size=pattern.n)[np.arange(pattern.n) if blocks is None else blocks]
    step = NUDGE * powers(scales(function)) * random.choice([-1.0, 1.0], part.size)
    values = function.at([np.where(part == k, function.x + step, function.x) for k in range(count)])
    wrong = np.zeros(function.y.size, bool)
    for k, y in enumerate(values):
        touched = np.bincount(pattern.rows, part[pattern.columns] == k, function.y.size) > 0
        wrong |= ~touched & changed(function, noise, y)
    return np.flatnonzero(wrong)


def blocks_of(pattern: Pattern) -> Index | None:
    """For each column the first of its block, or None where the columns hang together in longer chains."""
    label = np.arange(pattern.n)
    for _ in range(2):
        row = np.full(pattern.m, pattern.n)
        np.minimum.at(row, pattern.rows, label[pattern.columns])
        before, label = label, label.copy()
        np.minimum.at(label, pattern.columns, row[pattern.rows])
    return label if (label == before).all() and label.any() else None


def changed(function: Function, noise: Noise, y: Real) -> Mask:
    """Which outputs are not what they are at x."""
    same = (np.abs(y - function.y) <= SEEN * noise.sigma) | (y == function.y) | (np.isnan(y) & np.isnan(function.y))
    return ~same


# ---- coloured ------------------------------------------------------------------------------------------------------


def coloured(pattern: Pattern) -> list[Group]:
    """Groups of columns no two of which share a row: J from as many directions as there are groups.

    Source: Curtis, Powell and Reid 1974, J. Inst. Maths Applics 13, 117–119.
    """
    colour = colours(pattern)
    order = np.argsort(colour[pattern.columns], kind="stable")
    ends = np.cumsum(np.bincount(colour[pattern.columns], minlength=1))
    groups = []
    for k, entries in enumerate(np.split(order, ends[:-1])):
        columns, places = np.flatnonzero(colour == k), np.zeros(pattern.n, int)
        places[columns] = np.arange(columns.size)
        groups.append(Group(columns, pattern.rows[entries], places[pattern.columns[entries]]))
    return [group for group in groups if group.rows.size]


def colours(pattern: Pattern) -> Index:
    """j mod p for a p that works and is little above the least number there is, else for each column the first free."""
    least = pattern.degree()
    for p in range(max(least, 1), 2 * least + 1):
        places = pattern.rows * p + pattern.columns % p
        if np.bincount(places, minlength=1).max() <= 1:
            return np.arange(pattern.n) % p
    order = np.argsort(pattern.columns, kind="stable")
    starts = np.searchsorted(pattern.columns[order], np.arange(pattern.n + 1))
    rows = pattern.rows[order]
    colour, taken = np.zeros(pattern.n, int), [set[int]() for _ in range(pattern.m)]
    for j in range(pattern.n):
        own = rows[starts[j]:starts[j + 1]]
        used = set[int]().union(*(taken[i] for i in own))
        colour[j] = next(c for c in range(len(used) + 1) if c not in used)
        for i in own:
            taken[i].add(int(colour[j]))
    return colour


# ---- a map ---------------------------------------------------------------------------------------------------------


def structured(pattern: Pattern, values: Any) -> Jacobian:
    """The map with these values in these places: 0, diagonal, block-diagonal, a sum of shifted diagonals, or dense."""
    m, n, rows, columns = pattern.m, pattern.n, pattern.rows, pattern.columns
    if not rows.size:
        return Zero(m, n)
    if m == n and (rows == columns).all():
        diagonal = np.zeros(n, values.dtype)
        diagonal[rows] = values
        return Diagonal(diagonal)
    last, first = np.maximum.accumulate(columns), np.minimum.accumulate(columns[::-1])[::-1]
    cuts = np.flatnonzero((last[:-1] < first[1:]) & (rows[:-1] < rows[1:])) + 1
    tops, lefts = (np.array([0, *ends[cuts], size]) for ends, size in ((rows, m), (first, n)))
    if 2 * np.diff(tops) @ np.diff(lefts) < m * n:
        pieces = zip(np.split(rows, cuts), np.split(columns, cuts), np.split(values, cuts), strict=True)
        return BlockDiagonal(tuple(
            Dense(matrix(r - tops[k], c - lefts[k], v, tops[k + 1] - tops[k], lefts[k + 1] - lefts[k]))
            for k, (r, c, v) in enumerate(pieces)))
    offsets, which = np.unique(columns - rows, return_inverse=True)
    if 2 * offsets.size * min(m, n) < m * n:
        bands = [band(int(d), rows[which == k], values[which == k], m, n) for k, d in enumerate(offsets)]
        return Sum(tuple(bands)) if len(bands) > 1 else bands[0]
    return Dense(matrix(rows, columns, values, m, n))


def band(d: int, rows: Index, values: Any, m: int, n: int) -> Jacobian:
    """The diagonal of the places (i, i + d)."""
    top, left = max(-d, 0), max(d, 0)
    size = min(m - top, n - left)
    diagonal = np.zeros(size, values.dtype)
    diagonal[rows - top] = values
    return Insertion(size, top, m - top - size) @ Diagonal(diagonal) @ Part(size, left, n - left - size)


def matrix(rows: Index, columns: Index, values: Any, m: int, n: int) -> Any:
    """The explicit matrix."""
    whole = np.zeros((m, n), values.dtype)
    whole[rows, columns] = values
    return whole
