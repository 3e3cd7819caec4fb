"""jac.numeric: a Jacobian by evaluating f, with a bound on the error of every entry."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from jacobian.errors import InputError
from jacobian.numeric.confirm import entries
from jacobian.numeric.differences import Slopes, joined
from jacobian.numeric.function import ComplexFunction, Function, Real, quiet
from jacobian.numeric.ladder import Group, single
from jacobian.numeric.noise import COARSE, EPSILON, LOUD, Noise, few, noise
from jacobian.numeric.result import Entries, Numeric, handed_out
from jacobian.numeric.sparsity import Pattern, coloured, detect, doubled, given, matrix, probed, violated

RESOLVED = 0.25         # of the slope along a line: it is known where its error is less


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
    be a function of a module. `progress` shows on a terminal how far it is.

    Raises InputError if f is not callable, raises at x, returns no array of numbers, or depends on an input that
    `sparsity` leaves out; ShapeError if the shape of f(x) changes. Sources: Squire and Trapp 1998 (complex step);
    Ridders 1982 (extrapolated differences); Moré and Wild 2011 (noise); Curtis, Powell and Reid 1974 (sparsity).
    """
    with counted(progress) as seen, quiet():
        function = ComplexFunction(f, x, executor, seen)
        level = noise(function)
        groups = single(function) if sparsity is None else coloured(planned(sparsity, function, level))
        found = gathered(function, level, groups)
        if isinstance(sparsity, str) and found.unexplained:
            groups = coloured(probed(function, level, np.arange(function.x.size)))
            found = gathered(function, level, groups)
        return handed_out(function, found, explicit=sparsity is None)


def measure(function: Function) -> Estimate:
    """J of a function of flat vectors."""
    level = noise(function)
    found = gathered(function, level, single(function))
    value, error = (matrix(found.places.rows, found.places.columns, part, function.y.size, function.x.size)
                    for part in (found.slopes.value, found.slopes.bound))
    return Estimate(value, error, level.epsilon, found.method)


def gathered(function: Function, level: Noise, groups: Sequence[Group]) -> Entries:
    """All entries of the groups, one group after the other."""
    found, method = entries(function, level, groups, np.zeros(function.y.size, bool))
    excess = unexplained(function, level, groups, found)
    if not few(excess > 0):
        found, method = entries(function, level, groups, excess > 0, method == "complex step")
        excess = unexplained(function, level, groups, found)
    rows = np.concatenate([np.zeros(0, int), *(group.rows for group in groups)])
    columns = np.concatenate([np.zeros(0, int), *(group.columns[group.places] for group in groups)])
    whole = joined(found)
    bound = whole.bound + excess[rows] / np.abs(level.direction[columns])
    lost = ~np.isfinite(whole.value + bound + function.y[rows] + function.x[columns])
    value, left, right = (np.where(lost, np.nan, part) for part in (whole.value, whole.left, whole.right))
    whole = Slopes(value, np.where(lost, np.inf, bound), whole.rounding, left, right)
    return Entries(Pattern(rows, columns, function.y.size, function.x.size), whole, method, not few(excess > 0))


def unexplained(function: Function, level: Noise, groups: Sequence[Group], found: Sequence[Slopes]) -> Real:
    """How much further than the bounds allow Σⱼ Jᵢⱼ dⱼ is from the slope of yᵢ along the random d, or 0; (m,).

    That slope is one over a stretch of 10⁻⁸: it sees what the steps of single columns are too wide for. Where noise
    leaves it unknown it says nothing, but noise as large as f itself may be an oscillation.
    """
    slope, slack = level.slope, level.slack
    for group, s in zip(groups, found, strict=True):
        d = level.direction[group.columns][group.places]
        slope = slope - np.bincount(group.rows, s.value * d, slope.size)
        rounded = EPSILON / COARSE * np.abs(s.value * function.x[group.columns][group.places])      # of x + t d
        slack = slack + np.bincount(group.rows, s.bound * np.abs(d) + rounded, slope.size)
    excess = np.nan_to_num(np.abs(slope) - slack, nan=0.0, posinf=0.0)
    noisy = (level.slack >= RESOLVED * np.abs(level.slope)) & (level.sigma <= LOUD * function.size)
    return np.where(noisy, 0.0, np.maximum(0.0, excess))


def planned(sparsity: Any, function: Function, level: Noise) -> Pattern:
    """The pattern to measure by. Raises InputError where an output depends on an input that the given one lacks."""
    if isinstance(sparsity, str):
        if sparsity != "detect":
            raise InputError(f'sparsity must be an array, a sparse matrix, a Jacobian or "detect"; it is {sparsity!r}')
        return detect(function, level)
    pattern = given(sparsity, function)
    pattern = pattern if pattern.m == function.y.size else doubled(pattern)
    wrong = violated(function, level, pattern)
    if wrong.size:
        place = tuple(int(i) for i in np.unravel_index(wrong[0] % prod(function.shape), function.shape))
        raise InputError(f"sparsity leaves out an input that f(x){list(place) or ''} depends on: it changes when only "
                         'inputs that are not in its row are moved; sparsity="detect" finds the pattern')
    return pattern


@contextmanager
def counted(progress: bool) -> Iterator[Callable[[], None]]:
    """What to call after each evaluation: it moves a bar where one is wanted and there is a terminal."""
    console = Console(stderr=True)
    with Progress(TextColumn("numeric Jacobian"), BarColumn(), TextColumn("{task.completed:.0f} evaluations"),
                  TimeElapsedColumn(), transient=True, console=console,
                  disable=not (progress and console.is_terminal)) as bar:
        task = bar.add_task("", total=None)
        yield lambda: bar.advance(task)
