"""jac.numeric: a Jacobian by evaluating f, with a bound on the error of every entry."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from jacobian.errors import InputError
from jacobian.numeric.confirm import entries
from jacobian.numeric.differences import Slopes
from jacobian.numeric.function import ComplexFunction, Function, Real, quiet
from jacobian.numeric.ladder import Group, single
from jacobian.numeric.noise import COARSE, EPSILON, Noise, few, noise
from jacobian.numeric.sparsity import Pattern, coloured, detect, doubled, given, matrix, structured, violated


@dataclass(frozen=True)
class Kink:
    """∂y[output]/∂xₖ[index] has the limit `left` from below and `right` from above; between them lies every subgradient."""

    output: tuple[int, ...]
    input: int
    index: tuple[int, ...]
    left: float
    right: float

    def __str__(self) -> str:
        y, x = (f"[{', '.join(map(str, place))}]" if place else "" for place in (self.output, self.index))
        return f"∂y{y}/∂x{self.input}{x}: {self.left:.6g} to the left, {self.right:.6g} to the right"


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
class Estimate:
    """J (m, n) ± error (m, n), and εᵢ, the spacing at 1 of the numbers that yᵢ was computed in, (m,)."""

    value: Real
    error: Real
    epsilon: Real
    method: str


def numeric(
    f: Callable[..., Any], x: Any, *, sparsity: Any = None, executor: Executor | None = None, progress: bool = False
) -> Numeric:
    """J[i, j] = ∂yᵢ/∂xⱼ, y = f(x), by the complex step or by differences; .error bounds the error of each entry.

    x is an array, a number, or a tuple of arrays, for which f is called as f(*x); f(x) may be complex. `.value` and
    `.error` have the shape f(x).shape + x.shape. The complex step is used where real differences confirm it entry by
    entry. At a kink the value is the mean of the slopes to both sides, the bound reaches both, and `.kinks` names them;
    at the edge of a domain the slope is that to the inside. Where f(x) or every difference is nan or infinite,
    `.value` is nan and `.error` is inf. Noise and arithmetic in float32 are noticed, and the bound widened.

    `sparsity` says where J may be other than 0: an array or a sparse matrix of shape (m, n), a structured Jacobian, a
    tuple of these for several inputs, or "detect". Columns without a common row are then moved together, and `.value`
    and `.error` are structured Jacobians. `executor` evaluates f at several points at once; for one of processes f must
    be a function of a module. `progress` shows how far it is.

    Raises InputError if f is not callable, raises at x, returns no array of numbers, or depends on an input that
    `sparsity` leaves out; ShapeError if the shape of f(x) changes. Sources: Squire and Trapp 1998 (complex step);
    Ridders 1982 (extrapolated differences); Moré and Wild 2011 (noise); Curtis, Powell and Reid 1974 (sparsity).
    """
    with counted(progress) as seen, quiet():
        function = ComplexFunction(f, x, executor, seen)
        level = noise(function)
        pattern = None if sparsity is None else planned(sparsity, function, level)
        groups = single(function) if pattern is None else coloured(pattern)
        found, rows, columns, method = gathered(function, level, groups)
    m = int(np.prod(function.shape))
    if m < function.y.size:
        order = np.lexsort((rows, columns, rows % m))
        real, imaginary = order[::2], order[1::2]
        value, error = found.value[real] + 1j * found.value[imaginary], np.hypot(found.bound[real], found.bound[imaginary])
        places = Pattern(rows[real], columns[real], m, function.x.size)
    else:
        order = np.lexsort((columns, rows))
        value, error, places = found.value[order], found.bound[order], Pattern(rows[order], columns[order], m, function.x.size)
    shape = dense if pattern is None else sparse
    return Numeric(shape(function, places, value), shape(function, places, error), function.evaluations, method,
                   tuple(kinks(function, found, rows, columns)))


def measure(function: Function) -> Estimate:
    """J of a function of flat vectors."""
    level = noise(function)
    found, rows, columns, method = gathered(function, level, single(function))
    value, error = (matrix(rows, columns, part, function.y.size, function.x.size) for part in (found.value, found.bound))
    return Estimate(value, error, level.epsilon, method)


def gathered(function: Function, level: Noise, groups: Sequence[Group]) -> tuple[Slopes, Any, Any, str]:
    """The slopes of all entries of the groups one after the other, their rows and columns, and the method."""
    found, method = entries(function, level, groups, np.zeros(function.y.size, bool))
    excess = unexplained(function, level, groups, found)
    if not few(excess > 0):
        found, method = entries(function, level, groups, excess > 0, method == "complex step")
        excess = unexplained(function, level, groups, found)
    rows, columns = (np.concatenate([np.zeros(0, int), *(part(g) for g in groups)])
                     for part in (lambda g: g.rows, lambda g: g.columns[g.places]))
    value, bound, rounding, left, right = (
        np.concatenate([np.zeros(0), *(getattr(s, name) for s in found)])
        for name in ("value", "bound", "rounding", "left", "right"))
    bound = bound + np.maximum(excess, 0)[rows] / np.abs(level.direction[columns])
    lost = ~np.isfinite(function.y)[rows] | ~np.isfinite(function.x)[columns] | ~np.isfinite(value) | ~np.isfinite(bound)
    left, right = (np.where(lost, np.nan, side) for side in (left, right))
    return Slopes(np.where(lost, np.nan, value), np.where(lost, np.inf, bound), rounding, left, right), rows, columns, method


def unexplained(function: Function, level: Noise, groups: Sequence[Group], found: Sequence[Slopes]) -> Real:
    """How much further than the bounds allow Σⱼ Jᵢⱼ dⱼ is from the slope of yᵢ along the random direction d; (m,).

    That slope is one over a stretch of 10⁻⁸: it sees what the steps of single columns are too wide for.
    """
    slope, slack = level.slope, level.slack
    for group, s in zip(groups, found, strict=True):
        d = level.direction[group.columns][group.places]
        slope = slope - np.bincount(group.rows, s.value * d, slope.size)
        rounded = EPSILON / COARSE * np.abs(s.value * function.x[group.columns][group.places])      # of x + t d
        slack = slack + np.bincount(group.rows, s.bound * np.abs(d) + rounded, slope.size)
    return np.nan_to_num(np.abs(slope) - slack, nan=0.0, posinf=0.0, neginf=0.0)


def planned(sparsity: Any, function: Function, level: Noise) -> Pattern:
    """The pattern to measure by. Raises InputError where an output depends on an input that the given one leaves out."""
    if isinstance(sparsity, str):
        if sparsity != "detect":
            raise InputError(f'sparsity must be an array, a sparse matrix, a Jacobian or "detect"; it is {sparsity!r}')
        return detect(function, level)
    pattern = given(sparsity, function)
    pattern = pattern if pattern.m == function.y.size else doubled(pattern)
    wrong = violated(function, level, pattern)
    if wrong.size:
        place = tuple(int(i) for i in np.unravel_index(wrong[0] % max(1, int(np.prod(function.shape))), function.shape))
        raise InputError(f"sparsity leaves out an input that f(x){list(place) or ''} depends on: it changes when only "
                         'inputs that are not in its row are moved; sparsity="detect" finds the pattern')
    return pattern


def dense(function: Function, places: Pattern, values: Any) -> Any:
    """f(x).shape + x.shape, a tuple where x is one."""
    return function.one(function.blocks(matrix(places.rows, places.columns, values, places.m, places.n)))


def sparse(function: Function, places: Pattern, values: Any) -> Any:
    """A structured Jacobian, a tuple where x is one."""
    parts, start = [], 0
    for shape in function.shapes:
        n = int(np.prod(shape))
        own = (places.columns >= start) & (places.columns < start + n)
        parts.append(structured(Pattern(places.rows[own], places.columns[own] - start, places.m, n), values[own]))
        start += n
    return function.one(tuple(parts))


def kinks(function: Function, found: Slopes, rows: Any, columns: Any) -> Iterator[Kink]:
    """The entries whose two slopes differ."""
    starts = np.cumsum([0, *(int(np.prod(shape)) for shape in function.shapes)])
    for e in np.flatnonzero(~np.isnan(found.left)):
        k = int(np.searchsorted(starts, columns[e], side="right")) - 1
        output, index = (tuple(int(i) for i in np.unravel_index(place, shape)) for place, shape in (
            (rows[e] % max(1, int(np.prod(function.shape))), function.shape), (columns[e] - starts[k], function.shapes[k])))
        yield Kink(output, k, index, float(found.left[e]), float(found.right[e]))


@contextmanager
def counted(progress: bool) -> Iterator[Callable[[], None]]:
    """What to call after each evaluation: it moves a bar where one is wanted."""
    if not progress:
        yield lambda: None
        return
    with Progress(TextColumn("numeric Jacobian"), BarColumn(), TextColumn("{task.completed:.0f} evaluations"),
                  TimeElapsedColumn(), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda: bar.advance(task)
