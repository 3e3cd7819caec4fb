"""Whether a derivation holds: its steps join, each follows by its law, and all agree with three other derivatives.

The others are the complex step (Squire and Trapp 1998) of the whole and of each operation, and SymPy's derivative of
each operation entry by entry. The sizes of one draw all differ; SymPy is asked at
the first draw, whose sizes begin at 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from jacobian.algebra import Identity, Jacobian, Row
from jacobian.derivation.step import Step
from jacobian.errors import InputError
from jacobian.symbolic import sample
from jacobian.symbolic.differentiate import Label, Merge, Pull
from jacobian.symbolic.elementwise import standing_in
from jacobian.symbolic.evaluate import Binding, letters
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.operations import number
from jacobian.symbolic.space import Abstract

DRAWS = 3                # random instances, each of other sizes
TOLERANCE = 1e-9         # of double precision, relative to the largest entry
STEP = 1e-30             # of the complex step, which has no cancellation
ENTRIES = 900            # of a local Jacobian that SymPy differentiates one by one; the complex step takes any number


@dataclass(frozen=True)
class Check:
    """What was found: `failures` names each step that does not hold and why; `sizes` are those tried."""

    failures: tuple[str, ...]
    sizes: tuple[Mapping[str, int], ...]

    @property
    def ok(self) -> bool:
        return not self.failures

    def __add__(self, other: Check) -> Check:
        return Check(self.failures + other.failures, self.sizes + other.sizes)

    def __str__(self) -> str:
        tried = "; ".join(", ".join(f"{n} = {k}" for n, k in s.items()) or "the given sizes" for s in self.sizes)
        return "\n".join(self.failures) if self.failures else f"every step holds, at {tried}"


class CheckFailed(Exception):
    """A derivation that does not hold is not printed."""


def verify(goal: Expr, wrt: Sequence[Expr], steps: Sequence[Step], jacobians: Mapping[Expr, Jacobian],
           seed: int) -> Check:
    """Every test of the module's first line, on `DRAWS` random instances."""
    with standing_in():
        return _verify(goal, wrt, steps, jacobians, seed)


def _verify(goal: Expr, wrt: Sequence[Expr], steps: Sequence[Step], jacobians: Mapping[Expr, Jacobian],
            seed: int) -> Check:
    failures = [*_joins(goal, steps, jacobians), *_follows(steps)]
    tried = []
    for draw in range(DRAWS):
        rng = np.random.default_rng([seed, draw])
        given, values = _draw(rng, goal, wrt, smallest=1 if draw == 0 else 2)
        tried.append(given)
        bind = Binding(values, given)
        failures += _agrees(steps, bind)
        failures += _operations(steps, bind, by_sympy=draw == 0)
        failures += _whole(goal, wrt, jacobians, bind)
    return Check(tuple(dict.fromkeys(failures)), tuple(tried))


def _draw(rng: np.random.Generator, goal: Expr, wrt: Sequence[Expr], smallest: int) -> tuple[dict[str, int], Any]:
    """Sizes and values; where a goal such as 1/(n − 1) is not finite at size 1, sizes from 2 on."""
    given = sample.sizes(rng, goal, *wrt, smallest=smallest)
    try:
        return given, sample.instance(rng, goal, given, *wrt)
    except InputError:
        if smallest > 1:
            raise
        return _draw(rng, goal, wrt, smallest=2)


def _joins(goal: Expr, steps: Sequence[Step], jacobians: Mapping[Expr, Jacobian]) -> Iterator[str]:
    """Each step begins with what an earlier one established."""
    known: dict[Expr, list[Jacobian]] = {goal: [Row(number(1)) if goal.shape == () else Identity(goal.size)]}
    for k, step in enumerate(steps, 1):
        record = step.record
        begins = {Pull: lambda r: [r.outer], Merge: lambda r: list(r.terms), Label: lambda r: [r.before]}
        wanted = begins[type(record)](record)
        have = known.get(record.node, [])
        if len(have) != len(wanted) or not all(map(Jacobian.equals, have, wanted)):
            yield f"step {k} ({step.note}) does not begin with what was established for {record.node}"
        if isinstance(record, Pull):
            known.setdefault(record.arg, []).append(step.after)
        else:
            known[record.node] = [step.after]
    for x, J in jacobians.items():
        if x in known and not (len(known[x]) == 1 and known[x][0].equals(J)):
            yield f"the result for {x} is not that of the last step"


def _follows(steps: Sequence[Step]) -> Iterator[str]:
    """The cited law, used again, gives the line after."""
    for k, step in enumerate(steps, 1):
        if not step.again().equals(step.after):
            yield f"step {k} ({step.note}) does not follow by its law"


def in_matrix_notation(J: Jacobian) -> Expr:
    """The gradient, in its shape, of a Row; else the explicit matrix as an expression."""
    return J.g if isinstance(J, Row) else J.matrix(Abstract)


def _close(a: Any, b: Any) -> bool:
    scale = max(1.0, float(np.max(np.abs(b), initial=0)))
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= TOLERANCE * scale))


def _at(J: Jacobian, bind: Binding) -> Any:
    return J.map(bind, bind.size).dense()


def _agrees(steps: Sequence[Step], bind: Binding) -> Iterator[str]:
    """Both sides of each step are one matrix."""
    for k, step in enumerate(steps, 1):
        after = _at(step.after, bind)
        if not _close(_at(step.before, bind), after):
            yield f"step {k} ({step.note}): the two sides differ in numbers"
        if not _close(bind(in_matrix_notation(step.after)).reshape(after.shape), after):
            yield f"step {k} ({step.note}): the formula to be printed is not the Jacobian"


def _operations(steps: Sequence[Step], bind: Binding, by_sympy: bool) -> Iterator[str]:
    """Each local Jacobian agrees with the complex step and, at small sizes, with SymPy entry by entry."""
    for k, step in enumerate(steps, 1):
        record = step.record
        if not isinstance(record, Pull):
            continue
        y, local = bind.sized(record.node), _at(record.local, bind)
        arrays = [bind(arg) for arg in y.args]
        if not _close(local, complex_step(lambda x, y=y, k=record.k, arrays=arrays:
                                          y.operation.value(y, *arrays[:k], x, *arrays[k + 1:]), arrays[record.k])):
            yield f"step {k} ({step.note}): the local Jacobian of {y} is not what the complex step finds"
        if by_sympy and local.size <= ENTRIES and not _close(local, elementwise(y, record.k, arrays)):
            yield f"step {k} ({step.note}): the local Jacobian of {y} is not what SymPy finds entry by entry"


def complex_step(f: Any, x: Any) -> Any:
    """J[:, j] = Im f(x + ih eⱼ) / h, exact to rounding for analytic f."""
    columns = []
    for j in range(x.size):
        moved = np.array(x, dtype=complex, order="C")
        moved.reshape(-1)[j] += 1j * STEP
        with np.errstate(all="ignore"):
            columns.append(np.imag(f(moved)).reshape(-1) / STEP)
    return np.stack(columns, axis=1)


def elementwise(y: Expr, k: int, arrays: Sequence[Any]) -> Any:
    """J[i, j] = ∂yᵢ/∂xⱼ by sympy.diff, each entry for itself, at the given values of the arguments."""
    unknown = letters(y.args[k], list(arrays[k].shape))
    exact = [np.vectorize(sp.Rational, otypes=[object])(a) for a in arrays]
    outputs = y.operation.value(y, *exact[:k], unknown, *exact[k + 1:]).reshape(-1)
    point = dict(zip(unknown.reshape(-1), map(float, arrays[k].reshape(-1)), strict=True))
    return np.array([[float(sp.diff(out, entry).subs(point)) for entry in unknown.reshape(-1)] for out in outputs])


def _whole(goal: Expr, wrt: Sequence[Expr], jacobians: Mapping[Expr, Jacobian], bind: Binding) -> Iterator[str]:
    """The result agrees with the complex step of the whole expression."""
    for x in wrt:
        if not _close(_at(jacobians[x], bind), complex_step(lambda at, x=x: bind.replaced(x, at)(goal), bind(x))):
            yield f"the derivative of {goal} by {x} is not what the complex step finds"
