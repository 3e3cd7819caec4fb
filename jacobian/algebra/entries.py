"""What a Jacobian is made of: floating arrays, arrays of SymPy entries, or abstract expressions.

Each type of entries brings the same few functions (a *space*). The space of arrays stands here; the space of
abstract expressions registers itself. `None` as a size means "no axis" and counts as 1.
"""

from __future__ import annotations

from functools import cache, lru_cache, reduce
from operator import index
from typing import Any

import numpy as np
import sympy as sp

from jacobian.errors import InputError

Entry = Any      # an array, or an abstract expression
Size = Any       # an int, a SymPy expression of sizes, or None for an axis that is not there
Index = Any      # an array of positions, the same in every type of entries


class Arrays:
    """Floating arrays (any float or complex type, preserved) and object arrays of SymPy entries."""

    @staticmethod
    def matmul(a: Entry, b: Entry) -> Entry:
        return a * b if a.shape[-1:] == b.shape[-2:-1] == (1,) else a @ b      # which takes five times as long there

    @staticmethod
    def add(a: Entry, b: Entry) -> Entry:
        return a + b

    @staticmethod
    def times(a: Entry, b: Entry) -> Entry:
        return a * b

    @staticmethod
    def transpose(a: Entry) -> Entry:
        return a.swapaxes(-1, -2) if a.ndim > 1 else a

    @staticmethod
    def inner(a: Entry, b: Entry) -> Entry:
        return a.reshape(-1) @ b.reshape(-1)

    @staticmethod
    def outer(a: Entry, b: Entry) -> Entry:
        return np.multiply.outer(a.reshape(-1), b.reshape(-1))

    @staticmethod
    def column(a: Entry) -> Entry:
        return a.reshape(-1, 1)

    @staticmethod
    def diag(a: Entry) -> Entry:
        d = a.reshape(-1)
        return np.where(np.eye(d.size, dtype=bool), d, np.zeros((), d.dtype))

    @staticmethod
    def scale_rows(d: Entry, a: Entry) -> Entry:
        return d.reshape(-1, 1) * a

    @staticmethod
    def scale_columns(a: Entry, d: Entry) -> Entry:
        return a * d.reshape(-1)

    @staticmethod
    def diagonal(a: Entry, n: Size) -> Entry:
        return a.reshape(n, n).diagonal()

    @staticmethod
    def diagonal_matrix(a: Entry) -> Entry:
        return Arrays.diag(a).reshape(-1)

    @staticmethod
    def commute(a: Entry, m: Size, n: Size) -> Entry:
        return a.reshape(count(m), count(n)).T.reshape(-1)

    @staticmethod
    def shift(d: Entry, s: Entry) -> Entry:
        return d + s

    @staticmethod
    def kron(a: Entry, b: Entry) -> Entry:
        return np.multiply.outer(a, b).swapaxes(1, 2).reshape(a.shape[0] * b.shape[0], a.shape[1] * b.shape[1])

    @staticmethod
    def block(blocks: list[Entry]) -> Entry:
        whole = np.zeros(tuple(sum(b.shape[k] for b in blocks) for k in (0, 1)), np.result_type(*blocks))
        row = column = 0
        for b in blocks:
            whole[row:row + b.shape[0], column:column + b.shape[1]] = b
            row, column = row + b.shape[0], column + b.shape[1]
        return whole

    # int8 by itself is only to be cast; `typed` has the type of the other entries, in which sums cannot overflow.
    dtype: np.dtype[Any] = np.dtype(np.int8)

    @classmethod
    def eye(cls, n: Size) -> Entry:
        return np.eye(count(n), dtype=cls.dtype)

    @classmethod
    def zeros(cls, m: Size, n: Size) -> Entry:
        return np.zeros((count(m), count(n)), cls.dtype)

    @classmethod
    def permutation(cls, p: Index) -> Entry:
        return cls.eye(p.size)[p]

    @classmethod
    def gather(cls, p: Index, n: Size) -> Entry:
        return (p[:, None] == np.arange(n)).astype(np.int8).astype(cls.dtype)

    @classmethod
    def commutation(cls, m: Size, n: Size) -> Entry:
        return cls.permutation(np.arange(count(m) * count(n)).reshape(count(m), count(n)).T.reshape(-1))

    @classmethod
    def selection(cls, n: Size) -> Entry:
        return cls.eye(n * n)[np.arange(n) * (n + 1)]

    @classmethod
    def insertion(cls, n: Size, before: Size, after: Size) -> Entry:
        return cls.eye(before + count(n) + after)[:, before:before + count(n)]


@cache
def typed(dtype: np.dtype[Any]) -> type[Arrays]:
    """The functions for arrays, the matrices of zeros and ones being of a type."""
    return type(f"Arrays of {dtype}", (Arrays,), {"dtype": dtype})


_spaces: dict[type, Any] = {}


def register(kind: type, space: Any) -> None:
    """Make `space` the functions for entries of type `kind`."""
    _spaces[kind] = space
    _space.cache_clear()


@cache
def _space(kind: type) -> Any:
    return next((functions for abstract, functions in _spaces.items() if issubclass(kind, abstract)), Arrays)


def space(*entries: Entry) -> Any:
    """The functions for these entries: those of an abstract type where one is among them, else those of arrays."""
    return next((found for entry in entries if (found := _space(entry.__class__)) is not Arrays), Arrays)


def space_of_sizes(*sizes: Size) -> Any:
    """The functions for a map without entries: of arrays where its sizes are numbers, else of abstract expressions."""
    return Arrays if all(n is None or isinstance(n, int) for n in sizes) else next(iter(_spaces.values()))


def is_array(entry: Entry) -> bool:
    """Whether the entry holds numbers or SymPy entries rather than an abstract expression."""
    return _space(entry.__class__) is Arrays


def is_floating(entry: Entry) -> bool:
    """Whether the entry is an array of floating or complex numbers, which needs no conversion."""
    return type(entry) is np.ndarray and entry.dtype.kind in "fc"


def array(entry: Entry, what: str) -> Entry:
    """The entry itself if abstract, else a floating, complex or SymPy array; integers become float64.

    Raises InputError for anything that is not made of numbers.
    """
    if is_floating(entry) or not is_array(entry):
        return entry
    try:
        values = np.asarray(entry)
    except ValueError as error:
        raise InputError(f"{what} must be an array of numbers with rows of equal length, but {error}") from error
    if values.dtype.kind in "iub":
        return values.astype(float)
    if values.dtype.kind in "fc":
        return values
    if values.dtype.kind == "O" and all(isinstance(v, (sp.Basic, int, float, complex)) for v in values.flat):
        return values
    raise InputError(f"{what} must hold numbers or SymPy expressions, not {values.dtype} ({str(entry)[:60]!r})")


def held(entry: Entry, what: str) -> Entry:
    """`array`, read-only, since a Jacobian does not change."""
    values = array(entry, what)
    if is_array(values):
        values = values.view()
        values.flags.writeable = False
    return values


def size(n: Size, what: str) -> Size:
    """A whole number as an int, a symbolic size or None as it is. Raises InputError for anything else."""
    if n is None or (isinstance(n, sp.Expr) and not n.is_number):
        return n
    try:
        number = index(n)
    except TypeError:
        number = -1
    if number < 0 or isinstance(n, bool):
        raise InputError(f"{what} is a whole number or a symbolic size, but {n!r} was given")
    return number


def axes(entry: Entry) -> tuple[Size, Size]:
    """The sizes (rows, columns) of an entry; None for an axis that is not there."""
    if not is_array(entry):
        return entry.axes
    return (*entry.shape, None, None)[:2]


def count(size: Size) -> Size:
    """The number of entries along an axis: 1 where there is no axis."""
    return 1 if size is None else size


def extent(entry: Entry) -> Size:
    """The number of entries of an array or expression."""
    if is_array(entry):
        return int(np.size(entry))
    return _extent(entry.axes)


@lru_cache(maxsize=1024)
def _extent(axes: tuple[Size, Size]) -> Size:
    return reduce(lambda a, b: a * count(b), axes, 1)


def same(a: Any, b: Any) -> bool:
    """Whether two entries are equal, NaN being equal to NaN."""
    if a is b:
        return True
    if is_array(a) and is_array(b):
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape:
            return False
        differ = a != b
        return not differ.any() or bool(np.all((a != a)[differ]) and np.all((b != b)[differ]))
    return bool(a == b)
