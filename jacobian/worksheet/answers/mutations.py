"""How people change a right answer: each function takes a node of it and gives what may stand in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import combinations
from typing import Any

from jacobian.symbolic import elementwise as each
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.text.names import canonical
from jacobian.worksheet.answers.values.value import Value

ONE = Node("number", data=Fraction(1))


@dataclass(frozen=True)
class Context:
    """What a mutation may know: the values of the nodes, the quantities by name, the sizes."""

    values: Mapping[Node, Value]
    names: Mapping[str, Value]
    sizes: tuple[str, ...]
    whole: Node
    given: Mapping[str, Node] = field(default_factory=dict)

    def array(self, node: Node) -> bool:
        return not self.values[node].scalar if node in self.values else True

    def square(self, node: Node) -> bool:
        value = self.values.get(node)
        return value is not None and value.rows and value.columns and value.array.shape[0] == value.array.shape[1]


def number(x: Any) -> Node:
    return Node("number", data=Fraction(x))


def at(node: Node, kind: str, *args: Node, data: Any = None) -> Node:
    """A node in the place of another."""
    return Node(kind, args, data, node.start, node.end)


def factors(node: Node, kinds: tuple[str, ...]) -> list[Node]:
    """The factors of a product, the first first."""
    found, stack = [], [node]
    while stack:
        part = stack.pop()
        if part.kind in kinds:
            stack.extend(reversed(part.args))
        else:
            found.append(part)
    return found


def chain(kind: str, parts: list[Node]) -> Node:
    whole = parts[0]
    for part in parts[1:]:
        whole = Node(kind, (whole, part), None, parts[0].start, part.end)
    return whole


def negated(node: Node, c: Context) -> Iterator[Node]:
    if node is c.whole:
        yield at(node, "neg", node)
    if node.kind in ("+", "-"):
        yield replace(node, kind="-" if node.kind == "+" else "+")
        yield at(node, node.kind, at(node, "neg", node.args[0]), node.args[1])
    if node.kind == "neg":
        yield node.args[0]


def scaled(node: Node, c: Context) -> Iterator[Node]:
    terms = node is c.whole or any(node in n.args for n in c.whole.walk() if n.kind in "+-")
    if terms:
        for s in (2, Fraction(1, 2), 4, Fraction(1, 4), 3, Fraction(1, 3)):
            yield at(node, "product", number(s), node)
    exponents = [n.args[1] for n in c.whole.walk() if n.kind in ("power", "^")]
    if node.kind == "number" and node.data not in (0, 1) and node not in exponents:
        yield at(node, "number", data=Fraction(1))


def counted(node: Node, c: Context) -> Iterator[Node]:
    """A number of samples too many or too few; a mean for a sum."""
    if node.kind in ("sum", "mean"):
        yield replace(node, kind="mean" if node.kind == "sum" else "sum")
    if node.kind == "name" and node.data in c.sizes:
        for n in c.sizes:
            if n != node.data:
                yield replace(node, data=n)
        yield at(node, "number", data=Fraction(1))
    if node is c.whole:
        for n in c.sizes:
            size = Node("name", (), n)
            yield at(node, "product", size, node)
            yield at(node, "/", node, size)
            yield at(node, "product", size, at(node, "product", size, node))
    if node is c.whole and node.kind != "diag" and c.values[node].rows and c.values[node].columns:
        yield from (at(node, kind, node, data=axis) for kind in ("sum", "mean") for axis in (0, 1))
    means = [n for n in c.whole.walk() if n.kind == "mean"]
    if node is c.whole and len(means) > 1:
        made = node
        for mean in means:
            made = made.put(mean, replace(mean, kind="sum")) if mean in list(made.walk()) else made
        yield made


def unsummed(node: Node, c: Context) -> Iterator[Node]:
    if node.kind in ("sum", "mean"):
        yield node.args[0]
    if node.kind == "product" and any(arg.kind in ("ones",) for arg in map(bare, node.args)):
        for arg in node.args:
            if bare(arg).kind != "ones":
                yield arg
                yield bare(arg)


def bare(node: Node) -> Node:
    return node.args[0] if node.kind == "turn" else node


def other_axis(node: Node, c: Context) -> Iterator[Node]:
    if node.kind in ("sum", "mean") and node.data is not None:
        yield replace(node, data=1 - node.data)
    if node.kind == "product" and any(bare(arg).kind == "ones" for arg in node.args):
        other = next((arg for arg in node.args if bare(arg).kind != "ones"), None)
        if other is not None:
            yield at(node, "product", bare(other) if other.kind == "turn" else at(other, "turn", other), Node("ones"))


def turned(node: Node, c: Context) -> Iterator[Node]:
    """A transpose that is missing, that is too many, or at the wrong factor."""
    if node.kind == "turn":
        yield node.args[0]
    elif node is not c.whole and c.array(node) and node.kind not in ("number", "ones", "eye"):
        yield at(node, "turn", node)
    if node is c.whole:
        yield unturned(node)
    if node.kind == "product" and sum(arg.kind == "turn" for arg in node.args) == 1:
        yield at(node, "product", *(bare(arg) if arg.kind == "turn" else at(arg, "turn", arg) for arg in node.args))


def unturned(node: Node) -> Node:
    """The tree without any transpose."""
    node = bare(node)
    return node.with_args(*map(unturned, node.args))


def lying(node: Node, c: Context) -> Iterator[Node]:
    yield bare(node) if node.kind == "turn" else at(node, "turn", node)


def exchanged(node: Node, c: Context) -> Iterator[Node]:
    """Factors in another order, their transposes with them or staying where they are."""
    if node.kind != "product":
        return
    parts = factors(node, ("product",))[:5]
    for i, j in combinations(range(len(parts)), 2):
        if c.array(parts[i]) and c.array(parts[j]):
            moved = [*parts]
            moved[i], moved[j] = moved[j], moved[i]
            yield chain("product", moved)
            if (parts[i].kind == "turn") != (parts[j].kind == "turn"):
                k, other = (i, j) if moved[i].kind == "turn" else (j, i)
                moved = [*moved]
                moved[k], moved[other] = bare(moved[k]), at(moved[other], "turn", moved[other])
                yield chain("product", moved)


def entry_by_entry(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "product" and all(map(c.array, node.args)):
        yield replace(node, kind="times")
        yield replace(node, kind="times", args=tuple(map(bare, node.args)))


def multiplied(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "times" and all(map(c.array, node.args)):
        a, b = node.args
        yield replace(node, kind="product")
        yield at(node, "product", a, at(b, "turn", b))
        yield at(node, "product", at(a, "turn", a), b)


def undiagonal(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "diag":
        yield node.args[0]
        yield at(node, "turn", node.args[0])


def only_diagonal(node: Node, c: Context) -> Iterator[Node]:
    if c.square(node) and node.kind != "diag":
        yield at(node, "diag", at(node, "diag", node))
        yield at(node, "diag", node)


def symmetric(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "+" and any(a.kind == "turn" for a in node.args):
        for arg in node.args:
            yield at(node, "product", number(2), bare(arg))


def reduced(node: Node, c: Context) -> Iterator[Node]:
    """A number for an array, a matrix for a vector."""
    if c.array(node):
        yield at(node, "sum", node)
        yield at(node, "norm", node)
        yield at(node, "diag", node)
        yield at(node, "vec", node)


def no_slope(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "slope":
        yield ONE


def slope_of_value(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "slope":
        yield node.with_args(at(node, "map", *node.args, data=node.data))


def value_for_slope(node: Node, c: Context) -> Iterator[Node]:
    """f(z), or what belongs to another activation."""
    if node.kind == "slope":
        a = at(node, "map", *node.args, data=node.data)
        square = at(node, "times", a, a)
        rest = at(node, "-", ONE, a)
        yield from (a, rest, at(node, "times", a, rest), at(node, "-", ONE, square), square, at(node, "+", ONE, a),
                    at(node, "+", ONE, square), at(node, "times", a, at(node, "+", ONE, a)))


def slope_twice(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "slope":
        yield at(node, "times", node, node)
    if node is c.whole:
        for name, value in c.names.items():
            if name in c.sizes or value.scalar:
                continue
            a = Node("name", (), name)
            if value.kind == c.values[node].kind and value.array.shape == c.values[node].array.shape:
                yield at(node, "times", node, at(node, "times", a, at(node, "-", ONE, a)))
        for part in node.walk():
            if part.kind in ("+", "-") and part is not node and c.array(part):
                for arg in part.args:
                    if arg.kind == "name":
                        yield node.put(part, at(part, "times", part, at(part, "times", arg, at(part, "-", ONE, arg))))


def other_side(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "slope" and node.data in (each.relu, each.elu):
        yield node.with_args(at(node, "neg", *node.args))
        for name, value in c.names.items():
            if not value.scalar:
                yield node.with_args(Node("name", (), name))
    if node.kind == "compare":
        yield replace(node, data={">": "<", "<": ">", ">=": "<=", "<=": ">="}.get(node.data, node.data))


def powered(node: Node, c: Context) -> Iterator[Node]:
    if node.kind in ("power", "^") and node.args[1].kind == "number":
        for k in (-1, 1):
            yield at(node, node.kind, node.args[0], at(node, "number", data=node.args[1].data + k))
    if node.kind == "norm":
        yield at(node, "sumsq", *node.args)
    if node.kind == "sumsq":
        yield at(node, "norm", *node.args)
    if node.kind == "inv":
        yield node.args[0]
    if node.kind == "/" and not c.array(node.args[1]):
        yield at(node, "product", *node.args)
        yield node.args[1]


def unapplied(node: Node, c: Context) -> Iterator[Node]:
    if node.kind in ("map", "inv", "norm", "logdet", "softmax"):
        yield node.args[0]
    if node is c.whole:
        yield from (everywhere(node, n.data) for n in node.walk() if n.kind == "map")
    if node.kind == "inv":
        yield at(node, "product", at(node, "det", *node.args), node)
        yield at(node, "/", ONE, at(node, "det", *node.args))


def everywhere(node: Node, f: Any) -> Node:
    """The tree without a function."""
    if node.kind == "map" and node.data is f:
        return everywhere(node.args[0], f)
    return node.with_args(*(everywhere(arg, f) for arg in node.args))


def without_term(node: Node, c: Context) -> Iterator[Node]:
    if node.kind in ("+", "-"):
        yield node.args[0]
        yield node.args[1]
        yield at(node, "neg", node.args[1])
    if node.kind in ("+", "-") and node.kind == node.args[0].kind:
        yield at(node, node.kind, node.args[0].args[0], node.args[1])


def without_factor(node: Node, c: Context) -> Iterator[Node]:
    """A factor left out, or not multiplied into the second term of a bracket."""
    if node.kind in ("product", "times", "/"):
        yield node.args[0]
        yield node.args[1] if node.kind != "/" else at(node, "/", ONE, node.args[1])
    if node.kind in ("product", "times"):
        for s, x in (node.args, node.args[::-1]):
            if x.kind in ("+", "-"):
                first, second = x.args
                yield at(node, x.kind, replace(node, args=(s, first)), second)
    if node.kind == "-" and node.args[1].kind in ("product", "times"):
        for s, x in (node.args[1].args, node.args[1].args[::-1]):
            if x.kind in ("+", "-"):
                first = at(node, "-", node.args[0], replace(node.args[1], args=(s, x.args[0])))
                yield at(node, x.kind, first, x.args[1])
    if node.kind in ("norm", "sum", "mean") and node is not c.whole:
        yield ONE


def part_alone(node: Node, c: Context) -> Iterator[Node]:
    for part in node.walk():
        if part is not node and c.array(part) and part.kind not in ("ones", "eye", "number"):
            yield part


def shifted(node: Node, c: Context) -> Iterator[Node]:
    """A quantity of another layer: the same letter with another index."""
    if node.kind == "name" and node.data not in c.sizes:
        yield from (replace(node, data=other) for other in c.names
                    if other != node.data and stem(other) == stem(node.data) and other not in c.sizes)


def another(node: Node, c: Context) -> Iterator[Node]:
    if node.kind == "name" and node.data not in c.sizes:
        for other in c.names:
            if other not in c.sizes and other != node.data:
                yield replace(node, data=other)
    if node.kind in ("map", "softmax", "slope") and node is not c.whole:
        yield node.args[0]
    if node.kind == "name" and node.data in c.given:
        yield from c.given[node.data].args
    if node is c.whole:
        others = [name for name in c.names if name not in c.sizes]
        yield from (Node("name", (), other) for other in others)
        used = dict.fromkeys(n.data for n in node.walk() if n.kind == "name" and n.data in others)
        yield from (renamed(node, {a: b}) for a in used for b in others if a != b)


def stem(name: str) -> str:
    return canonical(name).rstrip("0123456789")


def exchanged_inputs(node: Node, c: Context) -> Iterator[Node]:
    """Two quantities of one shape exchanged throughout."""
    if node is c.whole:
        names = [n.data for n in node.walk() if n.kind == "name"]
        used = list(dict.fromkeys(name for name in names if name in c.names and name not in c.sizes))
        for a, b in combinations(used, 2):
            if c.names[a].array.shape == c.names[b].array.shape and c.names[a].kind == c.names[b].kind:
                swap = {a: b, b: a}
                yield renamed(node, swap)


def renamed(node: Node, swap: Mapping[str, str]) -> Node:
    args = tuple(renamed(arg, swap) for arg in node.args)
    return replace(node, args=args, data=swap.get(node.data, node.data) if node.kind == "name" else node.data)
