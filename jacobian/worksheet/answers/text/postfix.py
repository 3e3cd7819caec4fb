"""What stands after an operand: transposes, powers, methods, new axes and indices."""

from __future__ import annotations

import re
from dataclasses import replace
from unicodedata import normalize

from jacobian.symbolic.parse.tokens import Token
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.text.typed import RAISED, Typed, as_ones
from jacobian.worksheet.answers.text.words import FILLED, WORDS


class Postfix(Typed):
    """Operands with what belongs to them."""

    def after(self, node: Node) -> Node:
        """The operand with what belongs to it: transposes, powers, methods, indices."""
        while True:
            token = self.token
            if token.kind in ("turn", "prime"):
                self.take()
                node = Node("turn", (as_ones(node),), None, node.start, token.end)
            elif token.kind == "super":
                self.take()
                node = self._superscript(node, token)
            elif token.kind == "operator" and token.text in ("^", "**", ".^"):
                node = self.raised(node, self.take())
            elif token.kind == "method":
                node = self.method(node, self.take())
            elif token.kind == "open" and token.text == "[" and self._newaxis():
                node = self.newaxis(node)
            elif token.kind == "open" and token.text == "[" and node.kind == "name" and token.start == node.end \
                    and (indices := self._indices()):
                node = self.indexed(node, indices)
            elif token.kind == "name" and token.text.startswith("_") and token.start == self.before.end:
                node = self.subscript(node)
            else:
                return node

    def _superscript(self, node: Node, token: Token) -> Node:
        written = normalize("NFKC", token.text).replace("−", "-").replace("+", "")
        if written.endswith("T"):
            return Node("turn", (Node("inv", (node,), None, node.start, token.end),), None, node.start, token.end)
        return self.power("^", node, Node("number", (), float(written), token.start, token.end))

    def power(self, sign: str, base: Node, exponent: Node) -> Node:
        kind = "power" if sign != "^" else "^"
        if base.kind == "e":
            return Node("map", (exponent,), WORDS["exp"].data, base.start, exponent.end)
        return Node(kind, (base, exponent), None, base.start, exponent.end)

    def raised(self, base: Node, sign: Token) -> Node:
        if sign.text == "^" and (self.at("mark") or (self.at("name") and self._transposes())):
            return Node("turn", (as_ones(base),), None, base.start, self._taken_mark())
        if sign.text == "^" and self.at("prime"):
            return Node("turn", (base,), None, base.start, self.take().end)
        if sign.text == "^" and self.at("operator", "-") and self.following.kind in ("mark", "name") \
                and self.following.text == "T":
            self.take()
            inverse = Node("inv", (base,), None, base.start, self.token.end)
            return Node("turn", (inverse,), None, base.start, self.take().end)
        if self.at("open", "{", "(") and (found := self.special(base)) is not None:
            return found
        minus = self.take() if self.at("operator", "-") else None
        exponent = self.operand() if sign.text != "**" else self.expression(RAISED)
        if minus:
            exponent = Node("neg", (exponent,), None, minus.start, exponent.end)
        return self.power(sign.text, base, exponent)

    def _transposes(self) -> bool:
        text = self.token.text
        if self.names.find("T") or text[0] != "T":
            return False
        rest = text[1:]
        return not rest or bool(self.names.find(rest) or self.names.split(rest))

    def _taken_mark(self) -> int:
        """Steps over the T of ^T; what else its token holds, as in X^TX, stays."""
        token = self.token
        if token.kind == "name" and len(token.text) > 1:
            self.tokens = [*self.tokens]
            self.tokens[self.place] = Token("name", token.text[1:], token.start + 1, token.end)
            return token.start + 1
        return self.take().end

    def special(self, base: Node) -> Node | None:
        """^{T}, ^{-1}, ^{-T}, ^{(2)}, ^{\\prime}: None where the bracket holds an ordinary exponent."""
        start = self.place
        texts: list[str] = []
        while len(texts) < 8 and not self.at("end"):
            token = self.take()
            texts.append("" if token.kind in ("font", "open", "close") and token.text in (*"{}", "mathsf", "mathrm",
                                                                                          "rm") else token.text)
            if token.kind == "close" and sum(t.kind == "open" for t in self.tokens[start:self.place]) == \
                    sum(t.kind == "close" for t in self.tokens[start:self.place]):
                break
        inner, end = "".join(texts), self.before.end
        index = re.fullmatch(r"[(\[](\d+)[)\]](T?)", inner)
        if index and base.kind == "unknown" and (name := self.names.find(base.data + index[1])):
            named = Node("name", (), name, base.start, end)
            return Node("turn", (named,), None, base.start, end) if index[2] else named
        sample = re.fullmatch(r"[(\[]([a-z])[)\]](T?)", inner)
        if sample and base.kind == "name" and sample[1] in self.summed:
            entry = Node("entry", (base,), sample[1], base.start, end)
            return Node("turn", (entry,), None, base.start, end) if sample[2] else entry
        if inner == "T" and not self.names.find("T"):
            return Node("turn", (as_ones(base),), None, base.start, end)
        if inner == "-T":
            return Node("turn", (Node("inv", (base,), None, base.start, end),), None, base.start, end)
        self.place = start
        return None

    def method(self, node: Node, token: Token) -> Node:
        word = token.text[1:]
        if word == "shape":
            if not self.at("open", "["):
                raise self.error("write shape[0] or shape[1]", token)
            self.take()
            axis = self.take()
            if axis.text not in ("0", "1") or not self.at("close"):
                raise self.error("write shape[0] or shape[1]", axis)
            return Node("extent", (node,), int(axis.text), node.start, self.take().end)
        if word not in WORDS:
            raise self.error(f"the method {token.text} is not read here", token)
        return self.called(word, token, node)

    def _newaxis(self) -> bool:
        texts = [t.text.removeprefix("np.") for t in self.tokens[self.place:self.place + 5]]
        return texts in (["[", ":", ",", "None", "]"], ["[", "None", ",", ":", "]"],
                         ["[", ":", ",", "newaxis", "]"], ["[", "newaxis", ",", ":", "]"])

    def _indices(self) -> list[Token]:
        """The tokens in the brackets where they are indices, as in W[i, j] and W[0, :]."""
        def index(token: Token) -> bool:
            letter = token.kind == "name" and len(token.text) == 1 and not self.names.find(token.text)
            return letter or token.kind in ("comma", "number", "colon")

        k = self.place + 1
        while index(self.tokens[k]):
            k += 1
        return self.tokens[self.place + 1:k] if self.tokens[k].text == "]" else []

    def indexed(self, node: Node, indices: list[Token]) -> Node:
        """W[i, j] is an entry; a part of an array is not read."""
        start = self.take()
        self.place += len(indices)
        end = self.take().end
        if any(token.kind in ("number", "colon") for token in indices):
            raise self.error("a part of an array is not read here: write the whole, or letters for indices",
                             replace(start, end=end))
        return Node("entry", (node,), "".join(t.text for t in indices if t.kind == "name"), node.start, end)

    def newaxis(self, node: Node) -> Node:
        down = self.following.text == ":"
        self.place += 5
        return Node("column" if down else "row", (node,), None, node.start, self.before.end)

    def subscript(self, node: Node) -> Node:
        """_2, _{ij} or _{z > 0} after a name in LaTeX, a 1 or a bracket."""
        start = self.take()
        letters = start.text[1:]
        if self.at("open", "{"):
            opened = self.take()
            if as_ones(node).kind == "ones":
                inner = self.comparison(self.expression(0))
                return self.closed(inner, opened)
            while not self.at("close"):
                letters += self.take().text
            self.take()
        end = self.before.end
        letters = letters.replace(",", "").replace("_", "")
        if node.kind in ("name", "unknown", "map name"):
            return self.quantity(f"{node.data}_{letters}", node.start, end)
        if node.kind == "norm":
            return node
        if node.kind == "number" and node.data in FILLED and letters.isalpha():
            return replace(node, kind=FILLED[node.data], data=None)
        if node.kind in ("ones", "eye") and letters.isalpha():
            return node
        if letters.isalpha() and len(letters) <= 2:
            return Node("entry", (node,), letters, node.start, end)
        raise self.error("this index is not read here", start)
