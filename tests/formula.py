"""A law's printed formula, read and evaluated: its letters are bound to the maps of a sample, both sides to numbers.

Juxtaposition is the product, ⊗ the Kronecker product, ⊕ blocks on the diagonal, ∘ entry by entry. Lower-case letters
are columns of entries (s, t numbers), upper-case letters matrices or entries in natural shape. I and 0 take the size
that is needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import market
import numpy as np

import jacobian as jac
from jacobian.algebra import Law
from jacobian.algebra.entries import count

TOKEN = re.compile(r"\s*(?:(?P<call>vec|diagonal|diag)\b|(?P<name>[A-Za-z0-9])(?:_\{(?P<many>[^}]*)\}|_(?P<one>\w))?"
                   r"(?P<piece>[₁₂])?|(?P<inverse>⁻¹)|(?P<sign>\S))")
Node = tuple[Any, ...]


# ---- reading -------------------------------------------------------------------------------------------------------


class Reader:
    """sum of ⊗ and ⊕ of ∘ of products of transposed atoms; a name is ("name", letter, sizes, piece)."""

    def __init__(self, text: str) -> None:
        self.tokens = [m.groupdict() for m in TOKEN.finditer(text)]

    def sign(self, *wanted: str) -> str | None:
        found = self.tokens[0]["sign"] if self.tokens else None
        return self.tokens.pop(0)["sign"] if found in wanted else None

    def equations(self) -> list[tuple[Node, Node]]:
        found = []
        while not found or self.sign(","):
            left = self.sum()
            assert self.sign("="), "an equation has two sides"
            found.append((left, self.sum()))
        assert not self.tokens, f"not read: {self.tokens}"
        return found

    def joined(self, part: Any, **signs: str) -> Node:
        node = part()
        while sign := self.sign(*signs.values()):
            node = (next(k for k, v in signs.items() if v == sign), node, part())
        return node

    def sum(self) -> Node:
        return self.joined(self.term, sum="+")

    def term(self) -> Node:
        return self.joined(lambda: self.joined(self.product, had="∘"), kron="⊗", blocks="⊕")

    def product(self) -> Node:
        node = self.factor()
        while self.tokens and (self.tokens[0]["sign"] or "(") in "([⟨":
            node = ("product", node, self.factor())
        return node

    def factor(self) -> Node:
        node = self.atom()
        while self.tokens and (self.tokens[0]["sign"] == "ᵀ" or self.tokens[0]["inverse"]):
            node = ("inverse" if self.tokens.pop(0)["inverse"] else "T", node)
        return node

    def atom(self) -> Node:
        token = self.tokens.pop(0)
        if token["name"]:
            sizes = token["many"].split(",") if token["many"] else [token["one"]] if token["one"] else []
            return "name", token["name"], sizes, token["piece"]
        kind = token["call"] or {"(": "beside", "[": "bracket", "⟨": "inner"}[token["sign"]]
        if token["call"]:
            assert self.sign("(")
        inside = [self.sum()]
        while self.sign(","):
            inside.append(self.sum())
        assert self.sign(")", "]", "⟩")
        return inside[0] if kind == "beside" and len(inside) == 1 else (kind, *inside)


# ---- binding the letters of the left side --------------------------------------------------------------------------


@dataclass
class Meaning:
    """What the letters, the sizes and the pieces stand for."""

    bind: jac.Binding
    letters: dict[str, Any] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    pieces: list[int] = field(default_factory=list)

    def size(self, word: str) -> int:
        if word.isdecimal():
            return int(word)
        shapes = {k: n for a, b in (("A", "mn"), ("B", "pq")) if a in self.letters
                  for k, n in zip(b, self.letters[a].shape, strict=True)}
        return int(np.prod([{**shapes, **self.sizes}[letter] for letter in word]))

    def sized(self, words: list[str], *numbers: int) -> bool:
        return all(int(w) == n if w.isdecimal() else self.sizes.setdefault(w, n) == n
                   for w, n in zip(words, numbers, strict=False))

    def letter(self, name: str, value: Any) -> bool:
        known = self.letters.setdefault(name, value)
        return known.shape == value.shape and bool(np.all(known == value))

    def dense(self, J: jac.Jacobian) -> Any:
        return market.by_definition(J.map(self.bind, self.bind.size))

    def match(self, node: Node, J: jac.Jacobian) -> bool:
        """Whether the node has the form of the map; its letters are bound on the way."""
        return getattr(self, f"_{node[0]}", lambda node, J: False)(node, J)

    def _name(self, node: Node, J: Any) -> bool:
        _, name, sizes, _ = node
        kinds = {"I": jac.Identity, "0": jac.Zero, "K": jac.Commutation, "P": jac.Permutation, "Q": jac.Permutation,
                 "S": jac.Selection, "E": jac.Part, "R": jac.Gather, "H": jac.Gather}
        if name in kinds:
            numbers = [count(n) for _, role, n in J.parts() if role == "Size"]
            return isinstance(J, kinds[name]) and self.sized(sizes, *numbers) and \
                (name in "I0K" or self.letter(name, self.dense(J)))
        return (name.isupper() or J.shape == (1, 1)) and self.letter(name, self.dense(J))

    def _T(self, node: Node, J: Any) -> bool:
        if isinstance(J, jac.Embedding):
            return node[1][1] == "S" and self.letter("S", self.dense(jac.Selection(J.n)))
        if isinstance(J, jac.Insertion):
            return node[1][1] == "E" and self.letter("E", self.dense(jac.Part(J.n, J.before, J.after)))
        if isinstance(J, jac.Scatter):
            return node[1][1] == "R" and self.letter("R", self.dense(jac.Gather(J.p, J.n)))
        return isinstance(J, jac.Row) and node[1][0] == "vec" and self.entry(node[1][1], J.g)

    def _vec(self, node: Node, J: Any) -> bool:
        return isinstance(J, jac.Column) and self.entry(node[1], J.x)

    def _diag(self, node: Node, J: Any) -> bool:
        return isinstance(J, jac.Diagonal) and self.entry(node[1], J.d)

    def _bracket(self, node: Node, J: Any) -> bool:
        return isinstance(J, jac.Dense) and self.entry(node[1], J.a)

    def entry(self, node: Node, value: Any) -> bool:
        """Bind a letter, or a transposed letter, to entries in natural shape."""
        if node[0] == "T":
            return self.letter(node[1][1], self.bind(value))
        array = np.asarray(self.bind(value))
        return self.letter(node[1], array if node[1].isupper() else array.reshape(-1, 1))

    def _product(self, node: Node, J: Any) -> bool:
        _, a, b = node
        if isinstance(J, jac.Scalar):
            return b[:2] == ("name", "I") and self.sized(b[2], J.shape[0]) and self.entry(a, J.s)
        if isinstance(J, jac.LowRank):
            return b[0] == "T" and self.entry(a, J.u) and self.entry(b, J.v)
        return isinstance(J, jac.Product) and self.several(node, J.factors, jac.Product)

    def _sum(self, node: Node, J: Any) -> bool:
        return isinstance(J, jac.Sum) and self.several(node, J.terms, jac.Sum)

    def _kron(self, node: Node, J: Any) -> bool:
        return isinstance(J, jac.Kronecker) and self.match(node[1], J.a) and self.match(node[2], J.b)

    def _blocks(self, node: Node, J: Any) -> bool:
        return isinstance(J, jac.BlockDiagonal) and self.several(node, J.blocks, jac.BlockDiagonal)

    def several(self, node: Node, maps: Any, kind: Any) -> bool:
        rest = maps[1] if len(maps) == 2 else kind(maps[1:])
        return self.match(node[1], maps[0]) and self.match(node[2], rest)


# ---- evaluating ----------------------------------------------------------------------------------------------------


@dataclass
class Eye:
    """c I of whatever size is needed."""

    c: Any


def _times(a: Any, b: Any) -> Any:
    if _nothing(a, b):
        return 0.0
    if isinstance(a, Eye) or isinstance(b, Eye):
        (c, other) = (a.c, b) if isinstance(a, Eye) else (b.c, a)
        return Eye(c * other.c) if isinstance(other, Eye) else Eye(c * other) if np.ndim(other) == 0 else c * other
    return a * b if np.ndim(a) == 0 or np.ndim(b) == 0 else a @ b


def _nothing(a: Any, b: Any) -> bool:
    return any(np.ndim(x) == 0 and not isinstance(x, Eye) and x == 0 for x in (a, b))


def _kron(a: Any, b: Any) -> Any:
    return 0.0 if _nothing(a, b) else np.kron(a, b)


def _plus(a: Any, b: Any) -> Any:
    if isinstance(a, Eye) and isinstance(b, Eye):
        return Eye(a.c + b.c)
    a, b = (x.c * np.eye(len(y)) if isinstance(x, Eye) else x for x, y in ((a, b), (b, a)))
    assert np.ndim(a) == 0 or np.ndim(b) == 0 or a.shape == b.shape
    return a + b


def _oplus(a: Any, b: Any) -> Any:
    return np.block([[a, np.zeros((a.shape[0], b.shape[1]))], [np.zeros((b.shape[0], a.shape[1])), b]])


def _had(a: Any, b: Any) -> Any:
    assert a.shape == b.shape
    return a * b


_APPLY: dict[str, Any] = {
    "sum": _plus, "product": _times, "kron": _kron, "blocks": _oplus, "had": _had,
    "T": lambda a: a if isinstance(a, Eye) else np.transpose(a),
    "inverse": np.linalg.inv,
    "vec": lambda a: np.reshape(a, (-1, 1)),
    "diag": lambda a: np.diag(np.ravel(a)),
    "diagonal": lambda a: np.diagonal(a)[:, None],
    "bracket": lambda a: a,
    "beside": lambda *xs: np.hstack(xs),
    "inner": lambda a, b: np.sum(_had(a, b)),
}


def evaluate(node: Node, meaning: Meaning) -> Any:
    if node[0] != "name":
        return _APPLY[node[0]](*(evaluate(part, meaning) for part in node[1:]))
    _, name, sizes, piece = node
    numbers = [meaning.size(word) for word in sizes]
    if name.isdecimal():
        return np.zeros(numbers) if numbers else float(name)
    if name == "I":
        return np.eye(*numbers) if numbers else Eye(1.0)
    if name == "K":
        return market.by_definition(jac.Commutation(*numbers))
    value = meaning.letters[name]
    if piece:
        return np.split(value, meaning.pieces)["₁₂".index(piece)]
    return value[0, 0] if name in "st" else value


def _meaning(left: Node, law: Law, maps: tuple[Any, ...], bind: jac.Binding) -> Meaning | None:
    meaning = Meaning(bind)
    parts = {"@": left[1:], "+": left[1:], "T": left[1:], "=": (left,)}[law.op]
    if len(parts) != len(maps) or not all(meaning.match(part, J) for part, J in zip(parts, maps, strict=True)):
        return None
    for k, J in enumerate(maps):
        if isinstance(J, jac.BlockDiagonal):
            meaning.pieces = [J.blocks[0].shape[1 - k]]
    return meaning


def sides(law: Law, maps: tuple[Any, ...], bind: jac.Binding) -> tuple[Any, Any]:
    """The values of both sides of the first of the law's equations whose left side has the form of the maps."""
    for left, right in Reader(law.formula).equations():
        meaning = _meaning(left, law, maps, bind)
        if meaning is not None:
            return evaluate(left, meaning), evaluate(right, meaning)
    raise AssertionError(f"the left side of {law.formula!r} has not the form of {maps}")


def equal(value: Any, want: Any) -> bool:
    """Whether a side is the matrix; a number stands for a matrix of one entry, 0 for any zero."""
    if isinstance(value, Eye):
        value = value.c * np.eye(len(want))
    if np.ndim(value) == 0:
        value = np.zeros_like(want) if value == 0 else np.reshape(value, (1, 1))
    return market.close(value, want)


def number(text: str, **letters: Any) -> Any:
    """The value of an expression at given matrices."""
    return evaluate(Reader(text).sum(), Meaning(jac.Binding({}), {k: np.asarray(v, float) for k, v in letters.items()}))
