"""Which parts are scalars, columns, rows and matrices: what the rules allow, then what people expect of names.

Each operation allows some combinations of kinds; what no combination allows is struck out until nothing changes. What
is still open is decided by the names: capitals are matrices; h, o … r, u … z and words with these letters first are
vectors; two of them that contradict each other are an error. The rest is one wish after the other, each dropped if it
contradicts: that no rule with a ? is needed, that s and t are vectors, that all others, Greek ones too, are scalars.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping
from functools import reduce

from jacobian.errors import InputError, ShapeError
from jacobian.symbolic.expr import Axes, Expr
from jacobian.symbolic.parse.functions import HINTS
from jacobian.symbolic.parse.node import Node, Program
from jacobian.symbolic.parse.row import ANY, COLUMN, MATRIX, ROW, SCALAR, Rule

GREEK = re.compile("alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|lam|mu|nu|xi|pi|rho|sigma|tau|phi|"
                   "chi|psi|omega")
WORDS = {SCALAR: "a scalar", COLUMN: "a column", ROW: "a row", MATRIX: "a matrix"}


def kind_of(axes: Axes) -> int:
    m, n = axes
    return 1 << ((m is not None) + 2 * (n is not None))


def expected(name: str) -> tuple[int, tuple[int, ...]]:
    """(how late it is decided, kinds with the likeliest first) for a name that is not declared."""
    stem = re.sub(r"[_\d]*$", "", name)
    if name[0].isupper():
        return 0, (MATRIX, COLUMN, SCALAR)
    if re.match(r"[houp-rv-z]", name) and not GREEK.fullmatch(stem):
        return 1, (COLUMN, SCALAR, MATRIX)
    if stem in ("s", "t"):
        return 2, (COLUMN, SCALAR, MATRIX)
    return 3, (SCALAR, COLUMN, MATRIX)


class _Constraint:
    """A node with the rules of its row, over the distinct slots of its operands and of itself."""

    def __init__(self, node: Node, slots: list[int]) -> None:
        self.node, self.strict = node, False
        self.slots = list(dict.fromkeys(slots))
        self.ways: list[tuple[Rule, list[int]]] = []
        for rule in node.ways:
            masks = dict.fromkeys(self.slots, ANY)
            for slot, kind in zip(slots, rule.kinds, strict=True):
                masks[slot] &= kind
            if all(masks.values()):
                self.ways.append((rule, [masks[slot] for slot in self.slots]))


class Kinds:
    """The kind of every node: kinds[node], and the rule that each operation follows: kinds.rule(node)."""

    def __init__(self, program: Program, declared: Mapping[str, Expr], sizes: Collection[str],
                 assumed: Mapping[str, int] | None = None) -> None:
        self.program, self.declared, self.sizes, self.assumed = program, declared, sizes, assumed or {}
        self.slots: dict[Node, int] = {}
        self.names: dict[str, int] = {}
        self.allowed: list[int] = []
        self.uses: list[list[_Constraint]] = []
        self.trail: list[tuple[int, int]] = []
        self.constraints: dict[Node, _Constraint] = {}
        for node in program.nodes:
            self._enter(node)
        self.possible = {name: self.allowed[slot] for name, slot in self.names.items()}
        self._decide()

    def slot(self, node: Node) -> int:
        return self.slots[node.whole]

    def __getitem__(self, node: Node) -> int:
        return self.allowed[self.slot(node)]

    def rule(self, node: Node) -> Rule:
        constraint = self.constraints[node]
        known = [self.allowed[slot] for slot in constraint.slots]
        return next(rule for rule, masks in constraint.ways if masks == known)

    # ---- what is allowed ----

    def _fresh(self, allowed: int) -> int:
        self.allowed.append(allowed)
        self.uses.append([])
        return len(self.allowed) - 1

    def _enter(self, node: Node) -> None:
        if node.kind == "given":
            self.slots[node] = self.slot(node.args[0])
        elif node.kind == "name":
            if node.data not in self.names:
                symbol = self.declared.get(node.data)
                known = SCALAR if node.data in self.sizes else self.assumed.get(node.data, SCALAR | COLUMN | MATRIX)
                self.names[node.data] = self._fresh(kind_of(symbol.axes) if symbol is not None else known)
            self.slots[node] = self.names[node.data]
        else:
            self.slots[node] = self._fresh(SCALAR if node.kind == "number" else ANY)
        if node.kind == "call":
            self._constrain(node)

    def _constrain(self, node: Node) -> None:
        constraint = _Constraint(node, [*map(self.slot, node.args), self.slot(node)])
        for slot in constraint.slots:
            self.uses[slot].append(constraint)
        self.constraints[node] = constraint
        if not self._holds(constraint):
            raise self._misfit(node)

    def _settle(self, waiting: deque[_Constraint]) -> bool:
        """Strike out what no rule allows, until nothing changes; False if nothing is left of something."""
        while waiting:
            constraint = waiting.popleft()
            allowed = [self.allowed[slot] for slot in constraint.slots]
            left = [0] * len(allowed)
            for rule, masks in constraint.ways:
                if not (constraint.strict and rule.loose) and all(map(int.__and__, masks, allowed)):
                    left = list(map(int.__or__, left, masks))
            for slot, mask in zip(constraint.slots, left, strict=True):
                if not self._narrow(slot, mask, waiting):
                    return False
        return True

    def _narrow(self, slot: int, mask: int, waiting: deque[_Constraint]) -> bool:
        old = self.allowed[slot]
        if old & mask != old:
            self.trail.append((slot, old))
            self.allowed[slot] = old & mask
            waiting.extend(self.uses[slot])
        return bool(old & mask)

    def _undo(self, length: int) -> None:
        while len(self.trail) > length:
            slot, old = self.trail.pop()
            self.allowed[slot] = old

    # ---- what is chosen ----

    def _decide(self) -> None:
        names = sorted(self.names, key=lambda name: expected(name)[0])
        firm = [name for name in names if expected(name)[0] < 2]
        for name in firm:
            likeliest = expected(name)[1][0]
            if not self._prefer(self.names[name], expected(name)[1]) or \
                    (self.possible[name] & likeliest and self.allowed[self.names[name]] != likeliest):
                raise self._contradicts(name)
        for constraint in self.constraints.values():
            if not any(self[arg] == SCALAR for arg in constraint.node.args):
                constraint.strict = True
                constraint.strict = self._holds(constraint)
        for name in names[len(firm):]:
            if not self._prefer(self.names[name], expected(name)[1]):
                raise self._contradicts(name)
        for node, slot in self.slots.items():
            if not self._prefer(slot, (SCALAR, COLUMN, ROW, MATRIX)):
                raise self.program.error("no shape of this fits all of its uses", node, ShapeError)

    def _contradicts(self, name: str) -> InputError:
        """The complaint about the first operation that does not fit if a name is what it is expected to be."""
        single = {other: kinds for other, slot in self.names.items() if (kinds := self.allowed[slot]) in WORDS}
        likeliest = next(kind for kind in expected(name)[1] if kind & self.possible[name])
        try:
            Kinds(self.program, self.declared, self.sizes, single | {name: likeliest})
        except ShapeError as error:
            return error
        sentence = f"no shape of {name} fits all of its uses: declare it"
        return self.program.error(sentence, self.program.result, ShapeError)

    def _holds(self, constraint: _Constraint) -> bool:
        """Whether a constraint can be met; if not, nothing has changed."""
        before = len(self.trail)
        if self._settle(deque([constraint])):
            return True
        self._undo(before)
        return False

    def _prefer(self, slot: int, kinds: tuple[int, ...]) -> bool:
        """Take the first of these kinds that does not contradict; False if all do."""
        for kind in kinds:
            before = len(self.trail)
            waiting: deque[_Constraint] = deque()
            if self._narrow(slot, kind, waiting) and self._settle(waiting):
                return True
            self._undo(before)
        return False

    # ---- what does not fit ----

    def _misfit(self, node: Node) -> InputError:
        """The sentence for an operation whose rules allow none of what its operands can be."""
        text = self.program.text
        called = text(node).partition("(")[0]
        word = called if called in node.row.words.split() else node.row.words
        for k, arg in enumerate(node.args):
            takes = reduce(int.__or__, (rule.kinds[k] for rule in node.ways))
            if not takes & self[arg]:
                sentence = f"{word} takes {self._words(takes)}{_place(k, len(node.args))}, but " \
                           f"{text(arg)} is {self.described(arg)}"
                break
        else:
            given = " and ".join(f"{text(arg)} is {self.described(arg)}" for arg in node.args)
            sentence = f"{word} does not take these operands together: {given}"
        return self.program.error(sentence + self._hint(node), node, ShapeError)

    def _hint(self, node: Node) -> str:
        """What may have been meant instead."""
        if len(node.args) != 2:
            return ""
        sign, (a, b) = node.row.words, (WORDS.get(self[arg], "any").rpartition(" ")[2] for arg in node.args)
        for key in ((sign, a, b), (sign, "any", b), (sign, a, "any"), (sign, "any", "any")):
            if key in HINTS:
                return ": " + HINTS[key].format(*map(self._factor, node.args)).replace("''", "")
        return ""

    def _factor(self, node: Node) -> str:
        """The text of an operand as a factor."""
        text = self.program.text(node)
        return f"({text})" if node.kind == "call" and not re.fullmatch(r"\(.*\)|\w+'?|\w+\([^()]*\)", text) else text

    def _words(self, kinds: int) -> str:
        words = [word for kind, word in WORDS.items() if kind & kinds]
        if self.program.syntax == "numpy":
            words = [word.replace("column", "vector") for word in words if word != "a row"]
        return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

    def described(self, node: Node) -> str:
        """"a column of n entries", as far as it is known."""
        words = self._words(self[node]) + (" by its name" if node.kind == "name" and node.data in self.assumed else "")
        symbol = self.declared.get(node.data) if node.kind == "name" else None
        if symbol is None or not symbol.shape:
            return words
        m, n = symbol.axes
        return f"{words}, {m} × {n}" if n is not None else f"{words} of {m} entries"


def _place(k: int, count: int) -> str:
    return "" if count == 1 else f" as operand {k + 1}" if count > 2 else (" on the left", " on the right")[k]
