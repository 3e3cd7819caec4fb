"""The sizes of every part: axes that the rules say are the same are one; what is known of one is known of all."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count
from typing import Any

import sympy as sp

from jacobian.algebra.entries import Size
from jacobian.errors import InputError, ShapeError
from jacobian.symbolic.expr import Axes, Expr, size
from jacobian.symbolic.parse.kinds import Kinds
from jacobian.symbolic.parse.node import Node, Program
from jacobian.symbolic.parse.row import COLUMN, MATRIX, ROW

NAMES = ("m", "n", "p", "q", "r", "k", "l", "d")
_WORDS = {COLUMN: ("entries", ""), ROW: ("", "entries"), MATRIX: ("rows", "columns")}


class Axis:
    """An axis of unknown size, or of a size, or of a sum or product of others: ("+", parts)."""

    def __init__(self, value: Any = None, node: Node | None = None) -> None:
        self.value, self.node = value, node
        self.same: Axis | None = None

    def root(self) -> Axis:
        axis = self
        while axis.same is not None:
            if axis.same.same is not None:
                axis.same = axis.same.same
            axis = axis.same
        return axis


class Sizes:
    """The axes of every node: sizes[node]; `symbols` are those of the names, in order of appearance."""

    def __init__(self, program: Program, kinds: Kinds, declared: Mapping[str, Expr], known: set[str]) -> None:
        self.program, self.kinds, self.declared, self.known = program, kinds, declared, known
        self.axes: dict[int, tuple[Axis | None, Axis | None]] = {}
        self.sized = {name: Axis(size(name)) for name in known}
        self.later: list[tuple[Axis, Axis, Node, str]] = []
        for node in program.nodes:
            self._enter(node)
        self._name()
        self._resolved: dict[Axis, Size] = {}
        self._check()

    def __getitem__(self, node: Node) -> Axes:
        first, second = self.axes[self.kinds.slot(node)]
        return self._size(first, node), self._size(second, node)

    # ---- what is the same ----

    def _enter(self, node: Node) -> None:
        slot = self.kinds.slot(node)
        if node.kind == "call":
            self.axes[slot] = self._followed(node)
        elif slot not in self.axes:
            symbol = self.declared.get(node.data) if node.kind == "name" else None
            kind = self.kinds[node]
            there = (kind in (COLUMN, MATRIX), kind in (ROW, MATRIX))
            given = symbol.axes if symbol is not None else (None, None)
            first, second = (self._axis(n, node) if is_there else None
                             for n, is_there in zip(given, there, strict=True))
            self.axes[slot] = first, second

    def _axis(self, n: Size, node: Node) -> Axis:
        return self.sized[str(n)] if isinstance(n, sp.Symbol) and str(n) in self.sized else Axis(n, node)

    def _followed(self, node: Node) -> tuple[Axis | None, Axis | None]:
        """The axes of the result, after what the rule says of the operands."""
        rule = self.kinds.rule(node)
        bound: dict[str, tuple[Axis, Node, str]] = {}
        for letter, given in node.sizes.items():
            bound[letter] = self._written(given, node), node, "entries"
        for arg, letters in zip(node.args, rule.inputs, strict=True):
            words = _WORDS.get(self.kinds[arg], ("", ""))
            for letter, axis, word in zip(letters, self.axes[self.kinds.slot(arg)], words, strict=True):
                if axis is not None:
                    self._bind(bound, letter, axis, arg, word, node)
        first, second = (None if letter == "·" else self._result(letter, bound, node) for letter in rule.output)
        return first, second

    def _written(self, given: Node, node: Node) -> Axis:
        """A size that is given to a function."""
        if given.kind == "call":
            return Axis((given.row.words, [self._written(part, node) for part in given.args]), node)
        return self.sized[given.data] if given.kind == "name" else Axis(int(given.data), node)

    def _bind(self, bound: dict[str, tuple[Axis, Node, str]], letter: str, axis: Axis, arg: Node, what: str,
              node: Node) -> None:
        """Make an axis of an operand the same as those of the same letter before it."""
        other, before, word = bound.setdefault(letter, (axis, arg, what))
        a, b = other.root(), axis.root()
        if not self._joined(a, b):
            text = self.program.text
            sentence = f"{text(before)} has {{}} {word}, but " + (
                f"{{}} {what}: {node.row.words.split()[0]} takes a square matrix" if arg is before else
                f"{text(arg)} has {{}}" + (f" {what}" if what != word else ""))
            if isinstance(a.value, tuple) or isinstance(b.value, tuple):
                self.later.append((a, b, node, sentence))
            elif a.value != b.value:
                raise self._unequal(a.value, b.value, node, sentence)

    def _joined(self, a: Axis, b: Axis) -> bool:
        """Make two axes one, if one is unknown; the unknown parts of two sums or products of equally many, too."""
        pairs, seen = [(a, b)], set()
        while pairs:
            p, q = (axis.root() for axis in pairs.pop())
            if (p, q) in seen:
                continue
            seen.add((p, q))
            if p is not q and p.value is None:
                p.same = q
            elif p is not q and q.value is None:
                q.same = p
            elif isinstance(p.value, tuple) and isinstance(q.value, tuple) and p.value[0] == q.value[0] \
                    and len(p.value[1]) == len(q.value[1]):
                pairs += zip(p.value[1], q.value[1], strict=True)
        return a.root() is b.root()

    def _unequal(self, a: Size, b: Size, node: Node, sentence: str) -> InputError:
        return self.program.error(sentence.format(a, b), node, ShapeError)

    def _result(self, letters: str, bound: dict[str, tuple[Axis, Node, str]], node: Node) -> Axis:
        for sign in "+*":
            if sign in letters:
                parts = [Axis(1) if part == "1" else bound[part][0] for part in letters.split(sign)]
                return Axis((sign, parts), node)
        if letters not in bound:
            bound[letters] = Axis(1 if letters == "1" else None, node), node, "entries"
        return bound[letters][0]

    # ---- what has no size yet ----

    def _name(self) -> None:
        """Names for the sizes of names, those of matrices first: A: m n, x: n; if there is one only, it is n."""
        first: dict[str, Node] = {}
        for node in self.program.nodes:
            if node.kind == "name":
                first.setdefault(node.data, node)
        matrices_first = sorted(first.values(), key=lambda node: self.kinds[node] != MATRIX)
        free = list(dict.fromkeys(
            axis.root() for node in matrices_first for axis in self.axes[self.kinds.slot(node)]
            if axis is not None and axis.root().value is None))
        taken = {name for name, node in first.items() if name not in ("m", "n") or name in self.declared
                 or self.kinds[node] != 1} | self.known | {str(n) for s in self.declared.values() for n in s.axes}
        choices = NAMES if len(free) > 1 else ("n", *NAMES)
        names = (name for name in chain(choices, (f"n{k}" for k in count(1))) if name not in taken)
        for axis, name in zip(free, names, strict=False):
            axis.value = size(name)
            self.known.add(name)

    # ---- what each size is ----

    def _size(self, axis: Axis | None, node: Node) -> Size:
        if axis is None:
            return None
        stack = [axis.root()]
        inside: set[Axis] = set()
        while stack:
            top = stack[-1]
            parts = [part.root() for part in top.value[1]] if isinstance(top.value, tuple) else []
            missing = [part for part in parts if part not in self._resolved]
            if top in self._resolved or not missing:
                stack.pop()
                self._resolved.setdefault(top, self._value(top, parts, node))
            elif top in inside:
                raise self.program.error("a size would depend on itself here: these shapes cannot be equal",
                                         top.node or node, ShapeError)
            else:
                inside.add(top)
                stack += missing
        return self._resolved[axis.root()]

    def _value(self, axis: Axis, parts: list[Axis], node: Node) -> Size:
        if axis.value is None:
            where = axis.node or node
            raise self.program.error(f"the size of {self.program.text(where)} does not follow from its use: write it, "
                                     "as in vector(1, n) or eye(n)", where, ShapeError)
        if not isinstance(axis.value, tuple):
            return axis.value
        total = sp.Add if axis.value[0] == "+" else sp.Mul
        value = total(*(self._resolved[part] for part in parts))
        return int(value) if value.is_Integer else value

    def _check(self) -> None:
        for a, b, node, sentence in self.later:
            first, second = self._size(a, node), self._size(b, node)
            if sp.expand(first - second) != 0:
                raise self._unequal(first, second, node, sentence)
