"""Answers with indices: each letter is an axis of an array, Σ sums over one."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.values.arithmetic import COMPARE
from jacobian.worksheet.answers.values.operations import OPERATIONS
from jacobian.worksheet.answers.values.reading import Work
from jacobian.worksheet.answers.values.value import Real, TooMuch, Value, between, column, matrix, scalar

Part = tuple[Real, frozenset[str]]      # an array with an axis for each letter, and the letters that it depends on
LETTERS = 6
PAIRS: dict[str, Callable[[Real, Real], Any]] = {
    **dict.fromkeys(("*", "dot", "cdot", "times", "product"), operator.mul), "+": operator.add, "-": operator.sub,
    **dict.fromkeys(("/", "over"), operator.truediv), **dict.fromkeys(("^", "power"), operator.pow)}
INDEXED = ("entry", "same index")       # kinds of nodes with indices of their own


def letters_of(root: Node) -> list[str]:
    """The letters of all indices, sorted."""
    return sorted({c for node in root.walk() if node.kind in (*INDEXED, "sigma") for c in node.data})


class Indices:
    """The evaluation of one tree with indices."""

    def __init__(self, run: Work, root: Node) -> None:
        self.run, self.root, self.letters = run, root, letters_of(root)
        if len(self.letters) > LETTERS:
            raise TooMuch
        self.lengths: dict[str, int] = {}
        self.found: dict[Node, Part] = {}

    def value(self) -> Value:
        """The letters that are left are the axes, in alphabetical order."""
        for node in reversed(list(self.root.walk())):
            if node.kind != "name":
                self.found[node] = self.part(node)
                self.run.kept(Value(self.found[node][0].reshape(1, -1)))
        array, free = self.found[self.root]
        if self.run.reading.repeated:
            counts = Counter(c for node in self.root.walk() if node.kind == "entry" for c in node.data)
            array, free = self.summed(array, free, "".join(c for c in free if counts[c] > 1))
        used = [c for c in self.letters if c in free]
        if len(used) > 2:
            self.run.misfit(self.root, scalar(0))
            return scalar(array.mean())
        kept = array.reshape([self.lengths[c] for c in used])
        return (scalar, column, matrix)[kept.ndim](kept)

    def part(self, node: Node) -> Part:
        """The array of one node."""
        if node.kind == "entry":
            return self.entry(node)
        if node.kind == "same index":
            known = [self.lengths[c] for c in node.data if c in self.lengths]
            n = known[0] if known else max(max(x.array.shape) for x in self.run.values.values())
            return self.placed(node, np.eye(n), "".join(node.data))
        args = [self.found[arg] if arg in self.found else self.plain(arg) for arg in node.args]
        free = frozenset[str]().union(*(letters for _, letters in args))
        if node.kind == "sigma":
            return self.summed(*args[0], node.data)
        if node.kind in PAIRS:
            return PAIRS[node.kind](args[0][0], args[1][0]), free
        if node.kind == "compare":
            return COMPARE[node.data](args[0][0], args[1][0]).astype(float), free
        if node.kind in ("neg", "map"):
            array = args[0][0]
            flat = Value(array.reshape(1, -1), False, array.size > 1)
            return OPERATIONS[node.kind](self.run, node, flat).array.reshape(array.shape), free
        if node.kind == "number":
            return self.constant(float(node.data))
        raise Misread("this is not read among indices", node.start, node.end)

    def entry(self, node: Node) -> Part:
        """W_ij."""
        base = node.args[0]
        value = self.run.values[base.data] if base.kind == "name" else scalar(0)
        axes = value.rows + value.columns
        if axes != len(node.data):
            raise Misread(f"{len(node.data)} indices stand here, where there are {axes} axes", node.start, node.end)
        return self.placed(node, value.array if len(node.data) == 2 else value.array.reshape(-1), node.data)

    def placed(self, node: Node, array: Real, names: str) -> Part:
        """The array with its axes where those of its letters are; of one letter twice the diagonal."""
        for axis, c in enumerate(names):
            m, n = self.lengths.setdefault(c, array.shape[axis]), array.shape[axis]
            if m != n:
                self.run.misfit(node, scalar(0))
                array = np.moveaxis(np.tensordot(between(m, n), array, (1, axis)), 0, axis)
        if len(set(names)) < len(names):
            array, names = np.diagonal(array), names[0]
        array = np.transpose(array, [names.index(c) for c in sorted(names)])
        return array.reshape([self.lengths[c] if c in names else 1 for c in self.letters]), frozenset(names)

    def summed(self, array: Real, free: frozenset[str], over: str) -> Part:
        """The sum over letters, of those that are there."""
        axes = tuple(self.letters.index(c) for c in dict.fromkeys(over) if c in free)
        return array.sum(axis=axes, keepdims=True), free - set(over)

    def plain(self, node: Node) -> Part:
        """A name without indices: a scalar."""
        value = self.run.values[node.data]
        if not value.scalar:
            raise Misread(f"indices are missing at {node.data}, as other quantities have some", node.start, node.end)
        return self.constant(float(value.array.item()))

    def constant(self, x: float) -> Part:
        return np.full([1] * len(self.letters), x), frozenset()
