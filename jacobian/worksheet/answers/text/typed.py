"""What the parts of the grammar have in common: a place among the tokens, complaints that point at a place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any
from unicodedata import normalize

from jacobian.errors import InputError
from jacobian.symbolic.parse.tokens import Cursor, Token
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.text.derivatives import derivatives
from jacobian.worksheet.answers.text.names import Names
from jacobian.worksheet.answers.text.tokens import Signs

ADDED, ENTRYWISE, MULTIPLIED, RAISED = 1, 2, 3, 5
STARTS = ("number", "fraction", "name", "open", "command", "font", "bar")


class Typed(Cursor, ABC):
    """One answer, with the names and abstract functions of a question. `in_row` holds between blanks in brackets."""

    in_row = False
    summed = ""         # the indices of the sums that are open

    def __init__(self, signs: Signs, names: Names, functions: tuple[str, ...]) -> None:
        super().__init__(signs.source, derivatives(signs.tokens, names))
        self.names, self.functions, self.signs = names, functions, signs
        self.depth, self.bars = 0, 0

    @property
    def token(self) -> Token:
        return self.tokens[min(self.place, len(self.tokens) - 1)]

    @property
    def before(self) -> Token:
        """The token that was taken last."""
        return self.tokens[min(self.place, len(self.tokens)) - 1]

    def error(self, sentence: str, at: Any) -> InputError:
        return Misread(sentence, at.start, max(at.end, at.start + 1))

    def unexpected(self) -> InputError:
        token, text = self.token, self.source.text
        before = self.before if self.place else None
        here = text[token.start:token.end].strip()
        if before and before.kind in ("operator", "comma", "compare", "equals"):
            return self.error(f"something is missing after {text[before.start:before.end]}", before)
        if token.kind in ("operator", "compare", "turn", "super", "prime"):
            return self.error(f"something is missing before {here}", token)
        if token.kind == "close" and before and before.kind == "open":
            return self.error("nothing stands between the brackets", replace(token, start=before.start))
        if token.kind == "end":
            return self.error("the answer ends too early", before or token)
        return self.error(f"{here} cannot stand here", token)

    def closed(self, node: Node, opened: Token) -> Node:
        if not self.at("close"):
            raise self.unexpected()
        return replace(node, start=opened.start, end=self.take().end)

    def holds_compare(self) -> bool:
        """Whether a comparison stands in the bracket that comes."""
        depth = 0
        for token in self.tokens[self.place:]:
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                return False
            if token.kind == "compare" and depth == 1:
                return True
        return False

    def indexed_name(self, text: str) -> str | None:
        """The quantity that a name means with the index in brackets that stands above it, W⁽²⁾."""
        return self.names.find(text + normalize("NFKC", self.token.text).strip("()")) if self.at("index") else None

    @abstractmethod
    def expression(self, tightness: int) -> Node:
        """What stands here, as far as its operators hold more tightly."""

    @abstractmethod
    def after(self, node: Node) -> Node:
        """The operand with what belongs to it: transposes, powers, methods, indices."""

    @abstractmethod
    def operand(self) -> Node:
        """A quantity, a number, a call or a bracket."""

    @abstractmethod
    def comparison(self, left: Node) -> Node:
        """A comparison that begins with `left`: a mask of zeros and ones."""

    @abstractmethod
    def quantity(self, text: str, start: int, end: int) -> Node:
        """What a name means; a subscript in LaTeX may follow."""

    @abstractmethod
    def called(self, name: str, token: Token, *first: Node) -> Node:
        """A call with its operands, axis= among them."""

    @abstractmethod
    def sigma(self, token: Token, letters: str) -> Node:
        """A sum over indices, Σ or \\sum."""

    @abstractmethod
    def special(self, base: Node) -> Node | None:
        """What a bracket above `base` means, ^{T}, ^{-1}, ^{(2)}; None where it holds an ordinary exponent."""


def as_ones(node: Node) -> Node:
    """1 that is transposed is a vector of ones."""
    return replace(node, kind="ones", data=None) if node.kind == "number" and node.data == 1 else node
