"""The lines of a derivation that a person writes down: without steps that only pass a gradient on, with names.

A rewrite that is used several times, one after the other, is one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from jacobian.algebra import Jacobian
from jacobian.derivation.form import forms
from jacobian.derivation.step import Step
from jacobian.symbolic.differentiate import Label, Merge, Pull, Rewritten
from jacobian.symbolic.expr import Expr


@dataclass(frozen=True)
class Line:
    """∂goal/∂quantity = value, in matrix notation, for a reason in words; it belongs to a `step`.

    It goes by a `name` where it has one (δ₂), along one `path` of several.
    """

    quantity: Expr
    step: Step
    jacobian: Jacobian
    value: Expr
    reason: str
    name: str | None = None
    path: int | None = None


def read(steps: Sequence[Step], wrt: Sequence[Expr], goal: Expr) -> tuple[Line, ...]:
    """The lines of a derivation of the goal by the variables `wrt`."""
    lines: list[Line] = []
    at: dict[Expr, int] = {}                    # the line that says the gradient by a node
    merged = {step.node for step in steps if isinstance(step.record, Merge)}
    paths: dict[Expr, int] = {}
    for step in gathered(steps):
        record, k = step.record, at.get(step.record.node)
        if isinstance(record, Label) and k is not None:
            lines[k] = replace(lines[k], quantity=record.node, name=record.label)
        elif isinstance(record, Pull) and step.trivial and k is not None and step.node not in merged:
            asked = step.node in wrt and lines[k].quantity.label is not None
            at[step.node] = len(lines) if asked else k
            if asked:
                lines.append(_line(step, goal))
            elif step.node.label is not None and lines[k].quantity.label is None:
                lines[k] = replace(lines[k], quantity=step.node, jacobian=step.after,
                                   value=forms(step.after, goal, step.node)[0].value)
        elif isinstance(record, Merge) or not step.trivial or step.node in merged or step.node in wrt:
            if isinstance(record, Pull) and step.node in merged:
                paths[step.node] = paths.get(step.node, 0) + 1
            at[step.node] = len(lines)
            lines.append(_line(step, goal, paths.get(step.node) if isinstance(record, Pull) else None))
    last = {line.quantity: k for k, line in enumerate(lines)}
    ends = {k for quantity, k in last.items() if quantity in wrt}
    return tuple(said for k, line in enumerate(lines) for said in (_shortened(line, goal) if k in ends else [line]))


def gathered(steps: Iterable[Step]) -> list[Step]:
    """The steps without rewrites after which the same one is used again at once."""
    def rule(step: Step) -> tuple[object, ...]:
        return (step.record.row, step.node) if isinstance(step.record, Rewritten) else (id(step),)

    return [list(run)[-1] for _, run in groupby(steps, key=rule)]


def _line(step: Step, goal: Expr, path: int | None = None) -> Line:
    return Line(step.node, step, step.after, forms(step.after, goal, step.node)[0].value, step.note, path=path)


def _shortened(line: Line, goal: Expr) -> list[Line]:
    """The line, and one for each rewrite that makes it shorter."""
    return [line, *(replace(line, value=form.value, reason=form.reason or line.reason)
                    for form in forms(line.jacobian, goal, line.quantity)[1:])]
