"""What the operations of an answer do, a row for each kind of node, under a reading.

A reading says what is left open in the tree: what * means, whether vectors are NumPy's (no row, no column) or columns,
whether sizes of 1 are stretched, and what the sum of a matrix is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from jacobian.symbolic.elementwise import standing_in
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.value import (
    ENTRIES,
    EYE,
    ONES,
    WORK,
    Real,
    TooMuch,
    Value,
    between,
    column,
    matrix,
    scalar,
)

POWER, SIZE = 4, 64
HINT = ""              # the name of the number of rows of the right answer


@dataclass(frozen=True)
class Reading:
    """One way of understanding an answer; `words` says it to the student."""

    name: str
    words: str
    star: str = "product"          # "product", "times", or "fits": whichever fits
    flat: bool = False             # vectors are neither rows nor columns
    stretched: bool = False        # axes of length 1 are stretched
    sums: bool = False             # the sum of a matrix goes down its columns
    repeated: bool = False         # an index that is there twice is summed over


PAPER = Reading("paper", "with * as the matrix product")
ENTRYWISE = Reading("entrywise", "with * entry by entry", "times")
MATLAB = Reading("MATLAB", "as MATLAB: * is the matrix product", stretched=True, sums=True)
NUMPY = Reading("NumPy", "as NumPy: * goes entry by entry, vectors have one axis", "times", True, True)
COLUMNS = Reading("NumPy with columns", "as NumPy with vectors as columns of shape (n, 1)", "times", False, True)
EINSTEIN = Reading("indices", "with a sum over each index that is there twice", repeated=True)
FITS = Reading("fits", "with * and blanks as they fit", "fits")


@dataclass
class Run:
    """One evaluation: the values of names, the reading, and what did not fit."""

    values: Mapping[str, Value]
    reading: Reading
    misfits: list[tuple[Node, str]] = field(default_factory=list)
    work: int = 0
    memo: dict[Node, tuple[Value, bool]] | None = None      # of nodes that many trees share: value, whether it fits

    @property
    def hint(self) -> int:
        """The size of an identity beside ones of no stated size: that of the right answer."""
        right = self.values.get(HINT)
        return 1 if right is None else int(right.array.item())

    def __call__(self, root: Node) -> Value:
        """The value of a tree."""
        return self.all(root)[root]

    def all(self, root: Node) -> dict[Node, Value]:
        """The value of every node, sums over indices and what stands in them taken as one."""
        found: dict[Node, Value] = {}
        with np.errstate(all="ignore"), standing_in():
            if any(node.kind in ("entry", "same index") for node in _outside(root)):
                found[root] = self.by_indices(root)
                return found
            for node in reversed(_outside(root)):
                found[node] = self.kept(node, self.node(node, [found[arg] for arg in node.args]
                                                        if node.kind != "sigma" else []))
        return found

    def shared(self, root: Node) -> tuple[Value, bool]:
        """The value of a tree and whether its sizes fit, with what is known of its parts from other trees."""
        assert self.memo is not None
        if root not in self.memo:
            if any(node.kind in ("sigma", "entry", "same index") for node in root.walk()):
                return self(root), not self.misfits
            with np.errstate(all="ignore"), standing_in():
                self._remembered(root)
        return self.memo[root]

    def _remembered(self, node: Node) -> tuple[Value, bool]:
        assert self.memo is not None
        if node not in self.memo:
            args = [self._remembered(arg) for arg in node.args]
            before = len(self.misfits)
            value = self.kept(node, self.node(node, [value for value, _ in args]))
            self.memo[node] = value, len(self.misfits) == before and all(fits for _, fits in args)
        return self.memo[node]

    def kept(self, node: Node, value: Value) -> Value:
        self.work += value.array.size
        if value.array.size > ENTRIES or self.work > WORK:
            raise TooMuch
        return value

    def node(self, node: Node, args: list[Value]) -> Value:
        if node.kind == "name":
            return self.values[node.data]
        if node.kind == "sigma":
            return self.by_indices(node)
        return OPERATIONS[node.kind](self, node, *args)

    def misfit(self, node: Node, *args: Value) -> None:
        self.misfits.append((node, " and ".join(arg.words() for arg in args)))

    # ---- sums over indices ----

    def by_indices(self, root: Node) -> Value:
        """A tree with indices: each letter is an axis of an array."""
        letters = sorted({c for node in root.walk() for c in _letters(node)})
        if len(letters) > 6:
            raise TooMuch
        lengths: dict[str, int] = {}
        found: dict[Node, tuple[Real, frozenset[str]]] = {}
        for node in reversed(list(root.walk())):
            if node.kind == "name" or node in found:
                continue
            found[node] = self._indexed(node, letters, lengths, found)
            self.kept(node, Value(np.atleast_2d(found[node][0].ravel())))
        array, free = found[root]
        if self.reading.repeated:
            counts = Counter(c for node in root.walk() if node.kind == "entry" for c in node.data)
            twice = [c for c in free if counts[c] > 1]
            array = array.sum(axis=tuple(map(letters.index, twice)), keepdims=True)
            free -= set(twice)
        used = [c for c in letters if c in free]
        if len(used) > 2:
            self.misfit(root, scalar(0))
            return scalar(array.mean())
        kept = array.reshape([lengths[c] for c in used])
        return scalar(kept.item()) if not used else column(kept) if len(used) == 1 else matrix(kept)

    def _indexed(self, node: Node, letters: list[str], lengths: dict[str, int],
                 found: Mapping[Node, tuple[Real, frozenset[str]]]) -> tuple[Real, frozenset[str]]:
        def placed(array: Real, names: str) -> tuple[Real, frozenset[str]]:
            for axis, c in enumerate(names):
                n = lengths.setdefault(c, array.shape[axis])
                if n != array.shape[axis]:
                    self.misfit(node, scalar(0))
                    array = np.moveaxis(np.tensordot(between(n, array.shape[axis]), array, (1, axis)), 0, axis)
            if len(set(names)) < len(names):
                array, names = np.diagonal(array), names[0]
            order = sorted(names)
            array = np.transpose(array, [names.index(c) for c in order])
            return array.reshape([lengths[c] if c in names else 1 for c in letters]), frozenset(names)

        if node.kind == "entry":
            base = node.args[0]
            value = self.values[base.data] if base.kind == "name" else None
            if value is None or (value.rows + value.columns) != len(node.data):
                self.misfit(node, value or scalar(0))
                return np.ones([1] * len(letters)), frozenset()
            natural = value.array if len(node.data) == 2 else value.array.reshape(-1)
            return placed(natural, node.data)
        if node.kind == "same index":
            sizes = [lengths.get(c) for c in node.data]
            n = next((s for s in sizes if s), None) or self._length(node.data)
            return placed(np.eye(n), "".join(node.data))
        args = [found[arg] if arg in found else self._plain(arg, letters) for arg in node.args]
        if node.kind == "sigma":
            array, free = args[0]
            for c in node.data:
                if c in free:
                    array = array.sum(axis=letters.index(c), keepdims=True)
            return array, free - set(node.data)
        flat = [Value(a.reshape(1, -1) if a.size > 1 else a.reshape(1, 1), False, a.size > 1) for a, _ in args]
        free = frozenset().union(*(f for _, f in args))
        if node.kind in ("*", "dot", "cdot", "times", "product"):
            return args[0][0] * args[1][0], free
        if node.kind in ("/", "over"):
            return args[0][0] / args[1][0], free
        if node.kind in "+-":
            return (args[0][0] + args[1][0] if node.kind == "+" else args[0][0] - args[1][0]), free
        if node.kind in ("^", "power"):
            return args[0][0] ** args[1][0], free
        if node.kind == "compare":
            return COMPARE[node.data](args[0][0], args[1][0]).astype(float), free
        if node.kind in ("neg", "map"):
            return OPERATIONS[node.kind](self, node, flat[0]).array.reshape(args[0][0].shape), free
        if node.kind == "number":
            return np.full([1] * len(letters), float(node.data)), frozenset()
        self.misfit(node, scalar(0))
        return np.ones([1] * len(letters)), frozenset()

    def _length(self, pair: tuple[str, ...]) -> int:
        return max(max(v.array.shape) for v in self.values.values())

    def _plain(self, node: Node, letters: list[str]) -> tuple[Real, frozenset[str]]:
        value = self.values[node.data]
        if not value.scalar:
            self.misfit(node, value)
        return np.full([1] * len(letters), value.array.mean()), frozenset()


def _letters(node: Node) -> str:
    return "".join(node.data) if node.kind in ("entry", "sigma", "same index") else ""


def _outside(root: Node) -> list[Node]:
    """The nodes that are not inside a sum over an index."""
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        found.append(node)
        if node.kind != "sigma":
            stack.extend(reversed(node.args))
    return found


# ---- two operands ---------------------------------------------------------------------------------------------------


def product(run: Run, node: Node, a: Value, b: Value) -> Value:
    """A B."""
    if a.scalar or b.scalar:
        s, x = (a, b) if a.scalar else (b, a)
        return x.of(x.array * s.array)
    if a.eye or b.eye:
        s, x = (a, b) if a.eye else (b, a)
        return x.of(x.array * s.array)
    if run.reading.flat and a.vector and a.rows:
        a = a.T
    if run.reading.flat and not a.columns and b.vector:
        b = b if b.rows else b.T
    a, b = _joined(a, b)
    m, n = a.array.shape[1], b.array.shape[0]
    if a.columns != b.rows and max(m, n) > 1 or m != n:
        if run.reading.star == "fits" and a.kind == b.kind and a.array.shape == b.array.shape:
            return a.of(a.array * b.array)
        run.misfit(node, a, b)
        array = a.array @ between(m, n) @ b.array if m != n else a.array @ b.array
    else:
        array = a.array @ b.array
    rows, columns = a.rows, b.columns
    made = Value(array, rows, columns, (a.free[0], b.free[1]))
    return made.T if run.reading.flat and columns and not rows else made


def _joined(a: Value, b: Value) -> tuple[Value, Value]:
    """Free axes that meet in a product get the length of the other."""
    m, n = a.array.shape[1], b.array.shape[0]
    if a.free[1] and a.columns:
        a = replace(a, array=np.broadcast_to(a.array, (a.array.shape[0], n)), free=(a.free[0], False))
    if b.free[0] and b.rows:
        b = replace(b, array=np.broadcast_to(b.array, (m, b.array.shape[1])), free=(False, b.free[1]))
    return a, b


def star(run: Run, node: Node, a: Value, b: Value) -> Value:
    """*: by the reading."""
    return (times if run.reading.star == "times" else product)(run, node, a, b)


def centre(run: Run, node: Node, a: Value, b: Value) -> Value:
    """·: the product; of two columns the inner product."""
    if a.kind == b.kind == (True, False) and a.array.shape == b.array.shape and run.reading.star != "times":
        return scalar((a.array * b.array).sum())
    return product(run, node, a, b)


def _entrywise(build: Callable[[Real, Real], Real]) -> Callable[..., Value]:
    def entrywise(run: Run, node: Node, a: Value, b: Value) -> Value:
        a, b = _levelled(run, node, a, b)
        x = a if not a.scalar else b
        array = build(a.array, b.array)
        free = (a.free[0] and b.free[0], a.free[1] and b.free[1]) if not (a.scalar or b.scalar) else x.free
        rows, columns = a.rows or b.rows, a.columns or b.columns
        return Value(array, rows, columns, free)

    return entrywise


def _levelled(run: Run, node: Node, a: Value, b: Value) -> tuple[Value, Value]:
    """Both with one shape, or one a scalar."""
    if a.scalar or b.scalar:
        if a.eye or b.eye:
            return (a if a.scalar else scalar(1), b) if b.eye else (a, b)
        return a, b
    m, n = max(a.array.shape[0], b.array.shape[0]), max(a.array.shape[1], b.array.shape[1])
    if a.eye and b.eye:
        return a, b
    if (a.eye and all(b.free)) or (b.eye and all(a.free)):
        a, b = a.size(run.hint, run.hint), b.size(run.hint, run.hint)
    a, b = a.size(*b.array.shape), b.size(*a.array.shape)
    if a.kind == b.kind and a.array.shape == b.array.shape:
        return a, b
    if run.reading.flat and a.vector and b.vector and a.array.size == b.array.size:
        return (a if a.rows else a.T), (b if b.rows else b.T)
    if run.reading.flat:
        a, b = (x.T if x.vector and x.rows else x for x in (a, b))
    fits = all(p == q or 1 in (p, q) for p, q in zip(a.array.shape, b.array.shape, strict=True))
    if run.reading.stretched and fits:
        return (replace(x, array=np.broadcast_to(x.array, np.broadcast_shapes(a.array.shape, b.array.shape)),
                        rows=a.rows or b.rows, columns=a.columns or b.columns) for x in (a, b))  # type: ignore
    if a.array.shape == b.array.shape and a.array.size == 1:
        return a, b
    run.misfit(node, a, b)
    target, other = sorted((a, b), key=lambda x: (x.array.size, x.array.shape), reverse=True)
    m, n = target.array.shape
    p, q = other.array.shape
    array = other.array if m == p else between(m, p) @ other.array
    array = array if n == q else array @ between(q, n)
    moved = target.of(array)
    return (moved, b) if other is a else (a, moved)


times = _entrywise(np.multiply)
_added = _entrywise(np.add)


def add(run: Run, node: Node, a: Value, b: Value) -> Value:
    if a.eye and b.eye:
        return a.of(a.array + b.array)
    return _added(run, node, a, b)


def subtract(run: Run, node: Node, a: Value, b: Value) -> Value:
    return add(run, node, a, b.of(-b.array))


def divide(run: Run, node: Node, a: Value, b: Value) -> Value:
    if not b.scalar and not a.scalar and node.kind == "/" and run.reading.sums:
        run.misfit(node, a, b)
    if b.scalar:
        return a.of(a.array / b.array)
    return times(run, node, a, b.of(1 / b.array))


COMPARE: dict[str, Callable[..., Any]] = {">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal,
                                          "==": np.equal, "!=": np.not_equal}


def compare(run: Run, node: Node, a: Value, b: Value) -> Value:
    a, b = _levelled(run, node, a, b)
    x = b if a.scalar else a
    return x.of(COMPARE[node.data](a.array, b.array).astype(float))


def power(run: Run, node: Node, a: Value, k: Value) -> Value:
    """xᵏ entry by entry."""
    if k.scalar:
        return a.of(a.array ** _bounded(k))
    return times(run, node, a.of(np.ones_like(a.array)), k.of(np.exp(np.log(a.array.mean()) * k.array))) if a.scalar \
        else _entrywise(np.power)(run, node, a, k)


def _bounded(k: Value) -> float:
    exponent = float(k.array.item())
    return exponent if abs(exponent) <= SIZE else np.nan


def caret(run: Run, node: Node, a: Value, k: Value) -> Value:
    """^: the power of a square matrix, else entry by entry."""
    square = a.rows and a.columns and not a.eye and a.array.shape[0] == a.array.shape[1] and a.array.size > 1
    if not k.scalar or run.reading.star == "times" or not (a.rows and a.columns) or a.eye:
        return power(run, node, a, k)
    exponent = _bounded(k)
    if not square or exponent != round(exponent):
        if exponent != 2 or not square:
            run.misfit(node, a)
        return power(run, node, a, k)
    if abs(exponent) > POWER:
        return a.of(a.array * np.nan)
    if exponent < 0 and not _regular(a.array):
        return a.of(a.array * np.nan)
    return a.of(np.linalg.matrix_power(a.array, int(exponent)))


# ---- functions ------------------------------------------------------------------------------------------------------


def mapped(run: Run, node: Node, x: Value) -> Value:
    array = np.asarray(node.data.value(x.array.astype(float)), float)
    return replace(x.of(np.broadcast_to(array, x.array.shape)), eye=False)


def turn(run: Run, node: Node, x: Value) -> Value:
    inner = node.args[0]
    neutral = inner.kind == "list" and inner.data[2] not in ("blanks", "grid") and inner.data[0] == 1
    return x if x.vector and (neutral or run.reading.flat) else x.T


def _axis(run: Run, node: Node, x: Value, along: Value | None) -> int | None:
    if along is not None:
        axis = _size(node, along.of(along.array + 1)) - 1
        return axis - 1 if run.reading.sums else axis
    if node.data is not None:
        return int(node.data)
    return 0 if run.reading.sums and x.rows and x.columns else None


def _reduction(reduce: Callable[..., Any]) -> Callable[..., Value]:
    def reduction(run: Run, node: Node, x: Value, along: Value | None = None) -> Value:
        axis = _axis(run, node, x, along)
        if axis is None or not (x.rows and x.columns):
            return scalar(reduce(x.array))
        if axis not in (0, 1):
            run.misfit(node, x)
            return scalar(reduce(x.array))
        made = column(reduce(x.array, axis=axis))
        return made.T if run.reading.sums and axis == 0 else made

    return reduction


def softmax(run: Run, node: Node, x: Value) -> Value:
    axis = 1 if x.columns else 0
    e = np.exp(x.array - x.array.max(axis=axis, keepdims=True))
    return x.of(e / e.sum(axis=axis, keepdims=True))


def diag(run: Run, node: Node, x: Value) -> Value:
    if x.eye or x.scalar:
        return x
    if x.vector or (1 in x.array.shape and not x.array.shape == (1, 1)):
        return matrix(np.diag(x.array.ravel()))
    if x.array.shape[0] != x.array.shape[1]:
        run.misfit(node, x)
    return column(np.diagonal(x.array))


def _regular(x: Real) -> bool:
    return bool(np.isfinite(x).all()) and abs(np.linalg.det(x)) > 1e-12


def inv(run: Run, node: Node, x: Value) -> Value:
    if x.scalar or x.eye:
        return x.of(1 / x.array)
    m, n = x.array.shape
    if m != n:
        run.misfit(node, x)
        return x.T.of(between(n, m))
    return x.of(np.linalg.inv(x.array)) if _regular(x.array) else x.of(x.array * np.nan)


def _of_square(of: Callable[[Real], Any]) -> Callable[..., Value]:
    def square(run: Run, node: Node, x: Value) -> Value:
        if x.array.shape[0] != x.array.shape[1]:
            run.misfit(node, x)
            return scalar(x.array.sum())
        return scalar(of(x.array))

    return square


def outer(run: Run, node: Node, a: Value, b: Value) -> Value:
    if a.scalar or b.scalar:
        return product(run, node, a, b)
    if not (a.vector and b.vector) and 1 not in a.array.shape + b.array.shape:
        return kron(run, node, a, b)
    return matrix(np.outer(a.array, b.array))


def inner(run: Run, node: Node, a: Value, b: Value) -> Value:
    if a.array.size != b.array.size:
        run.misfit(node, a, b)
        return scalar(a.array.sum() * b.array.sum())
    return scalar((a.array.ravel() * b.array.ravel()).sum())


def kron(run: Run, node: Node, a: Value, b: Value) -> Value:
    if a.array.size * b.array.size > ENTRIES:
        raise TooMuch
    return Value(np.kron(a.array, b.array), a.rows or b.rows, a.columns or b.columns)


def solve(run: Run, node: Node, a: Value, b: Value) -> Value:
    return product(run, node, inv(run, node, a), b)


def where(run: Run, node: Node, c: Value, x: Value, y: Value) -> Value:
    return add(run, node, times(run, node, c, x), times(run, node, c.of(1 - c.array), y))


def _extreme(pick: Callable[..., Any]) -> Callable[..., Value]:
    two = _entrywise(pick)

    def extreme(run: Run, node: Node, a: Value, b: Value | None = None) -> Value:
        return scalar(pick.reduce(a.array, axis=None)) if b is None else two(run, node, a, b)  # type: ignore[attr-defined]

    return extreme


def listed(run: Run, node: Node, *items: Value) -> Value:
    """[a, b; c, d] of scalars; [[a, b], [c, d]] of rows. A list with commas is neither row nor column: a column here."""
    m, n, way = node.data
    if len(items) == 1:
        return items[0]
    if all(x.scalar for x in items):
        array = np.array([x.array.item() for x in items]).reshape(m, n)
        if m > 1 < n:
            return matrix(array)
        lies = m == 1 and way in ("blanks", "grid")
        return Value(array.reshape(1, -1), False, True) if lies else column(array)
    if m == 1 and all(x.vector for x in items) and len({x.array.size for x in items}) == 1:
        return matrix(np.stack([x.array.ravel() for x in items]))
    run.misfit(node, *items[:2])
    return column(np.concatenate([x.array.ravel() for x in items]))


def ones(run: Run, node: Node, *sizes: Value) -> Value:
    return _filled(run, node, 1.0, ONES, *sizes)


def zeros(run: Run, node: Node, *sizes: Value) -> Value:
    return _filled(run, node, 0.0, scalar(0), *sizes)


def _filled(run: Run, node: Node, x: float, free: Value, *sizes: Value) -> Value:
    if len(sizes) == 1 and not sizes[0].scalar:
        sizes = tuple(scalar(s) for s in sizes[0].array.ravel())
    lengths = [_size(node, s) for s in sizes]
    if len(lengths) < 2:
        square = lengths * 2 if run.reading.sums else [*lengths, 1]
        return matrix(np.full(square, x)) if lengths and run.reading.sums else \
            column(np.full(lengths[0], x)) if lengths else free
    m, n = lengths[:2]
    made = np.full((m, n), x)
    return matrix(made) if run.reading.flat else Value(made, m > 1 or n == 1, n > 1)


def _size(node: Node, s: Value) -> int:
    """A size that was typed. Raises Misread with the place."""
    n = float(s.array.flat[0])
    if not (s.scalar and 1 <= n <= SIZE and n == round(n)):
        raise Misread(f"a size is a whole number from 1 to {SIZE}", node.start, node.end)
    return int(n)


def eye(run: Run, node: Node, *sizes: Value) -> Value:
    return EYE if not sizes else matrix(np.eye(_size(node, sizes[0])))


def reshape(run: Run, node: Node, x: Value, *sizes: Value) -> Value:
    shape = [-1 if n == -1 else _size(node, scalar(n)) for v in sizes for n in v.array.ravel()[:3]]
    known = int(np.prod([n for n in shape if n != -1]))
    if shape.count(-1) > 1 or known < 1 or (x.array.size % known if -1 in shape else x.array.size != known):
        run.misfit(node, x)
        return x
    if len(shape) == 1:
        return column(x.array.ravel())
    made = x.array.reshape(shape[:2])
    return matrix(made) if run.reading.flat else Value(made, made.shape[0] > 1, made.shape[1] > 1)


def einsum(run: Run, node: Node, spec: Value, *args: Value) -> Value:
    text = node.args[0].data
    inputs, _, output = (text if isinstance(text, str) else "").replace(" ", "").partition("->")
    parts, lengths = inputs.split(","), {}
    fits = len(parts) == len(args) and bool(re.fullmatch("[a-z,]*", inputs)) and set(output) <= set(inputs) - {","}
    for part, x in zip(parts, args, strict=False):
        shape = [n for n, there in zip(x.array.shape, x.kind, strict=True) if there]
        fits = fits and len(shape) == len(part) and all(lengths.setdefault(c, n) == n
                                                        for c, n in zip(part, shape, strict=False))
    if not fits or len(output) > 2 or len(lengths) > 5 or len(set(output)) < len(output):
        run.misfit(node, *args[:2])
        return scalar(sum(x.array.sum() for x in args))
    made = np.einsum(f"{inputs}->{output}", *(
        x.array.reshape([n for n, there in zip(x.array.shape, x.kind, strict=True) if there]) for x in args))
    return (scalar, column, matrix)[made.ndim](made)


def norm(run: Run, node: Node, x: Value, order: Value | None = None) -> Value:
    if order is not None and order.array.flat[0] == 1:
        return scalar(np.abs(x.array).sum())
    return scalar(np.sqrt((x.array**2).sum()))


def as_column(run: Run, node: Node, x: Value) -> Value:
    made = x.array.reshape(-1, 1)
    return matrix(made) if run.reading.flat else Value(made, True, False)


def as_row(run: Run, node: Node, x: Value) -> Value:
    made = x.array.reshape(1, -1)
    return matrix(made) if run.reading.flat else Value(made, False, True)


OPERATIONS: dict[str, Callable[..., Value]] = {
    "number": lambda run, node: scalar(node.data), "ones": ones, "eye": eye, "zeros": zeros,
    "e": lambda run, node: scalar(np.e), "string": lambda run, node: scalar(0),
    "unknown": lambda run, node: scalar(0),
    "+": add, "-": subtract, "neg": lambda run, node, x: x.of(-x.array), "*": star, "dot": product, "cdot": centre,
    "product": product, "times": times, "/": divide, "over": divide, "^": caret, "power": power, "turn": turn,
    "compare": compare, "map": mapped,
    "slope": lambda run, node, x: mapped(run, replace(node, data=node.data.prime()), x), "sum": _reduction(np.sum), "mean": _reduction(np.mean), "norm": norm,
    "sumsq": lambda run, node, x: scalar((x.array**2).sum()),
    "half square": lambda run, node, x: scalar((x.array**2).sum() / 2),
    "softmax": softmax, "diag": diag, "inv": inv, "det": _of_square(np.linalg.det),
    "logdet": _of_square(lambda x: np.log(np.linalg.det(x))), "trace": _of_square(np.trace),
    "vec": lambda run, node, x: column(x.array.ravel()), "outer": outer, "inner": inner, "kron": kron, "solve": solve,
    "where": where, "maximum": _extreme(np.maximum), "minimum": _extreme(np.minimum),
    "step": lambda run, node, x, at=None: x.of((x.array > 0).astype(float)),
    "length": lambda run, node, x: scalar(x.array.shape[0] if x.rows else x.array.size),
    "extent": lambda run, node, x: scalar(x.array.shape[node.data]), "list": listed,
    "ones like": lambda run, node, x: x.of(np.ones_like(x.array)), "same": lambda run, node, x, *rest: x,
    "reshape": reshape, "einsum": einsum, "column": as_column, "row": as_row,
}
