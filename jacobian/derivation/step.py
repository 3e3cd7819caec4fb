"""A step: one justified equation between Jacobians."""

from __future__ import annotations

from dataclasses import dataclass

from jacobian.algebra import Identity, Jacobian, Law, Product, Row, Sum, Zero, cite, simplify
from jacobian.derivation.reasons import reason
from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.symbolic.differentiate import Label, Merge, Project, Pull, Record, Rewritten, merged, pull
from jacobian.symbolic.expr import Expr, Operation
from jacobian.symbolic.leaves import is_one, number, zeros
from jacobian.symbolic.simplify import rewritten


@dataclass(frozen=True)
class Given:
    """∂goal/∂node where nothing is to be done: the identity by the goal itself, zero by what is not in it."""

    goal: Expr
    node: Expr
    result: Jacobian


@dataclass(frozen=True)
class Step:
    """∂f/∂node: before = after, by `law`; `operation` is the one whose local Jacobian stands in `before`.

    Four kinds of record make a step: a Pull (outer · local), a Merge (the sum over paths), a Label (a name), and
    Given (neither path nor rule is needed).
    """

    record: Record | Given

    @property
    def node(self) -> Expr:
        """The quantity by which the derivative is taken."""
        return self.record.arg if isinstance(self.record, Pull) else self.record.node

    @property
    def before(self) -> Jacobian:
        """The left side, as it is written before the law is used."""
        return _BEFORE[type(self.record)](self.record)

    @property
    def after(self) -> Jacobian:
        return self.record.result

    @property
    def operation(self) -> Operation | None:
        return self.record.node.operation if isinstance(self.record, Pull) else None

    @property
    def law(self) -> Law | None:
        """The law that turns `before` into `after`; None where a name is given or the product stays lazy."""
        if isinstance(self.record, (Pull, Project)):
            return self.record.law
        if isinstance(self.record, Merge):
            found = cite("+", *self.record.terms[:2])
            return found[1] if found else None
        return None

    @property
    def note(self) -> str:
        """The reason in words."""
        return _NOTE[type(self.record)](self.record)

    @property
    def trivial(self) -> bool:
        """Whether the gradient passes on unchanged, as through a sum or a name."""
        return isinstance(self.record, Pull) and isinstance(simplify(self.record.local), Identity)

    def again(self) -> Jacobian:
        """`after`, worked out once more from `before` by the laws."""
        return _AGAIN[type(self.record)](self.record)


def given(goal: Expr, node: Expr) -> Jacobian:
    """∂goal/∂node where node is the goal, or is not in it."""
    if node is not goal:
        return Row(zeros(*node.axes)) if goal.shape == () else Zero(goal.size, node.size)
    return Row(number(1)) if goal.shape == () else Identity(goal.size)


def _pulled(record: Pull) -> str:
    said = reason(record.node, record.k)
    return said if record.law is None or _begins(record.outer) else f"{said}; {record.law.name}"


def _begins(outer: Jacobian) -> bool:
    """Whether nothing stands before the local Jacobian, so that no law is used."""
    return isinstance(outer, Identity) or (isinstance(outer, Row) and outer.g.axes == (None, None) and is_one(outer.g))


def _kind(x: Expr) -> str:
    return ASSUMPTIONS[x.assumptions[0]].words


_NOTE = {
    Pull: _pulled,
    Merge: lambda r: "total derivative: add up the paths",
    Label: lambda r: f"call it {r.label}",
    Rewritten: lambda r: r.row.name,
    Project: lambda r: f"{r.node.origin} is {_kind(r.node.origin)}: only changes that keep it so count",
    Given: lambda r: "the derivative by itself" if r.node is r.goal else f"it does not depend on {r.node}",
}

_BEFORE = {
    Pull: lambda r: Product((r.outer, simplify(r.local))),
    Merge: lambda r: Sum(r.terms),
    Label: lambda r: r.before,
    Given: lambda r: r.result,
    Rewritten: lambda r: r.before,
    Project: lambda r: Product((r.outer, r.local)),
}


_AGAIN = {
    Pull: lambda r: pull(r.outer, r.local, r.arg)[0],
    Merge: lambda r: merged(r.terms),
    Label: lambda r: Row(r.result.g) if r.result.g.args == (r.before.g,) else r.before,
    Given: lambda r: given(r.goal, r.node),
    Rewritten: lambda r: next((Row(g) for row, g in rewritten(r.before.g) if row is r.row), r.before),
    Project: lambda r: pull(r.outer, r.local, r.node)[0],
}
