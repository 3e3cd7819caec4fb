"""The shapes of what a page names, where no numbers show them: as it gives them, by its formulas, and by what is
written below factors.

Of what is not given capital letters are matrices, small ones columns or scalars: the reading with the fewest scalars
that fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, combinations
from typing import Any

from jacobian.worksheet.proofread.node import Node, Unread

Shape = tuple[Any, Any]
SCALAR: Shape = (1, 1)


class Sizes:
    """Sizes that must be equal: letters, unknowns ("?", k) and numbers."""

    def __init__(self, ones: bool) -> None:
        self.same: dict[Any, Any] = {}
        self.ones = ones                # whether an axis may have one entry
        self.fresh = 0

    def new(self) -> Any:
        self.fresh += 1
        return "?", self.fresh

    def root(self, n: Any) -> Any:
        while n in self.same:
            n = self.same[n]
        return n

    def equal(self, a: Any, b: Any) -> None:
        """Raises Unread for two numbers, and for 1 beside an axis, unless numbers show that it may have one entry."""
        a, b = self.root(a), self.root(b)
        if a == b:
            return
        if isinstance(a, int):
            a, b = b, a
        if isinstance(a, int) or (b == 1 and not self.ones):
            raise Unread(f"the sizes {a} and {b} do not fit")
        self.same[a] = b


class Shaped:
    """One attempt: the shapes of the names under a choice of scalars."""

    def __init__(self, known: Mapping[str, Shape], given: Mapping[str, Shape], scalars: Iterable[str],
                 letters: Iterable[str]) -> None:
        self.letters = set(letters)
        self.sizes, self.scalars = Sizes(bool(known)), set(scalars)
        self.shapes: dict[str, Shape] = {**given, **known}

    def name(self, word: str) -> Shape:
        if word in self.letters:
            return SCALAR
        if word not in self.shapes:
            column = word[0].islower()
            self.shapes[word] = SCALAR if word in self.scalars else (self.sizes.new(), 1 if column else
                                                                     self.sizes.new())
        return self.shapes[word]

    def letter(self, node: Node) -> Any:
        if node.kind == "number":
            return int(node.data[0])
        return node.data if node.kind == "name" else self.sizes.new()

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
            found = [self.letter(n) for n in args]
            return (found[0], found[0]) if kind == "eye" else (found[0], found[1] if found[1:] else 1)
        if kind == "shaped":
            wanted = tuple(self.letter(n) for n in node.data)
            return self.alike(self(args[0]), ((*wanted, 1, 1)[0], (*wanted, 1, 1)[1] if wanted else 1))
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
        if kind == "call" and node.data == "diag":
            return inside[0][0], inside[0][0]
        if kind == "call" and node.data == "logsumexp":
            return SCALAR if self.sizes.root(inside[0][1]) == 1 else (inside[0][0], 1)
        if kind == "call" and node.data in ("vec", "vec by columns", "diagonal"):
            return self.sizes.new(), 1
        if kind in ("⊗", "K", "K by columns"):
            return self.sizes.new(), self.sizes.new()
        if kind in ("∂", "path", "Δ", "grid", "blank"):
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


def shapes(defined: Mapping[str, Node], signals: Mapping[str, Node], said: Iterable[Node],
           known: Mapping[str, Shape], given: Mapping[str, Shape],
           falling: bool = False) -> tuple[dict[str, tuple[int, int]], dict[str, int]]:
    """The shape of each name, and the number of each letter; sizes that are not known differ. Raises Unread.

    The shapes of names are `known` by their numbers, or `given` in letters. Open sizes rise, or are `falling`, as they
    are met. A signal has the shape of that by which it is derived.
    """
    said = list(said)
    letters = {word for body in (*defined.values(), *said) for part in body.walk() for size in _sizes(part)
               for word in size.names()} - {*known, *defined}
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
    met = dict.fromkeys(n for n in map(root, axes) if not isinstance(n, int))
    rising = range(2, len(met) + 2)
    chosen = dict(zip(met, reversed(rising) if falling else rising, strict=True))

    def number(n: Any) -> int:
        n = root(n)
        return n if isinstance(n, int) else chosen[n]

    found = {word: (number(m), number(n)) for word, (m, n) in attempt.shapes.items()}
    letters = {n for n in axes if isinstance(n, str)}
    return {**dict.fromkeys(attempt.letters - letters, SCALAR), **found}, {n: number(n) for n in letters}
