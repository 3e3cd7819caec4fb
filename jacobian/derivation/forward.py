"""The derivative by differentials: forward to df, then what stands before dX is collected and read off.

The first half is the change of each result, by the rule of its operation. The second is the derivation of df by dX,
in which df is linear; each of its steps says df = tr(Gᵀ dE) for a part E of df, nearer and nearer to dX.
Source: Magnus and Neudecker (2019), chapters 5 and 9.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from jacobian.algebra import Identity, Jacobian, Row
from jacobian.derivation.differential import change_of, changes, labels, spoken, word
from jacobian.derivation.form import forms
from jacobian.derivation.lines import gathered
from jacobian.derivation.reasons import collecting, identified, reason
from jacobian.derivation.step import Given, Step, given
from jacobian.derivation.write import Said, called
from jacobian.printing.boxes import Box, Name
from jacobian.printing.names import call, label
from jacobian.printing.notation import boxes, derivative, equation
from jacobian.printing.text import text
from jacobian.symbolic.arrays import shaped
from jacobian.symbolic.differentiate import Label, Merge, Project, Pull, Rewritten, sweep
from jacobian.symbolic.expr import Expr, walk
from jacobian.symbolic.forward import Push, forward
from jacobian.symbolic.leaves import NAMED, SCALAR, is_zero, number, zeros
from jacobian.symbolic.operations import ADD, MATMUL, add, matmul, rebuild, scale, transpose
from jacobian.symbolic.space import Abstract

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation


@dataclass(frozen=True)
class Part(Said):
    """A line of the second half: df = J vec(E), or that and other parts, written as `value`."""

    jacobian: Jacobian | None = None
    at: Expr | None = None


@dataclass(frozen=True, eq=False)
class Forward:
    """df = J dx of a goal: `pushes` lead to df, `steps` from df to its derivatives by each dx, its `jacobians`.

    `moved` says what the change of each variable is: a symbol, or the change of a result that depends on others;
    `means` that the goal is the derivative ∂f/∂x of another.
    """

    goal: Expr
    convention: str
    moved: Mapping[Expr, Expr]
    pushes: tuple[Push, ...]
    differential: Expr
    steps: tuple[Step, ...]
    jacobians: Mapping[Expr, Jacobian]
    means: tuple[Box, ...] = ()

    @cached_property
    def symbols(self) -> dict[Expr, Expr]:
        """The variables that change by themselves, and their changes."""
        return {x: dx for x, dx in self.moved.items() if dx.operation is not NAMED}

    @cached_property
    def variables(self) -> dict[Expr, Expr]:
        """The variable of each change."""
        return {dx: x for x, dx in self.moved.items()}

    @cached_property
    def lines(self) -> tuple[Said, ...]:
        """What a person writes down: the changes, then what is collected and read off."""
        return (*_pushed(self), *Collector(self).lines())


@lru_cache(maxsize=256)
def by_differentials(d: Derivation) -> Forward:
    """The same derivative by differentials, its error signals called as in the derivation."""
    inner = {x for x in d.wrt if any(other in d.wrt for other in walk(x)[:-1])}
    moved = changes(x for x in d.wrt if x not in inner)
    found, pushes = forward(d.goal, moved, word)
    df = found.get(d.goal, zeros(*d.goal.axes))
    labels(d.goal, df)
    moved = {x: moved[x] if x in moved else found[x] for x in d.wrt}
    signals = {found.get(step.node): step.record.label for step in d.steps if isinstance(step.record, Label)}
    jacobians, record = sweep(df, tuple(moved.values()), signals.get, convention=d.convention)
    reached = {step.node for step in map(Step, record)}
    rest = [Given(df, dx, given(df, dx)) for dx in moved.values() if dx not in reached]
    steps = tuple(map(Step, [*record, *rest]))
    return Forward(d.goal, d.convention, moved, tuple(pushes), df, steps, jacobians, d.means)


# ---- forward -------------------------------------------------------------------------------------------------------


def _pushed(f: Forward) -> Iterator[Said]:
    """d(A x) = A dx: a line for each result, which goes by the last name that only passes it on."""
    lines: list[tuple[Expr, Expr, str]] = []            # of what, what it is, why
    at: dict[Expr, int] = {}                            # the line that says the change of a node
    uses = Counter(record.node.args[k] for record in f.pushes for k, _ in record.given)
    for record in f.pushes:
        node = record.node
        arg, why = node.args[record.given[0][0]], reason(node, *(k for k, _ in record.given))
        passed = len(record.given) == 1 and record.result is record.given[0][1] and arg.operation is not NAMED
        if passed and arg in at and (uses[arg] == 1 or node.operation is NAMED):
            k = at[node] = at[arg]
            lines[k] = (node, *lines[k][1:])
        else:
            at[node] = len(lines)
            lines.append((node, record.result, why))
    for node, value, why in lines:
        left = change_of(spoken(node) if node is f.goal else node)
        if text(left) != text(boxes(value)):
            yield Said(left, value, why)


# ---- collected and read off ----------------------------------------------------------------------------------------


def written(J: Jacobian, at: Expr) -> Expr:
    """J vec(E): tr(Gᵀ E) or gᵀ e of a gradient, else a matrix times vec(E)."""
    if isinstance(J, Row):
        return J.push(at)
    column = at if at.axes == SCALAR else shaped(at, (at.size, None))
    if isinstance(J, Identity):
        return column
    whole = J.matrix(Abstract)
    return scale(at, shaped(whole, (whole.size, None))) if at.axes == SCALAR else matmul(whole, column)


def same(a: Expr, b: Expr) -> bool:
    """Whether a and b differ at most in the order of commuting operands, or by transposes of scalars."""
    return a is b or (a.axes == b.axes and is_zero(add(_upright(a), scale(number(-1), _upright(b)))))


def _upright(x: Expr) -> Expr:
    """x with each scalar uᵀ A v the way round that is the same for vᵀ Aᵀ u."""
    inside = walk(x, until=lambda y: y.operation is NAMED)
    turned = {node: matmul(*map(transpose, reversed(node.args))) for node in inside
              if node.operation is MATMUL and node.axes == SCALAR}
    return rebuild(x, {node: other for node, other in turned.items() if id(other.token) < id(node.token)})


def in_order(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps that begin with one part together, in an order that reads off what it can before it goes deeper."""
    groups: dict[Expr, list[Step]] = {}
    for step in gathered(steps):
        groups.setdefault(step.record.node, []).append(step)
    awaited = Counter(step.node for step in steps if isinstance(step.record, Pull))
    deep: dict[Expr, bool] = {}                         # whether there is a name to put in below
    for node in walk(*groups):
        deep[node] = (node.operation is NAMED and node in groups) or any(deep[arg] for arg in node.args)
    place = {node: (deep[node], k) for k, node in enumerate(groups)}
    ready = [(place[node], node) for node in groups if not awaited[node]]
    while ready:
        ready.sort(key=lambda entry: entry[0])
        for step in groups[ready.pop(0)[1]]:
            yield step
            if isinstance(step.record, Pull):
                awaited[step.node] -= 1
                if not awaited[step.node] and step.node in groups:
                    ready.append((place[step.node], step.node))


class Collector:
    """The lines of the second half: each moves something before dE away from it, until dE is dx.

    `shown` is what was last written of the part that goes through E; `open` are the parts that were not taken up.
    """

    def __init__(self, f: Forward) -> None:
        self.f, df = f, f.differential
        whole = change_of(spoken(f.goal))
        self.left = whole if None in f.goal.axes else call(Name("vec"), whole)
        self.shown = {df: written(given(df, df), df)}
        self.open = {df}
        self.pulls = Counter(step.record.node for step in f.steps if isinstance(step.record, Pull))
        self.kept = {step.node for step in f.steps if isinstance(step.record, Project)}
        self.merged = {step.node for step in f.steps if isinstance(step.record, Merge)}

    def lines(self) -> Iterator[Said]:
        """All of them, in the order of the steps."""
        for step in in_order(self.f.steps):
            yield from _COLLECTED[type(step.record)](self, step)

    def pull(self, step: Step) -> Iterator[Said]:
        record: Any = step.record
        node, arg = record.node, record.arg
        whole = self.open <= {node} and self.pulls[node] == 1
        self.pulls[node] -= 1
        if not self.pulls[node] and node not in self.f.variables:
            self.open -= {node}
        self.open |= {arg}
        value = written(record.result, arg)
        if node.operation is ADD or same(value, self.shown[node]):
            self.shown[arg] = value
        else:
            yield self.part(record.result, arg, collecting(node, self.f.goal), whole)
        if arg in self.f.variables and arg not in self.merged:
            yield from self.read(arg, record.result)

    def merge(self, step: Step) -> Iterator[Said]:
        why = f"collect what stands before {step.node}"
        yield self.part(step.after, step.node, why, self.open <= {step.node})
        if step.node in self.f.variables:
            yield from self.read(step.node, step.after)

    def label(self, step: Step) -> Iterator[Said]:
        record: Any = step.record
        said = self.part(step.after, step.node, "", self.open <= {step.node})
        yield Said(label(record.label), record.before.g, f"by this name {text(equation(said.left, said.right))}")

    def shorter(self, step: Step) -> Iterator[Said]:
        if step.node in self.f.variables:
            yield from self.slope(step)
        else:
            yield self.part(step.after, step.node, step.note, self.open <= {step.node})

    def slope(self, step: Step) -> Iterator[Said]:
        if step.node is self.f.differential:
            return self.read(step.node, step.after)
        return self.derivative(step.node, step.after, step.note)

    def part(self, J: Jacobian, at: Expr, why: str, whole: bool) -> Said:
        """df = J vec(E), and dots where this is not all of it."""
        self.shown[at] = written(J, at)
        return Part(self.left, self.shown[at], why, not whole, J, at)

    def read(self, dx: Expr, J: Jacobian) -> Iterator[Said]:
        x = self.f.variables[dx]
        free = f", as if the entries of {x} were free" if dx in self.kept else ""
        return self.derivative(dx, J, identified(self.f.goal, x) + free)

    def derivative(self, dx: Expr, J: Jacobian, why: str) -> Iterator[Said]:
        """∂f/∂x = J, and shorter forms of it where it is the last word."""
        x = self.f.variables[dx]
        found = forms(J, self.f.goal, x)
        for form in found if J is self.f.jacobians[dx] else found[:1]:
            yield Said(derivative(called(self.f.goal), x), form.value, form.reason or why)


_COLLECTED: dict[type, Callable[[Collector, Step], Iterator[Said]]] = {
    Pull: Collector.pull, Merge: Collector.merge, Label: Collector.label, Rewritten: Collector.shorter,
    Project: Collector.slope, Given: Collector.slope,
}
