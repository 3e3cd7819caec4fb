"""Whether a derivation holds: its steps join, each follows by its law, and all agree with two other derivatives.

They are the complex step (Squire and Trapp 1998) and SymPy's derivative entry by entry, both of each operation and of
the whole. The sizes of one draw all differ, and draws differ from each other; points where rounding would drown the
derivative, such as a singular matrix to be inverted, are drawn again. SymPy is asked at the first draw, whose sizes are
from 2 on: column by column in random order, until no column is left or WORK is done. A map of many columns is not
written out, but applied to random vectors. What is too large for a test is named in the result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from math import prod
from typing import Any

import numpy as np

from jacobian.algebra import Identity, Jacobian, Product, Row
from jacobian.algebra.entries import count
from jacobian.derivation.form import forms
from jacobian.derivation.measure import Path, complex_step, entry_by_entry, slope
from jacobian.derivation.step import Given, Step, given
from jacobian.errors import InputError
from jacobian.symbolic import sample
from jacobian.symbolic.assumptions import projection
from jacobian.symbolic.differentiate import Label, Merge, Project, Pull, Rewritten
from jacobian.symbolic.elementwise import standing_in
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, walk

SMALLEST = (2, 1, 5)     # size in each draw
TOLERANCE = 1e-9         # of double precision, relative to the largest entry
COLUMNS = 40             # of a map that is written out; a larger one is applied to VECTORS vectors
VECTORS = 4
EXPLICIT = 10**6         # entries of an array on the way to a printed formula that is worked out
DRAWS = 12               # of sizes and values, before larger sizes are drawn
LARGE, MOVED, UNSTEADY = 1e6, 1e-9, 1e4
WORK = 1000              # entries that SymPy meets, column by column, in the steps of one rule, and again in the whole


@dataclass(frozen=True)
class Check:
    """What was found: `failures` names each step that does not hold and why; `sizes` are those tried.

    `limits` names what was too large for one of the tests, and so passed only the others.
    """

    failures: tuple[str, ...]
    sizes: tuple[Mapping[str, int], ...]
    limits: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.failures

    def require(self) -> Check:
        """This check. Raises CheckFailed where something does not hold."""
        if not self.ok:
            raise CheckFailed(f"this derivation is not printed, because it does not hold: {self}")
        return self

    def __add__(self, other: Check) -> Check:
        return Check(self.failures + other.failures, self.sizes + other.sizes, self.limits + other.limits)

    def __str__(self) -> str:
        tried = "; ".join(", ".join(f"{n} = {k}" for n, k in s.items()) or "the given sizes" for s in self.sizes)
        return "\n".join(self.failures or (f"every step holds, at {tried}", *self.limits))


class CheckFailed(Exception):
    """A derivation that does not hold is not printed."""


@standing_in()
def verify(goal: Expr, steps: Sequence[Step], jacobians: Mapping[Expr, Jacobian], convention: str, seed: int) -> Check:
    """Every test that the module's first lines name."""
    failures = [*_joins(goal, steps, jacobians), *_follows(steps)]
    limits: list[str] = []
    tried: list[Mapping[str, int]] = []
    sides = _sides(goal, steps)
    for k, smallest in enumerate(SMALLEST):
        rng = np.random.default_rng([seed, k])
        bind = draw(rng, smallest, goal, _entries(goal, steps), *jacobians, *(x.origin for x in jacobians))
        operations, whole = list(_operations(steps, bind)), list(_whole(goal, jacobians, bind, convention))
        large = _large(sides, bind)
        agreed = _agrees(sides, large, bind, _numbers(bind), partial(_vectors, rng))
        failures += [*agreed, *stepped([*operations, *whole], rng)]
        limits += [f"{side}: the formula to be printed is too large to be worked out" for side in large]
        for slopes in [*_by_rule(steps, operations), whole] if k == 0 else []:
            wrong, unasked = asked(slopes, rng)
            failures += wrong
            limits += unasked
        tried.append(bind.sizes)
    return Check(tuple(dict.fromkeys(failures)), tuple(tried), tuple(dict.fromkeys(limits)))


@standing_in()
def agree(goal: Expr, steps: Sequence[Step], jacobians: Mapping[Expr, Jacobian], convention: str, seed: int) -> Check:
    """What precedes each printing: without SymPy, at one draw, the results by all variables along a random direction.

    The point is chosen with care only where something does not agree at the first one.
    """
    sides, rng = _sides(goal, steps), np.random.default_rng(seed)
    joins = [*_joins(goal, steps, jacobians)]
    for with_care in (False, True):
        parts = _entries(goal, steps) if with_care else []
        bind = draw(rng, SMALLEST[-1], goal, parts, *jacobians, *(x.origin for x in jacobians))
        numbers = _numbers(bind)
        failures = [*joins, *_agrees(sides, _large(sides, bind), bind, numbers, cache(rng.standard_normal))]
        if not _moves(goal, jacobians, bind, numbers, convention, rng):
            failures += stepped(list(_whole(goal, jacobians, bind, convention)), rng)
        if not failures:
            break
    return Check(tuple(dict.fromkeys(failures)), (bind.sizes,))


def draw(rng: np.random.Generator, smallest: int, goal: Expr, parts: Sequence[Expr], *others: Expr) -> Binding:
    """Sizes and values at which no part hangs on rounding; larger sizes, such as a goal with 1/(n − 1) needs, later."""
    bind = None
    for attempt in range(2 * DRAWS):
        sizes = sample.sizes(rng, goal, *others, smallest=smallest + 2 * (attempt >= DRAWS))
        try:
            bind = sample.point(rng, goal, sizes, *others)
        except InputError as error:
            lacking = error
            continue
        if not parts or _steady(parts, bind, rng):
            break
    if bind is None:
        raise lacking
    return bind


def _entries(goal: Expr, steps: Sequence[Step]) -> list[Expr]:
    """The goal and every expression in a local Jacobian."""
    found = {goal: None}
    for step in steps:
        if isinstance(step.record, Pull):
            found |= dict.fromkeys(entry for entry in step.record.local.entries() if isinstance(entry, Expr))
    return list(found)


def _steady(parts: Sequence[Expr], bind: Binding, rng: np.random.Generator) -> bool:
    """Whether no part is large, and each changes by little where each variable changes by MOVED of itself."""
    other = Binding(sample.nearby(rng, bind.values(), MOVED), bind.sizes)
    for part in walk(*parts):
        here, there = bind(part), other(part)
        largest = np.abs(here).max()
        if not (largest <= LARGE and np.abs(here - there).max() <= UNSTEADY * MOVED * max(1.0, largest)):
            return False
    return True


def _joins(goal: Expr, steps: Sequence[Step], jacobians: Mapping[Expr, Jacobian]) -> Iterator[str]:
    """Each step begins with what an earlier one established."""
    inside = set(walk(goal)) - {goal}
    free = {x: [given(goal, x)] for x in (goal, *jacobians) if x not in inside}
    known: dict[Expr, list[Jacobian]] = {}
    for k, step in enumerate(steps, 1):
        record = step.record
        wanted = _BEGINS[type(record)](record)
        have = known.get(record.node, free.get(record.node, []))
        if len(have) != len(wanted) or not all(map(Jacobian.equals, have, wanted)):
            yield f"step {k} ({step.note}) does not begin with what was established for {record.node}"
        if isinstance(record, Pull):
            known.setdefault(record.arg, []).append(step.after)
        else:
            known[record.node] = [step.after]
    for x, J in jacobians.items():
        found = known.get(x, [])
        if len(found) != 1 or not found[0].equals(J):
            yield f"the result for {x} is not that of the last step"


_BEGINS: dict[type, Callable[[Any], list[Jacobian]]] = {
    Pull: lambda r: [r.outer], Merge: lambda r: list(r.terms), Label: lambda r: [r.before],
    Given: lambda r: [r.result], Project: lambda r: [r.outer], Rewritten: lambda r: [r.before],
}


def _follows(steps: Sequence[Step]) -> Iterator[str]:
    """The cited law, used again, gives the line after."""
    for k, step in enumerate(steps, 1):
        if not step.again().equals(step.after):
            yield f"step {k} ({step.note}) does not follow by its law"


# ---- in numbers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slope:
    """J, said to be ∂f(x)/∂x P at one point; `work` is how many entries lie between x and the result.

    P keeps what is assumed of x: a symmetric x moves to symmetric ones.
    """

    says: Callable[[], str]
    J: Jacobian
    f: Callable[..., Any]
    x: Any
    work: int
    P: Jacobian


def close(a: Any, b: Any) -> bool:
    scale = max(1.0, np.abs(b).max(initial=0))
    return a.shape == b.shape and bool((np.abs(a - b) <= TOLERANCE * scale).all())


def _vectors(rng: np.random.Generator, n: int) -> Any:
    """The columns of V, where J V is compared: all of I, or a few random ones."""
    return np.eye(n) if n <= COLUMNS else rng.normal(size=(n, VECTORS))


@dataclass(frozen=True, eq=False)
class Side:
    """Step number n: before = after, in the forms that are to be printed."""

    n: int
    step: Step
    before: Jacobian
    printed: list[Expr]

    def __str__(self) -> str:
        return f"step {self.n} ({self.step.note})"


def _sides(goal: Expr, steps: Sequence[Step]) -> list[Side]:
    return [Side(n, step, step.before, _printed(step.after, goal, step.node)) for n, step in enumerate(steps, 1)]


def _printed(J: Jacobian, goal: Expr, x: Expr) -> list[Expr]:
    """The forms of ∂goal/∂x = J that are not the very gradient in J, and so may be something else."""
    return [form.value for form in forms(J, goal, x) if not (isinstance(J, Row) and form.value is J.g)]


Numbers = Callable[[Jacobian], Jacobian]


def _numbers(bind: Binding) -> Numbers:
    """Each map in numbers, once: the result of a step stands in the step after."""
    return cache(lambda J: J.map(bind, bind.size))


def _agrees(sides: Sequence[Side], large: Sequence[Side], bind: Binding, numbers: Numbers,
            vectors: Callable[[int], Any]) -> Iterator[str]:
    """Both sides of each step are one map, and so is the formula to be printed, unless it is too large."""
    for side in sides:
        after = numbers(side.step.after)
        V = vectors(after.shape[1])
        expected = after @ V
        if not close(_applied(side.before, V, numbers), expected):
            yield f"{side}: the two sides differ in numbers"
        for value in side.printed if side not in large else ():
            if not close(bind(value).reshape(after.shape) @ V, expected):
                yield f"{side}: the formula to be printed is not the Jacobian"


def _applied(J: Jacobian, V: Any, numbers: Numbers) -> Any:
    """J V, of a product factor by factor."""
    return reduce(lambda v, K: numbers(K) @ v, reversed(J.factors), V) if isinstance(J, Product) else numbers(J) @ V


def _large(sides: Sequence[Side], bind: Binding) -> list[Side]:
    """Those whose printed forms are not worked out."""
    if _small([form for side in sides for form in side.printed], bind):
        return []
    return [side for side in sides if not _small(side.printed, bind)]


def _small(printed: Sequence[Expr], bind: Binding) -> bool:
    """Whether no array on the way to the printed forms has more entries than are worked out."""
    return all(prod(bind.size(count(n)) for n in part.axes) <= EXPLICIT for part in walk(*printed))


def _operations(steps: Sequence[Step], bind: Binding) -> Iterator[Slope]:
    """The local Jacobian of each step beside its operation."""
    for n, step in enumerate(steps, 1):
        if isinstance(step.record, Pull):
            y, k = step.record.node, step.record.k
            yield operated(y, k, step.record.local, bind, partial("step {} ({})".format, n, step.note))


def _by_rule(steps: Sequence[Step], slopes: Sequence[Slope]) -> Iterable[list[Slope]]:
    """The local Jacobians of the steps, those of one operation by one of its arguments together."""
    pulls = (step.record for step in steps if isinstance(step.record, Pull))
    groups: dict[Any, list[Slope]] = {}
    for record, one in zip(pulls, slopes, strict=True):
        groups.setdefault((record.node.operation, record.node.data, record.k), []).append(one)
    return groups.values()


def operated(y: Expr, k: int, local: Jacobian, bind: Binding, of: Callable[[], str]) -> Slope:
    """The local Jacobian of y by its argument k beside its operation."""
    arrays = [bind(arg) for arg in y.args]
    return Slope(lambda: f"{of()}: the local Jacobian of {y}", local.map(bind, bind.size),
                 partial(_operation, bind.sized(y), k, arrays), arrays[k],
                 bind(y).size + sum(array.size for array in arrays), Identity(arrays[k].size))


def _operation(y: Expr, k: int, arrays: list[Any], x: Any, settle: Callable[[Any], Any] = lambda array: array) -> Any:
    """The operation of y as a function of its argument k."""
    return settle(y.operation.value(y, *arrays[:k], x, *arrays[k + 1:]))


def _whole(goal: Expr, jacobians: Mapping[Expr, Jacobian], bind: Binding, convention: str) -> Iterator[Slope]:
    """The result for each variable beside the goal."""
    for x, J in jacobians.items():
        path = Path(goal, x, bind)
        P = projection(x, convention).map(bind, bind.size)
        says = partial("the derivative of {} by {}".format, goal, x)
        yield Slope(says, J.map(bind, bind.size), path, bind(x), path.work, P)


def _moves(goal: Expr, jacobians: Mapping[Expr, Jacobian], bind: Binding, numbers: Numbers, convention: str,
           rng: np.random.Generator) -> bool:
    """Whether the goal moves as the results say where all symbols move, and where a named result does."""
    for group in ([x for x in jacobians if not x.args], *([x] for x in jacobians if x.args)):
        v = {x: numbers(projection(x, convention)) @ rng.normal(size=bind(x).size) for x in group}
        found = slope({x: v[x].reshape(bind(x).shape) for x in group}, bind)(goal).reshape(-1)
        if not close(sum((numbers(jacobians[x]) @ v[x] for x in group), np.zeros(found.size)), found):
            return False
    return True


def stepped(slopes: Sequence[Slope], rng: np.random.Generator) -> Iterator[str]:
    """Each is what the complex step finds."""
    for one in slopes:
        V = _vectors(rng, one.x.size)
        if not close(one.J @ V, complex_step(one.f, one.x, one.P @ V)):
            yield f"{one.says()} is not what the complex step finds"


def asked(slopes: Sequence[Slope], rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """Columns of them, drawn at random until WORK is done, are SymPy's; and what is too large for it."""
    failures, left = [], WORK
    limits = [f"{one.says()} is too large for SymPy" for one in slopes if one.work > WORK]
    columns = [(one, j) for one in slopes if one.work <= WORK for j in range(one.x.size)]
    for n in rng.permutation(len(columns)):
        one, j = columns[n]
        left -= one.work
        if left < 0:
            break
        v = np.eye(1, one.x.size, j)[0]
        found = entry_by_entry(one.f, one.x, one.P @ v)
        if found is None:
            limits.append(f"{one.says()} is too large for SymPy, or has no entries")
        elif not close(one.J @ v, found):
            failures.append(f"{one.says()} is not what SymPy finds entry by entry")
    return failures, limits
