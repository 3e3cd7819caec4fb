"""LaTeX: fractions, roots, environments, fonts, and sums over an index."""

from __future__ import annotations

from dataclasses import replace

from jacobian.symbolic.parse.tokens import Token
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.text.typed import ADDED, Typed
from jacobian.worksheet.answers.text.words import WORDS


class Latex(Typed):
    """Commands of LaTeX."""

    def group(self) -> Node:
        """{…} or one token after a command: 12 after \\frac are two of them."""
        token = self.token
        if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            self.tokens = [*self.tokens]
            self.tokens[self.place:self.place + 1] = [
                Token("number", c, token.start + k, token.start + k + 1) for k, c in enumerate(token.text)]
        return self.operand()

    def command(self, token: Token) -> Node:
        word = token.text
        if word == "frac":
            over, under = self.group(), self.group()
            return Node("/", (over, under), None, token.start, under.end)
        if word == "sqrt":
            inner = self.group()
            return Node("map", (inner,), WORDS["sqrt"].data, token.start, inner.end)
        if word in ("overline", "bar"):
            inner = self.group()
            return Node("mean", (inner,), None, token.start, inner.end)
        if word == "sum":
            return self.sigma(token, "")
        if word == "begin":
            return self.environment(token)
        raise self.error(f"\\{word} cannot stand here", token)

    def environment(self, token: Token) -> Node:
        """\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}; after \\begin{array} the columns are described."""
        described = self.following.text == "array"
        self.place += 3
        if described and self.at("open", "{"):
            while self.take().kind != "close":
                pass
        rows: list[list[Node]] = [[]]
        while not (self.at("command", "end") or self.at("end")):
            rows[-1].append(self.expression(0))
            if self.at("cell"):
                self.take()
            elif self.at("row"):
                self.take()
                if not self.at("command", "end"):
                    rows.append([])
            elif not self.at("command", "end"):
                raise self.unexpected()
        if self.at("end"):
            raise self.error("\\begin has no \\end", token)
        self.place += 4
        if len({len(row) for row in rows}) > 1:
            raise self.error("the rows have different lengths", replace(token, end=self.before.end))
        return Node("list", tuple(n for row in rows for n in row), (len(rows), len(rows[0]), "grid"), token.start,
                    self.before.end)

    def font(self, token: Token) -> Node:
        """\\mathbf{x} is x, \\operatorname{diag} a function, \\mathbb{1} ones."""
        if not self.at("open", "{"):
            return self.operand()
        self.take()
        inner = self.take()
        if inner.text == "1" and self.at("close"):
            node = Node("ones", (), None, token.start, self.take().end)
            if self.at("open", "[", "{") or (self.at("open", "(") and self.holds_compare()):
                opened = self.take()
                return self.closed(self.comparison(self.expression(0)), opened)
            return node
        if inner.kind != "name" or not self.at("close"):
            self.place -= 1
            node = self.expression(0)
            if not self.at("close"):
                raise self.unexpected()
            return replace(node, start=token.start, end=self.take().end)
        end = self.take().end
        return self.quantity(inner.text, token.start, end)

    def sigma(self, token: Token, letters: str) -> Node:
        """Σ_i …, \\sum_{i=1}^{n} …: the sum over an index of the product that follows."""
        if not letters and self.at("name") and self.token.text.startswith("_"):
            letters = self.take().text[1:]
            if not letters and self.at("open", "{"):
                self.take()
                letters = self.take().text
                while not self.at("close"):
                    self.take()
                self.take()
        if self.at("operator", "^"):
            self.take()
            self.group()
        letters = letters.replace(",", "")
        if not letters.isalpha() or len(letters) > 3:
            raise self.error("say over which index the sum goes, as in sum_i", token)
        before, self.summed = self.summed, self.summed + letters
        body = self.expression(ADDED)
        self.summed = before
        return Node("sigma", (body,), letters, token.start, body.end)
