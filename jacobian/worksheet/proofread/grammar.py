"""The lines that `jacobian.printing.text` writes, read: W₁ᵀ δ₂ ∘ (1ₙ − a), (x : n), ∂L/∂vec(W), [1 −2; 0 3].

A name right before a bracket is a function, with a blank between them the two are a product; / holds tightest. In a
matrix a blank stands between entries, and brackets around those that have one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from unicodedata import normalize

from jacobian.printing.text import SUBSCRIPTS, SUPERSCRIPTS, VULGAR
from jacobian.worksheet.proofread.node import Node, Unread

LOW, HIGH = ("".join(table.values()) for table in (SUBSCRIPTS, SUPERSCRIPTS))
PLAIN = {small: letter for table in (SUBSCRIPTS, SUPERSCRIPTS) for letter, small in table.items()}
LETTER = rf"(?:(?![{LOW}{HIGH}])[^\W\d_][\u0300-\u036f]*)"
TOKEN = re.compile(rf"""(?P<blank>\s*)(?:
    (?P<number>\d+(?:\.\d+)?(?![{LOW}]|_\())|(?P<vulgar>[{''.join(VULGAR.values())}])|
    (?P<one>[01](?=[{LOW}]|_\())|(?P<name>{LETTER}+(?:\d\w*(?=\())?)|(?P<sub>[{LOW}]+|_\([^()]*\))|
    (?P<super>[{HIGH}]+|\^(?=\())|(?P<blank_>__+)|(?P<sign>\S))""", re.VERBOSE)
RELATIONS = ("=", "≈", "←")


def number(text: str) -> Node:
    """A number with the decimals that are written."""
    return Node("number", (), (Fraction(text), len(text.partition(".")[2])))


def equations(text: str) -> list[tuple[list[str], list[Node]]]:
    """Each equation of a line: its relations, and one side more. Raises Unread."""
    return [Reader(clause).chain() for clause in re.split(r"\s+and\s+", text.strip())]


def formula(text: str) -> Node:
    """A formula alone. Raises Unread."""
    _, [node] = Reader(text).chain(0)
    return node


def sizes(text: str) -> tuple[Node, ...]:
    """m × n, or a number of rows; nothing for a scalar."""
    return () if text.strip() in ("scalar", "1") else tuple(formula(part) for part in text.split("×"))


class Reader:
    """Reads one equation."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.tokens = [(str(m.lastgroup), m.group().strip(), bool(m["blank"])) for m in TOKEN.finditer(text.strip())]
        self.tokens.append(("end", "", True))

    def at(self, *texts: str) -> bool:
        return self.tokens[self.place][1] in texts

    def kind(self) -> str:
        return self.tokens[self.place][0]

    def take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1][1]

    def need(self, text: str) -> None:
        if self.take() != text:
            raise self.lost()

    def lost(self) -> Unread:
        return Unread(f"{self.text.strip()!r} is not read as a formula")

    def chain(self, most: int = 99) -> tuple[list[str], list[Node]]:
        """f = g = h."""
        sides = [self.side()]
        relations: list[str] = []
        while self.at(*RELATIONS) and len(relations) < most:
            relations.append(self.take())
            sides.append(self.side())
        if self.kind() != "end":
            raise self.lost()
        return relations, sides

    def side(self) -> Node:
        """A sum, and its shape where that stands behind it."""
        node = self.sum()
        if self.at("of") and self.tokens[self.place + 1][1] == "shape":
            self.place += 2
            node = Node("shaped", (node,), self.shape())
        return node

    def shape(self) -> tuple[Node, ...]:
        found = [self.sum()]
        while self.at("×"):
            self.take()
            found.append(self.sum())
        return tuple(found)

    def sum(self) -> Node:
        node = self.signed(self.tensor)
        while self.at("+", "−"):
            sign = self.take()
            term = self.tensor()
            node = Node("+", (node, term if sign == "+" else Node("−", (term,))))
        return node

    def signed(self, part: Callable[[], Node]) -> Node:
        if self.at("−"):
            self.take()
            return Node("−", (part(),))
        return part()

    def tensor(self) -> Node:
        node = self.entrywise()
        while self.at("⊗"):
            self.take()
            node = Node("⊗", (node, self.entrywise()))
        return node

    def entrywise(self) -> Node:
        """a ∘ b, and a ⊘ b as a ∘ b^(∘−1)."""
        node = self.product()
        while self.at("∘", "⊘"):
            under = self.take() == "⊘"
            factor = self.product()
            node = Node("∘", (node, inverted(factor) if under else factor))
        return node

    def product(self) -> Node:
        factors = self.quotient()
        while self.at("·") or self.starts():
            if self.at("·"):
                self.take()
            factors += self.quotient()
        return factors[0] if len(factors) == 1 else Node("product", tuple(factors))

    def starts(self) -> bool:
        return (self.kind() in ("number", "vulgar", "one", "name", "blank_") and not self.at("of", "with")) or \
            self.at("(", "[", "∂", "√") or (self.at("‖", "|") and self.opened == 0)

    opened = 0

    def quotient(self) -> list[Node]:
        """A factor, or a/b as the factors a and 1/b."""
        if self.at("∂"):
            return [self.derivative()]
        node = self.power()
        found = [node]
        while self.at("/"):
            self.take()
            under = Node("1/", (self.power(),))
            found = [under] if found == [number("1")] else [*found, under]
        return found

    def derivative(self) -> Node:
        self.need("∂")
        over = self.power()
        self.need("/")
        self.need("∂")
        return Node("∂", (over, self.power()))

    def power(self) -> Node:
        node = self.atom()
        while self.kind() in ("super", "sub") or (self.at("ᵀ")):
            if self.kind() == "sub":
                node = self.indexed(node, self.take())
                continue
            raised = self.take()
            if raised == "^":
                self.need("(")
                node = self.raised(node, self.sign_or_sum())
                self.need(")")
                continue
            for mark in re.findall("⁻ᵀ|ᵀ|[^ᵀ]+", raised):
                plain = "".join(PLAIN[c] for c in mark)
                if plain in ("ᵀ", "−ᵀ"):
                    node = Node("T", (node if plain == "ᵀ" else Node("inverse", (node,)),))
                else:
                    node = self.raised(node, (False, number(plain) if plain[0] != "−" else
                                              Node("−", (number(plain[1:]),)))) if plain.lstrip("−").isdigit() else \
                        self.raised(node, (False, formula(plain)))
        return node

    def sign_or_sum(self) -> tuple[bool, Node]:
        """Whether a power goes entry by entry, and its exponent."""
        each = self.at("∘")
        if each:
            self.take()
        return each, self.sum()

    def raised(self, node: Node, by: tuple[bool, Node]) -> Node:
        return Node("each^" if by[0] else "^", (node, by[1]))

    def indexed(self, node: Node, sub: str) -> Node:
        """A path (∂f/∂x)₁, or a norm ‖x‖₁."""
        index = _plain(sub)
        if ":" in index:
            return Node("rows", (node, *map(formula, index.split(":"))))
        if node.kind == "∂":
            return Node("path", (node,), index)
        if node.kind == "norm" and index == "1":
            return Node("norm1", node.args)
        if node.kind == "call" and node.data == "mat":
            return Node("mat", (*node.args, *sizes(index)))
        raise self.lost()

    def atom(self) -> Node:
        kind, text, _ = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return number(text)
        if kind == "vulgar":
            over, under = normalize("NFKC", text).split("⁄")
            return Node("number", (), (Fraction(int(over), int(under)), 0))
        if kind == "one":
            return Node("ones" if text == "1" else "zeros", tuple(map(formula, _plain(self.take()).split(","))))
        if kind == "blank_":
            return Node("blank")
        if text == "π":
            return Node("number", (), (Fraction(math.pi), 0))
        if kind == "name":
            return self.named(text)
        if text == "(":
            return self.bracket()
        if text == "[":
            return self.grid()
        if text in "‖|":
            self.opened += 1
            inside = self.sum()
            self.opened -= 1
            self.need(text)
            return Node("norm" if text == "‖" else "call", (inside,), "abs" if text == "|" else None)
        if text == "√":
            return Node("call", (self.power(),), "√")
        raise self.lost()

    def named(self, text: str) -> Node:
        if self.kind() == "sub":
            sub = self.take()
            if text == "K" and "," in sub:
                return Node("K", tuple(map(formula, _plain(sub).split(","))))
            if text == "I":
                return Node("eye", (formula(_plain(sub)),))
            if ":" in sub:
                return self.indexed(Node("name", (), text), sub)
            text += sub
        if text == "Δ":
            return Node("Δ", (self.power(),))
        if text == "log" and self.at("det"):
            text = f"log {self.take()}"
        if self.kind() == "super" and self.tokens[self.place][1] == "′":
            text += self.take()
        if self.at("(") and not self.tokens[self.place][2]:
            self.take()
            outside, self.opened = self.opened, 0
            args = [self.sum()]
            while self.at(","):
                self.take()
                args.append(self.sum())
            self.need(")")
            self.opened = outside
            return Node("call", tuple(args), text)
        return Node("name", (), text)

    def bracket(self) -> Node:
        outside, self.opened = self.opened, 0
        node = self.sum()
        if self.at(":"):
            self.take()
            node = Node("shaped", (node,), self.shape())
        self.need(")")
        self.opened = outside
        return node

    def grid(self) -> Node:
        """[1 −2; 0 3], or [x > 0]."""
        rows = [[self.signed(self.entry)]]
        while not self.at("]"):
            if self.at(">"):
                self.take()
                mask = Node("mask", (rows[0][0], self.sum()))
                self.need("]")
                return mask
            if self.at(";"):
                self.take()
                rows.append([])
            rows[-1].append(self.signed(self.entry))
        self.take()
        if len({len(row) for row in rows}) > 1:
            raise Unread(f"the rows of a matrix in {self.text.strip()!r} are not equally long")
        return Node("grid", tuple(cell for row in rows for cell in row), len(rows))

    def entry(self) -> Node:
        found = self.quotient()
        return found[0] if len(found) == 1 else Node("product", tuple(found))


def inverted(node: Node) -> Node:
    """x^(∘−1) of x, x^(∘−k) of x^(∘k)."""
    x, k = node.args if node.kind == "each^" else (node, number("1"))
    return Node("each^", (x, k.args[0] if k.kind == "−" else Node("−", (k,))))


def _plain(sub: str) -> str:
    """n₁ of _(n₁), n of ₙ."""
    return sub[2:-1] if sub.startswith("_") else "".join(PLAIN[c] for c in sub)
