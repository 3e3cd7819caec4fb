"""The lines of a derivation that a person writes down: without steps that only pass a gradient on, with names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jacobian.algebra import Jacobian
from jacobian.derivation.check import in_matrix_notation
from jacobian.derivation.step import Step
from jacobian.symbolic.differentiate import Label, Merge, Pull
from jacobian.symbolic.expr import Expr


@dataclass(frozen=True)
class Line:
    """∂goal/∂quantity = value, because of `step`; by `name` where it has one (δ₂), along one `path` of several."""

    quantity: Expr
    step: Step
    jacobian: Jacobian
    name: str | None = None
    path: int | None = None

    @property
    def value(self) -> Expr:
        """The derivative in matrix notation."""
        return in_matrix_notation(self.jacobian)

    @property
    def reason(self) -> str:
        """Why, in words."""
        return self.step.note


def read(steps: Sequence[Step], wrt: Sequence[Expr]) -> tuple[Line, ...]:
    """The lines of a derivation by the variables `wrt`."""
    lines: list[Line] = []
    at: dict[Expr, int] = {}                    # the line that says the gradient by a node
    merged = {step.node for step in steps if isinstance(step.record, Merge)}
    paths: dict[Expr, int] = {}
    for step in steps:
        record, k = step.record, at.get(step.record.node)
        if isinstance(record, Label) and k is not None:
            lines[k] = replace(lines[k], quantity=record.node, name=record.label)
        elif isinstance(record, Pull) and step.trivial and k is not None and step.node not in merged:
            asked = step.node in wrt and lines[k].quantity.label is not None
            at[step.node] = len(lines) if asked else k
            if asked:
                lines.append(Line(step.node, step, step.after))
            elif step.node.label is not None and lines[k].quantity.label is None:
                lines[k] = replace(lines[k], quantity=step.node, jacobian=step.after)
        elif isinstance(record, Merge) or not step.trivial or step.node in merged or step.node in wrt:
            if isinstance(record, Pull) and step.node in merged:
                paths[step.node] = paths.get(step.node, 0) + 1
            at[step.node] = len(lines)
            path = paths.get(step.node) if isinstance(record, Pull) else None
            lines.append(Line(step.node, step, step.after, path=path))
    return tuple(lines)
