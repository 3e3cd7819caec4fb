"""Every product decided, and every spelling of the derivative of an activation as one node."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations

import sympy as sp

from jacobian.symbolic.elementwise import Function, function
from jacobian.worksheet.answers.compare import close, same
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.text.words import MAPS
from jacobian.worksheet.answers.values.reading import PAPER, Reading
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import Value

Slope = tuple[Node, Value]      # f′(z), and its value at a point
MOST = 7                        # factors among which a derivative is looked for


def resolve(tree: Node, reading: Reading) -> Node:
    """The tree with what a reading leaves open decided: every product "product" or "times"."""
    kinds = {"*": "times" if reading.star == "times" else "product", "dot": "product", "cdot": "product", "over": "/"}
    args = tuple(resolve(arg, reading) for arg in tree.args)
    return replace(tree, kind=kinds.get(tree.kind, tree.kind), args=args)


def base(f: Function) -> Function:
    """f of f′."""
    return named(f.name.rstrip("′"))


def named(name: str) -> Function:
    """The function of a name: of the table, or an abstract one."""
    return next((row for row in MAPS.values() if row.name == name), None) or function(name)


def sloped(f: Function) -> bool:
    """Whether f′ is another function, with values."""
    form = f.prime().form
    return form not in (0, f.form) and not form.has(sp.DiracDelta)


def slopes(trees: Iterable[Node], point: Mapping[str, Value]) -> list[Slope]:
    """f′(z) for each activation in the trees whose derivative is another function."""
    found: dict[tuple[str, str], Slope] = {}
    for node in (n for tree in trees for n in tree.walk() if n.kind == "map"):
        f = base(node.data)
        key = f.name, str([(n.kind, n.data) for n in node.args[0].walk()])
        if key not in found and sloped(f):
            slope = Node("slope", (resolve(node.args[0], PAPER),), f)
            found[key] = slope, Run(point, PAPER)(slope)
    return list(found.values())


def folded(tree: Node, known: list[Slope], point: Mapping[str, Value]) -> Node:
    """The tree with those derivatives as nodes of their own."""
    for _ in range(3):
        done = _fold(tree, known, Run(point, PAPER).all(tree))
        if done is tree:
            break
        tree = done
    return tree


def _fold(tree: Node, known: list[Slope], values: Mapping[Node, Value]) -> Node:
    """One of them found."""
    for node in tree.walk():
        if node.kind in ("slope", "name", "number") or node not in values:
            continue
        for slope, value in known:
            if same(values[node], value):
                return tree.put(node, slope)
        parts = entry_factors(node, values) if node.kind in ("times", "product") else []
        for count in (2, 3) if 2 < len(parts) <= MOST else ():
            for chosen in combinations(parts, count):
                for slope, value in known:
                    if _same_product([values[p] for p in chosen], value):
                        first, *rest = [*(p for p in parts if p not in chosen), slope]
                        for part in rest:
                            first = Node(node.kind, (first, part), None, node.start, node.end)
                        return tree.put(node, first)
    return tree


def entry_factors(node: Node, values: Mapping[Node, Value]) -> list[Node]:
    """The factors of a product that goes entry by entry, or of numbers."""
    if node.kind == "times" or (node.kind == "product" and any(values[a].scalar for a in node.args if a in values)):
        return [f for arg in node.args for f in entry_factors(arg, values)]
    return [node]


def _same_product(parts: list[Value], value: Value) -> bool:
    kinds = {p.kind for p in parts if not p.scalar} or {(False, False)}
    shapes = {p.array.shape for p in parts if not p.scalar} or {(1, 1)}
    if kinds != {value.kind} or shapes != {value.array.shape}:
        return False
    array = parts[0].array
    for part in parts[1:]:
        array = array * part.array
    return close(array, value.array)
