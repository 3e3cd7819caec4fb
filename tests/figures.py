"""The figures of numeric Jacobians beside those of other libraries, on hard functions and on fresh random ones.

python tests/figures.py                     a new seed each time
python tests/figures.py --seed 7 --count 50 --each
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import mpmath
import numpy as np
from fresh import KINDS, fresh
from hard import CORPUS, ROUGH
from rich.console import Console
from rich.progress import track
from rich.table import Table

from jacobian.numeric import numeric

PRECISION = 16          # digits beyond which a double tells nothing
INFINITE = 1e30         # a slope between points 10⁻⁸⁰ apart that is beyond this has no limit


@dataclass(frozen=True)
class Found:
    """value and error as (m, n), and how often f was called."""

    value: Any
    error: Any
    evaluations: int
    method: str


@dataclass(frozen=True)
class Score:
    """What one method made of one function.

    digits      right at the worst entry; nan where there is no derivative, or f is rough
    covered     entries whose error is within the bound, of how many
    width       log₁₀ (bound / error) of each entry, the error at least half a unit in the last place; of 0 none
    each        evaluations per input
    """

    name: str
    family: str
    method: str
    digits: float
    covered: int
    entries: int
    width: Any
    each: float


def ours(f: Callable[..., Any], x: Any) -> Found:
    found = numeric(f, x)
    several = isinstance(x, tuple)
    values, errors = ((a if several else (a,)) for a in (found.value, found.error))
    sizes = [np.size(part) for part in (x if several else (x,))]
    flat = [np.concatenate([np.reshape(b, (-1, n)) for b, n in zip(part, sizes, strict=True)], axis=1)
            for part in (values, errors)]
    return Found(*flat, found.evaluations, found.method)


def joined(f: Callable[..., Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """f as a function of one vector, with a vector as its value, which counts its calls; and that vector."""
    parts = [np.asarray(part, float) for part in (x if isinstance(x, tuple) else (x,))]
    ends = np.cumsum([part.size for part in parts])[:-1]

    def g(z: Any) -> Any:
        g.calls += 1
        z = np.asarray(z)
        pieces = [p.reshape(part.shape) for p, part in zip(np.split(z, ends), parts, strict=True)]
        return np.ravel(f(*(p if p.ndim else p[()] for p in pieces)))

    g.calls = 0
    return g, np.concatenate([part.ravel() for part in parts])


def scipys(f: Callable[..., Any], x: Any) -> Found:
    g, z = joined(f, x)
    result = import_module("scipy.differentiate").jacobian(
        lambda p: np.stack([g(c) for c in p.reshape(z.size, -1).T], axis=-1).reshape(-1, *p.shape[1:]), z)
    return Found(result.df, result.error, g.calls, "scipy")


def numdifftools(f: Callable[..., Any], x: Any) -> Found:
    g, z = joined(f, x)
    found = import_module("numdifftools").Jacobian(g, full_output=True)(z)
    value, error = (np.reshape(part, (-1, z.size)) for part in (found.estimate, found.error_estimate))
    return Found(value, error, g.calls, "numdifftools")


def jacobi(f: Callable[..., Any], x: Any) -> Found:
    g, z = joined(f, x)
    value, error = import_module("jacobi").jacobi(g, z)
    return Found(np.reshape(value, (-1, z.size)), np.reshape(error, (-1, z.size)), g.calls, "jacobi")


METHODS: dict[str, Callable[..., Found]] = {"ours": ours, "scipy": scipys, "numdifftools": numdifftools,
                                            "jacobi": jacobi}


def score(row: Any, method: Callable[..., Found]) -> Score:
    """The method on one function; one that fails has no digits and covers nothing."""
    left, right = row.slopes()
    n = left.shape[1]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = method(row, row.x)
        value, error = found.value.astype(complex), found.error.astype(float)
    except Exception:
        empty = np.full(left.size, np.inf)
        return Score(row.name, row.family, "fails", 0.0, 0, left.size, empty, 0.0)
    covered, width, relative = 0, [], []
    largest = [max((magnitude(e) for e in line), default=0.0) for line in left]
    for i, j in np.ndindex(left.shape):
        sides = [s for s in (left[i, j], right[i, j]) if not mpmath.isnan(s)]
        if max(map(magnitude, sides)) > INFINITE:
            covered += not error[i, j] < np.inf
            continue
        with mpmath.workdps(60):
            off = float(np.nan_to_num(max(float(abs(mpmath.mpmathify(value[i, j]) - s)) for s in sides), nan=np.inf))
            smooth = len(sides) == 2 and abs(sides[0] - sides[1]) <= 1e-30 * (abs(sides[0]) + 1)
        covered += bool(off <= error[i, j])
        if smooth or len(sides) == 1:
            least = 2.0**-53 * magnitude(sides[0])
            if max(off, least) > 0:
                width.append(np.log10(max(error[i, j], 1e-300) / max(off, least)) if error[i, j] < np.inf else np.inf)
            size = next(s for s in (magnitude(sides[0]), largest[i], 1.0) if s > 1 / INFINITE)
            relative.append(off / size if np.isfinite(off) else 1.0)
    whole = len(relative) == left.size and getattr(row, "wrap", row.family) not in (*ROUGH, "float32", "noisy")
    digits = min(PRECISION, -np.log10(max(*relative, 0.0, 1e-300))) if whole else np.nan
    return Score(row.name, row.family, found.method, digits, covered, left.size, np.array(width), found.evaluations / n)


def magnitude(s: Any) -> float:
    return float(abs(s)) if not mpmath.isnan(s) else 0.0


def summary(title: str, rows: dict[str, list[Score]]) -> Table:
    """A line per method."""
    table = Table(title=title, title_justify="left")
    for heading in ("method", "functions", "digits, mean", "worst", "bound covers", "no bound",
                    "decades too wide, median", "evaluations per input"):
        table.add_column(heading, justify="left" if heading == "method" else "right")
    for method, scores in rows.items():
        digits = np.array([s.digits for s in scores])
        digits = digits[~np.isnan(digits)]
        width = np.concatenate([s.width for s in scores])
        share = sum(s.covered for s in scores) / sum(s.entries for s in scores)
        table.add_row(
            method, str(len(scores)), f"{digits.mean():.2f}" if digits.size else "",
            f"{digits.min():.1f}" if digits.size else "", f"{share:.2%}",
            f"{np.isinf(width).mean() if width.size else 0:.1%}", f"{np.median(width):.2f}" if width.size else "",
            f"{np.mean([s.each for s in scores]):.1f}")
    return table


def measured(rows: Iterable[Any], methods: Iterable[str], title: str) -> dict[str, list[Score]]:
    rows, methods = list(rows), list(methods)
    return {m: [score(row, METHODS[m]) for row in track(rows, f"{title}: {m}", transient=True)] for m in methods}


def by_method(scores: list[Score]) -> dict[str, list[Score]]:
    return {f"ours: {m}": [s for s in scores if s.method == m] for m in sorted({s.method for s in scores})}


def large(console: Console) -> None:
    """Evaluations of an elementwise function of a million inputs."""
    x = np.random.default_rng(0).normal(size=10**6)
    for name, f in {"analytic code": np.tanh, "real code": lambda x: np.tanh(np.asarray(x, float))}.items():
        start = time.process_time()
        found = numeric(f, x, sparsity="detect")
        error = np.abs(found.value.d - (1 - np.tanh(x) ** 2)).max()
        console.print(f"tanh of 10⁶ inputs, {name}: {found.evaluations} evaluations, {found.value!r}, "
                      f"off by {error:.1g}, {time.process_time() - start:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9, help="of the fresh functions")
    parser.add_argument("--count", type=int, default=100, help="fresh functions of each kind")
    parser.add_argument("--each", action="store_true", help="a line per hard function")
    parser.add_argument("--ours", action="store_true", help="without the other libraries")
    options = parser.parse_args()
    console = Console(width=160)
    methods = ["ours"]
    for name in () if options.ours else ("scipy", "numdifftools", "jacobi"):
        with suppress(ImportError):
            import_module(name)
            methods.append(name)
    hard = measured(CORPUS, methods, "hard functions")
    if options.each:
        for s in hard["ours"]:
            width = np.median(s.width) if s.width.size else np.nan
            console.print(f"{s.name:32} {s.family:15} {s.method:20} digits {s.digits:5.1f}  "
                          f"covered {s.covered}/{s.entries}  width {width:5.1f}  evaluations {s.each:.0f}",
                          highlight=False)
    console.print(summary("Hard functions", hard | by_method(hard["ours"])))
    for family in KINDS:
        scores = measured(fresh(options.seed, options.count, family), methods, family)
        console.print(summary(f"Fresh functions, {family}, seed {options.seed}", scores | by_method(scores["ours"])))
        missed = [s for s in scores["ours"] if s.covered < s.entries]
        for s in missed:
            console.print(f"  not covered: {s.entries - s.covered} of {s.entries} entries of {s.name}",
                          highlight=False, markup=False)
    large(console)


if __name__ == "__main__":
    main()
