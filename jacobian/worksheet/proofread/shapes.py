"""The shapes of what a page names, where no numbers show them: as it gives them, by its formulas, and by what is
written below factors.

Of what is not given capital letters are matrices, small ones columns or scalars: the reading with the fewest scalars
that fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain, combinations

import sympy as sp

from jacobian.worksheet.proofread.grammar import PLAIN
from jacobian.worksheet.proofread.node import Node, Unread
from jacobian.worksheet.proofread.values import Array

Shape = tuple[sp.Expr, sp.Expr]
ONE = sp.Integer(1)
SCALAR: Shape = (ONE, ONE)


class Sizes:
    """Sizes that must be equal: letters, unknowns (dummies), numbers, and sums and products of these."""

    def __init__(self, ones: bool) -> None:
        self.same: dict[sp.Expr, sp.Expr] = {}
        self.ones = ones                # whether an axis may have one entry

    def root(self, n: sp.Expr) -> sp.Expr:
        while n in self.same:
            n = self.same[n]
        return sp.expand(n.func(*map(self.root, n.args))) if n.args else n

    def equal(self, a: sp.Expr, b: sp.Expr) -> None:
        """Raises Unread for two numbers, and for 1 beside an axis, unless numbers show that it may have one entry."""
        a, b = self.root(a), self.root(b)
        if a == b:
            return
        for one, other in ((a, b), (b, a)):
            if len(one.free_symbols) == 1 and other.is_Integer:         # 2 m = 6
                (letter,) = one.free_symbols
                a, b = letter, (other - one.subs(letter, 0)) / one.coeff(letter)
        if not a.is_Symbol:
            a, b = b, a
        if not a.is_Symbol or b.has(a) or (b == 1 and not self.ones):
            raise Unread(f"the sizes {a} and {b} do not fit")
        self.same[a] = b


class Shaped:
    """One attempt: the shapes of the names under a choice of scalars."""

    def __init__(self, known: Mapping[str, Array], given: Mapping[str, tuple[Node, ...]],
                 scalars: Iterable[str], letters: Iterable[str]) -> None:
        self.letters = {*letters} - {*known}
        self.sizes, self.scalars = Sizes(bool(known)), set(scalars)
        self.sizes.same.update((sp.Symbol(word), sp.Integer(round(known[word].real.item())))
                               for word in letters if word in known)
        self.shapes: dict[str, Shape] = {word: self.shape(axes) for word, axes in given.items()}
        self.shapes.update((word, sp.Tuple(*value.shape)[:2]) for word, value in known.items())

    def shape(self, axes: tuple[Node, ...]) -> Shape:
        """Rows and columns, of which a vector has one, and a scalar one of each."""
        m, n = (*map(self.size, axes), ONE, ONE)[:2]
        return m, n

    def name(self, word: str) -> Shape:
        if word in self.letters:
            return SCALAR
        if index := re.fullmatch(r"E_\((\w+)\)|E(.)", word):           # a row for each entry of its index
            rows = self.shapes.get(index[1] or PLAIN.get(index[2], ""))
            return self.shapes.setdefault(word, (rows[0] if rows else sp.Dummy(), sp.Dummy()))
        if word not in self.shapes:
            column = word[0].islower()
            self.shapes[word] = SCALAR if word in self.scalars else (sp.Dummy(), ONE if column else sp.Dummy())
        return self.shapes[word]

    def size(self, node: Node) -> sp.Expr:
        if node.kind == "number":
            return sp.Integer(int(node.data[0]))
        if node.kind in ("product", "+"):
            return (sp.Mul if node.kind == "product" else sp.Add)(*map(self.size, node.args))
        return sp.Symbol(node.data) if node.kind == "name" else sp.Dummy()

    def alike(self, a: Shape, b: Shape) -> Shape:
        for m, n in zip(a, b, strict=True):
            self.sizes.equal(m, n)
        return a

    def scalar(self, a: Shape) -> bool:
        return tuple(map(self.sizes.root, a)) == SCALAR

    def __call__(self, node: Node) -> Shape:
        kind, args = node.kind, node.args
        if kind == "name":
            return self.name(node.data)
        if kind in ("ones", "zeros", "eye"):
            return self.shape(args * 2 if kind == "eye" else args)
        if kind == "shaped":
            return self.alike(self(args[0]), self.shape(node.data))
        if kind == "mat":
            self(args[0])
            return self.shape(args[1:])
        if kind in ("number", "1/", "norm", "norm1"):
            for arg in args:
                self(arg)
            return SCALAR
        inside = [self(arg) for arg in args if not (kind == "^" and arg is args[1])]
        if kind == "call" and node.data in ("CE", "tr", "det", "log det"):
            self.alike(inside[0], inside[1] if inside[1:] else inside[0][::-1])
            return SCALAR
        if kind == "T":
            return inside[0][::-1]
        if kind in ("+", "∘", "mask"):
            return self.alike(*inside)
        if kind == "product":
            return self.product(inside)
        if kind == "rows":
            return self.size(args[2]) - self.size(args[1]) + 1, inside[0][1]
        if kind == "grid":
            return self.grid(inside, node.data)
        if kind == "call" and node.data == "diag":
            return inside[0][0], inside[0][0]
        if kind == "call" and node.data == "logsumexp":
            return SCALAR if self.sizes.root(inside[0][1]) == 1 else (inside[0][0], ONE)
        if kind == "call" and node.data in ("vec", "vec by columns", "diagonal"):
            return sp.Dummy(), ONE
        if kind in ("⊗", "K", "K by columns"):
            return sp.Dummy(), sp.Dummy()
        if kind in ("∂", "path", "Δ", "blank"):
            raise Unread("its shape is not looked for")
        return inside[0]

    def product(self, shapes: list[Shape]) -> Shape:
        found = shapes[0]
        for shape in shapes[1:]:
            if self.scalar(found):
                found = shape
            elif not self.scalar(shape):
                self.sizes.equal(found[1], shape[0])
                found = found[0], shape[1]
        return found

    def grid(self, blocks: list[Shape], count: int) -> Shape:
        """Of so many rows of blocks, all of which have the widths of the first."""
        width = len(blocks) // count
        for k, (m, n) in enumerate(blocks):
            self.sizes.equal(m, blocks[k - k % width][0])
            self.sizes.equal(n, blocks[k % width][1])
        return sp.Add(*(m for m, _ in blocks[::width])), sp.Add(*(n for _, n in blocks[:width]))


def shapes(defined: Mapping[str, Node], signals: Mapping[str, Node], said: Iterable[Node],
           known: Mapping[str, Array], given: Mapping[str, tuple[Node, ...]],
           falling: bool = False) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """The shape of each name, and the number of each letter; sizes that are not known differ. Raises Unread.

    The shapes of names are `known` by their numbers, as are sizes, or `given` in letters. Open sizes rise, or are
    `falling`, as they are met. A signal has the shape of that by which it is derived.
    """
    said = list(said)
    letters = {word for body in (*defined.values(), *said) for part in body.walk() for size in _sizes(part)
               for word in size.names()} - {*defined}
    names = dict.fromkeys(word for body in (*defined.values(), *said) for word in body.names())
    told = {*known, *given, *defined, *signals, *letters}
    small = [word for word in names if word not in told and word[0].islower()]
    for many in range(len(small) + 1):
        for scalars in combinations(small, many):
            attempt = Shaped(known, given, scalars, letters)
            try:
                for word, body in (*defined.items(), *signals.items()):
                    attempt.shapes[word] = attempt(body)
            except Unread:
                continue
            for body in said:
                before = dict(attempt.sizes.same)
                try:
                    attempt(body)
                except Unread:
                    attempt.sizes.same = before
            return _numbers(attempt, falling)
    raise Unread("no shapes of its quantities fit what is defined")


def _sizes(node: Node) -> Iterable[Node]:
    """The sizes that a node names; what stands alone below a line, or has a power, can only be a number."""
    if node.kind in ("ones", "zeros", "eye", "K", "K by columns"):
        return node.args
    if node.kind in ("mat", "rows"):
        return node.args[1:]
    if node.kind == "1/":
        return [part for part in node.walk() if part.kind == "name" and node.args[0] in (part, Node(
            "^", (part, *node.args[0].args[1:])))]
    if node.kind == "^" and node.args[0].kind == "name" and node.args[0].data[0].islower():
        return node.args[:1]
    return node.data if node.kind == "shaped" else ()


def _numbers(attempt: Shaped, falling: bool) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """Numbers for the sizes that are left open, all different."""
    root, same = attempt.sizes.root, attempt.sizes.same
    axes = [*chain(*attempt.shapes.values()), *same, *same.values()]
    met = dict.fromkeys(part for n in map(root, axes) for part in sorted(n.free_symbols, key=str))
    rising = range(2, len(met) + 2)
    chosen = dict(zip(met, reversed(rising) if falling else rising, strict=True))

    def number(n: sp.Expr) -> int:
        n = root(n)
        return chosen[n] if n in chosen else int(n.subs(chosen))

    found = {word: (number(m), number(n)) for word, (m, n) in attempt.shapes.items()}
    letters = {str(part): part for n in axes for part in n.free_symbols if not isinstance(part, sp.Dummy)}
    return {**dict.fromkeys(attempt.letters - letters.keys(), (1, 1)), **found}, {
        word: number(n) for word, n in letters.items()}
