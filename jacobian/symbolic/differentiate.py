"""Differentiation by structured Jacobians: one sweep from the result back to the variables.

∂f/∂x = Σ over paths of the product of local Jacobians (Magnus and Neudecker 2019, chapter 5, the chain
rule). Each pull through a local Jacobian is recorded: a derivation is this record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

from jacobian.algebra import Identity, Jacobian, Law, Row, Zero, add, cite, compose
from jacobian.errors import InputError
from jacobian.symbolic.arrays import shaped
from jacobian.symbolic.assumptions import projection
from jacobian.symbolic.expr import Expr, alike, walk
from jacobian.symbolic.leaves import NAMED, expression, name, number, zeros
from jacobian.symbolic.operations import TRANSPOSE, rebuild
from jacobian.symbolic.rewrites import Rewrite
from jacobian.symbolic.simplify import rewritten


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
        return operands(self.node)[self.k]


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


@dataclass(frozen=True)
class Rewritten:
    """∂f/∂node in a shorter form, by one rewrite of the table."""

    node: Expr
    row: Rewrite
    before: Jacobian
    result: Jacobian


@dataclass(frozen=True)
class Project:
    """∂f/∂node for changes that keep what is assumed of node: the derivative as if its entries were free, times P."""

    node: Expr
    outer: Jacobian
    local: Jacobian
    result: Jacobian
    law: Law | None


Record = Pull | Merge | Label | Rewritten | Project


@lru_cache(maxsize=2**14)
def operands(node: Expr) -> tuple[Expr, ...]:
    """The arguments; in place of a row xᵀ the column x: vec of both is the same, and so is the derivative by them."""
    return tuple(arg.args[0] if arg.operation is TRANSPOSE and None in arg.axes else arg for arg in node.args)


def pull(outer: Jacobian, local: Jacobian, arg: Expr) -> tuple[Jacobian, Law | None]:
    """outer · local, and the law that says so; a gradient comes out in the shape of arg."""
    found = cite("@", outer, local)
    if isinstance(outer, Row) and found is not None and isinstance(found[0], Row):
        return Row(shaped(found[0].g, arg.axes)), found[1]
    return compose(outer, local), found[1] if found is not None else None


def sweep(
    f: Expr, targets: tuple[Expr, ...], rename: Callable[[Expr], str | None] = lambda node: None,
    independent: Collection[Expr] = (), convention: str = "projection",
) -> tuple[dict[Expr, Jacobian], list[Record]]:
    """The Jacobians of f by each target, and the record of how they came.

    `rename(node)` gives the name, if any, under which the gradient by a node is spoken of from then on. A target is a
    symbol or a named intermediate result; `independent` are those by which the result will be differentiated again.
    """
    known(f, targets)
    record: list[Record] = []
    depends = _dependents(f, targets)
    arriving: dict[Expr, list[Jacobian]] = {f: [Row(number(1)) if f.shape == () else Identity(f.size)]}
    found: dict[Expr, Jacobian] = {
        target: Row(zeros(*target.axes)) if f.shape == () else Zero(f.size, target.size) for target in targets
    }
    spoken = spoken_by_name(f, (*targets, *independent))
    for node in reversed(depends):
        if node not in arriving:            # a row, of which only the column is spoken
            continue
        J = _merged(node, arriving[node], record)
        label = None if node in targets or node is f else rename(node)
        if label is not None or len(arriving[node]) > 1:
            J = _shorter(node, J, record)
        if label is not None and isinstance(J, Row) and J.g.label is None:
            named = Row(name(label, J.g))
            record.append(Label(node, label, J, named))
            J = named
        if node in targets:
            found[node] = J = _shorter(node, _projected(node, J, convention, record), record)
        for k in _places(operands(node)):
            arg = operands(node)[k]
            if arg in depends:
                local = node.operation.jacobian(node, k).map(spoken)
                result, law = pull(J, local, arg)
                record.append(Pull(node, k, J, local, result, law))
                arriving.setdefault(arg, []).append(result)
    return found, record


def _places(args: tuple[Expr, ...]) -> list[int]:
    """The places of the arguments in order, but of one that stands at several the last first, as paths are taken."""
    return [k for arg in dict.fromkeys(args) for k in reversed(range(len(args))) if args[k] is arg]


def known(f: Expr, targets: Collection[Expr]) -> None:
    """Raise InputError for a target without a name, or one that f does not hold but a namesake of it does."""
    inside = walk(f)
    for target in targets:
        if target.label is None:
            raise InputError(f"a derivative is taken by a symbol or a named result, but {target} is neither: "
                             "give it a name with jac.name")
        if "constant" in target.assumptions:
            raise InputError(f"{target} is declared constant: there is no derivative by it")
        twins = [node for node in inside if node.label == target.label]
        if twins and target not in twins:
            raise InputError(f"{target} of shape {target.shape} is not in {f}, but another {target} of shape "
                             f"{twins[0].shape} is: use the symbol that the expression was built from")


def merged(terms: Sequence[Jacobian]) -> Jacobian:
    """The sum of what came by several paths, the first path in the expression first."""
    return reduce(add, reversed(terms))


def _merged(node: Expr, terms: list[Jacobian], record: list[Record]) -> Jacobian:
    J = merged(terms)
    if len(terms) > 1:
        record.append(Merge(node, tuple(terms), J))
    return J


def _shorter(node: Expr, J: Jacobian, record: list[Record]) -> Jacobian:
    """A gradient after the rewrites of the table."""
    if isinstance(J, Row) and isinstance(J.g, Expr):
        for row, g in rewritten(J.g):
            shorter = Row(g)
            record.append(Rewritten(node, row, J, shorter))
            J = shorter
    return J


def _projected(node: Expr, J: Jacobian, convention: str, record: list[Record]) -> Jacobian:
    P = projection(node, convention)
    if isinstance(P, Identity):
        return J
    result, law = pull(J, P, node)
    if not (isinstance(J, Row) and isinstance(result, Row) and alike(J.g, result.g)):
        record.append(Project(node, J, P, result, law))
        J = result
    return J


def spoken_by_name(f: Expr, independent: Collection[Expr]) -> Callable[[Expr], Expr]:
    """Speaks of a named result by its name wherever it stands: not of a leaf, nor where the name is a variable."""
    names = {node.args[0].token: node for node in walk(f)
             if node.operation is NAMED and node.args[0].args and node not in independent}

    def spoken(x: Any) -> Any:
        if not names or not isinstance(x, Expr):
            return x
        parts = walk(x, until=lambda part: part.operation is NAMED)
        return rebuild(x, {part: names[part.token] for part in parts if part.token in names})

    return spoken


@lru_cache(maxsize=16)
def _dependents(f: Expr, targets: tuple[Expr, ...]) -> dict[Expr, None]:
    """The nodes of f that depend on a target, arguments before what uses them."""
    depends: dict[Expr, None] = {}
    for node in walk(f):
        if node in targets or any(arg in depends for arg in operands(node)):
            depends[node] = None
    return depends


def crossings(f: Expr, targets: tuple[Expr, ...], spoken: Callable[[Expr], Any]) -> set[Expr]:
    """The named results at which several paths to f meet, and from which several go on to the targets.

    A path that goes on ends where a gradient is spoken of by a name anyway.
    """
    depends = _dependents(f, targets)
    above = Counter(arg for node in depends for arg in operands(node) if arg in depends)
    several: dict[Expr, bool] = {}
    for node in depends:
        below = [arg for arg in operands(node) if arg in depends]
        several[node] = len(below) > 1 or any(several[arg] and not spoken(arg) for arg in below)
    return {node for node in depends if node.operation is NAMED and above[node] > 1 and several[node]}


def differentiate(f: Any, x: Any, convention: str = "projection") -> Jacobian:
    """The structured Jacobian of vec f by vec x, numerator layout, f.size × x.size.

    Of a scalar f it is a Row that holds the gradient in the shape of x. `convention` says what the derivative by a
    symmetric matrix is: "projection" the symmetric gradient (G + Gᵀ)/2, "free" that by its free entries.
    Raises MissingRule where an operation has no derivative, InputError where x is neither a symbol nor a named result.
    """
    if not isinstance(x, Expr):
        raise InputError(f"a derivative is taken by a symbol such as jac.symbols('x: n')[0], but {x!r} was given")
    return sweep(expression(f), (x,), convention=convention)[0][x]
