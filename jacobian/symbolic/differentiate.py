"""Differentiation by structured Jacobians: one sweep from the result back to the variables.

∂f/∂x = Σ over paths of the product of local Jacobians (Magnus and Neudecker 2019, chapter 5, the chain
rule). Each pull through a local Jacobian is recorded: a derivation is this record.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from jacobian.algebra import Identity, Jacobian, Law, Row, Zero, add, cite, compose
from jacobian.errors import InputError
from jacobian.symbolic.expr import Expr, walk
from jacobian.symbolic.operations import NAMED, expression, name, number, rebuild, shaped, zeros


@dataclass(frozen=True)
class Pull:
    """∂f/∂arg = ∂f/∂node · ∂node/∂arg: the outer Jacobian, the local one by argument k, their composition, its law."""

    node: Expr
    k: int
    outer: Jacobian
    local: Jacobian
    result: Jacobian
    law: Law | None

    @property
    def arg(self) -> Expr:
        return self.node.args[self.k]


@dataclass(frozen=True)
class Merge:
    """∂f/∂node is the sum over the paths from node to f; `terms` came by several pulls."""

    node: Expr
    terms: tuple[Jacobian, ...]
    result: Jacobian


@dataclass(frozen=True)
class Label:
    """label := ∂f/∂node, from here on spoken of by its name."""

    node: Expr
    label: str
    before: Jacobian
    result: Jacobian


Record = Pull | Merge | Label


def pull(outer: Jacobian, local: Jacobian, arg: Expr) -> tuple[Jacobian, Law | None]:
    """outer · local, and the law that says so; a gradient comes out in the shape of arg."""
    if isinstance(outer, Row):
        found = cite("@", outer, local)
        if found is not None and isinstance(found[0], Row):
            return Row(shaped(found[0].g, arg.axes)), found[1]
    result = compose(outer, local)
    found = cite("@", outer, local)
    return result, found[1] if found is not None else None


def sweep(
    f: Expr, targets: tuple[Expr, ...], rename: Callable[[Expr], str | None] = lambda node: None,
    independent: Collection[Expr] = (),
) -> tuple[dict[Expr, Jacobian], list[Record]]:
    """The Jacobians of f by each target, and the record of how they came.

    `rename(node)` gives the name, if any, under which the gradient by a node is spoken of from then on. A target is a
    symbol or a named intermediate result; `independent` are those by which the result will be differentiated again.
    """
    _known(f, targets)
    record: list[Record] = []
    depends = _dependents(f, targets)
    arriving: dict[Expr, list[Jacobian]] = {f: [Row(number(1)) if f.shape == () else Identity(f.size)]}
    found: dict[Expr, Jacobian] = {
        target: Row(zeros(*target.axes)) if f.shape == () else Zero(f.size, target.size) for target in targets
    }
    spoken = _by_name(f, (*targets, *independent))
    for node in reversed(depends):
        J = _merged(node, arriving[node], record)
        label = None if node in targets or node is f else rename(node)
        if label is not None and isinstance(J, Row) and J.g.label is None:
            named = Row(name(label, J.g))
            record.append(Label(node, label, J, named))
            J = named
        if node in targets:
            found[node] = J
        for k, arg in enumerate(node.args):
            if arg in depends:
                local = node.operation.jacobian(node, k).map(spoken)
                result, law = pull(J, local, arg)
                record.append(Pull(node, k, J, local, result, law))
                arriving.setdefault(arg, []).append(result)
    return found, record


def _known(f: Expr, targets: Collection[Expr]) -> None:
    """Raise InputError for a target without a name, or one that f does not hold but a namesake of it does."""
    inside = walk(f)
    for target in targets:
        if target.label is None:
            raise InputError(f"a derivative is taken by a symbol or a named result, but {target} is neither: "
                             "give it a name with jac.name")
        twins = [node for node in inside if node.label == target.label]
        if twins and target not in twins:
            raise InputError(f"{target} of shape {target.shape} is not in {f}, but another {target} of shape "
                             f"{twins[0].shape} is: use the symbol that the expression was built from")


def _merged(node: Expr, terms: list[Jacobian], record: list[Record]) -> Jacobian:
    J = terms[0]
    for term in terms[1:]:
        J = add(J, term)
    if len(terms) > 1:
        record.append(Merge(node, tuple(terms), J))
    return J


def _by_name(f: Expr, independent: Collection[Expr]) -> Callable[[Expr], Expr]:
    """Speaks of a named result by its name wherever it stands: not of a leaf, nor where the name is a variable."""
    names = {node.args[0]: node for node in walk(f)
             if node.operation is NAMED and node.args[0].args and node not in independent}
    return lambda x: rebuild(x, names) if isinstance(x, Expr) else x


def _dependents(f: Expr, targets: tuple[Expr, ...]) -> dict[Expr, None]:
    """The nodes of f that depend on a target, arguments before what uses them."""
    depends: dict[Expr, None] = {}
    for node in walk(f):
        if node in targets or any(arg in depends for arg in node.args):
            depends[node] = None
    return depends


def differentiate(f: Any, x: Any) -> Jacobian:
    """The structured Jacobian of vec f by vec x, numerator layout, f.size × x.size.

    Of a scalar f it is a Row that holds the gradient in the shape of x. Raises MissingRule where an operation has no
    derivative, InputError where x is neither a symbol nor a named result.
    """
    if not isinstance(x, Expr):
        raise InputError(f"a derivative is taken by a symbol such as jac.symbols('x: n')[0], but {x!r} was given")
    return sweep(expression(f), (x,))[0][x]
