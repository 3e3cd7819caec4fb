"""An answer as a tree.

Students' text has a grammar of its own beside `jacobian.symbolic.parse`, which reads formulas of people who know what
they want: here `*` and juxtaposition stay open until a reading decides, sizes need not fit, and LaTeX, indices, masks
(z > 0), primes, ones of no stated size and names in every spelling are read. Source, tokens and cursor are the same.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from typing import Any
from unicodedata import normalize

import sympy as sp

from jacobian.errors import InputError
from jacobian.symbolic.elementwise import function
from jacobian.symbolic.parse.tokens import Cursor, Token
from jacobian.worksheet.answers.names import Names
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.tokens import DEPTH, Signs
from jacobian.worksheet.answers.words import CONSTANTS, WORDS, Word

ADDED, ENTRYWISE, MULTIPLIED, RAISED = 1, 2, 3, 5
TIGHTNESS = {"+": ADDED, "-": ADDED, "⊙": ENTRYWISE, "⊗": ENTRYWISE,
             **dict.fromkeys(("*", "/", ".*", "./", "@", "·", "×"), MULTIPLIED)}
KINDS = {"+": "+", "-": "-", "⊙": "times", ".*": "times", "⊗": "outer", "*": "*", "·": "cdot", "×": "dot", "@": "product",
         "/": "/", "./": "over"}
STARTS = ("number", "fraction", "name", "open", "command", "font", "bar")
PRIMES = re.compile(r"_?(prime|derivative|deriv|grad|der|p)$")
DIGITS, PRIME = 30, 3


class Reader(Cursor):
    """Reads one answer with the names and the abstract functions of a question."""

    def __init__(self, signs: Signs, names: Names, functions: tuple[str, ...]) -> None:
        super().__init__(signs.source, signs.tokens)
        self.names, self.functions, self.signs = names, functions, signs
        self.depth, self.bars = 0, 0

    def error(self, sentence: str, at: Any) -> InputError:
        return Misread(sentence, at.start, max(at.end, at.start + 1))

    # ---- the whole ----

    def answer(self) -> Node:
        """The tree of what stands after the last =. Raises Misread."""
        self.place = self._after_equals()
        while self.at("stop") and self.following.kind == "end":
            self.take()
        if self.at("end"):
            raise Misread("nothing was written", 0, 1)
        node = self.expression(0)
        if self.at("compare"):
            node = self.comparison(node)
        if self.at("comma"):
            node = self.list(node, "end", self.token)
        if self.at("stop") and self.following.kind == "end":
            self.take()
        if not self.at("end"):
            raise self.unexpected()
        return node

    def _after_equals(self) -> int:
        depth, place = 0, 0
        for k, token in enumerate(self.tokens):
            depth += (token.kind == "open") - (token.kind == "close")
            if token.kind == "equals" and depth == 0:
                place = k + 1
        return place

    def unexpected(self) -> InputError:
        token, text = self.token, self.source.text
        before = self.tokens[self.place - 1] if self.place else None
        here = text[token.start:token.end].strip()
        if before and before.kind in ("operator", "comma", "compare", "equals") or (before and before.text in ("-", "+")):
            return self.error(f"something is missing after {text[before.start:before.end]}", before)
        if token.kind in ("operator", "compare", "turn", "super", "prime"):
            return self.error(f"something is missing before {here}", token)
        if token.kind == "close" and before and before.kind == "open":
            return self.error("nothing stands between the brackets", replace(token, start=before.start))
        if token.kind == "end":
            return self.error("the answer ends too early", before or token)
        return self.error(f"{here} cannot stand here", token)

    # ---- operators ----

    def expression(self, tightness: int) -> Node:
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error(f"more than {DEPTH} operations stand inside one another", self.token)
        left = self.after(self.signed(tightness))
        while True:
            token = self.token
            if token.kind == "operator" and token.text in TIGHTNESS:
                if TIGHTNESS[token.text] <= tightness or (self.in_row and self._separates(token)):
                    break
                self.take()
                right = self.expression(TIGHTNESS[token.text])
                left = Node(KINDS[token.text], (left, right), None, left.start, right.end)
            elif self.juxtaposed() and tightness < MULTIPLIED:
                right = self.expression(MULTIPLIED)
                if right.kind == "number" and right.data == 1 and left.kind != "number":
                    right = replace(right, kind="ones", data=None)
                left = Node("dot", (left, right), None, left.start, right.end)
            else:
                break
        self.depth -= 1
        return left

    in_row = False

    def _separates(self, minus: Token) -> bool:
        """Whether a sign begins a new entry, as in MATLAB's [1 -2]."""
        before = self.tokens[self.place - 1]
        return minus.text in "+-" and before.end < minus.start and self.following.start == minus.end

    def juxtaposed(self) -> bool:
        token = self.token
        if token.kind not in STARTS or self.in_row:
            return False
        if token.kind == "bar":
            return self.bars == 0
        if token.kind == "command" and token.text == "end":
            return False
        if token.text == "if":
            return False
        if token.kind == "number" and self.tokens[self.place - 1].kind == "number":
            raise self.error("a sign is missing between these numbers", token)
        return True

    def signed(self, tightness: int) -> Node:
        token = self.token
        if token.kind == "operator" and token.text in "+-":
            self.take()
            inner = self.expression(max(tightness, ADDED))
            return inner if token.text == "+" else Node("neg", (inner,), None, token.start, inner.end)
        return self.operand()

    def after(self, node: Node) -> Node:
        """The operand with what belongs to it: transposes, powers, methods, indices."""
        while True:
            token = self.token
            if token.kind in ("turn", "prime"):
                self.take()
                node = Node("turn", (_ones(node),), None, node.start, token.end)
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
            elif token.kind == "name" and token.text.startswith("_") and token.start == self.tokens[self.place - 1].end:
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
            return Node("turn", (_ones(base),), None, base.start, self._taken_mark())
        if sign.text == "^" and self.at("prime"):
            return Node("turn", (base,), None, base.start, self.take().end)
        if sign.text == "^" and self.at("operator", "-") and self.following.kind in ("mark", "name") \
                and self.following.text == "T":
            self.take()
            inverse = Node("inv", (base,), None, base.start, self.token.end)
            return Node("turn", (inverse,), None, base.start, self.take().end)
        if self.at("open", "{", "(") and (found := self._special(base)) is not None:
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

    def _special(self, base: Node) -> Node | None:
        """^{T}, ^{-1}, ^{-T}, ^{(2)}, ^{\\prime}: None where the bracket holds an ordinary exponent."""
        start, texts = self.place, []
        while len(texts) < 8 and not self.at("end"):
            token = self.take()
            texts.append("" if token.kind in ("font", "open", "close") and token.text in (*"{}", "mathsf", "mathrm",
                                                                                          "rm") else token.text)
            if token.kind == "close" and sum(t.kind == "open" for t in self.tokens[start:self.place]) == \
                    sum(t.kind == "close" for t in self.tokens[start:self.place]):
                break
        inner, end = "".join(texts), self.tokens[self.place - 1].end
        index = re.fullmatch(r"[(\[](\d+)[)\]](T?)", inner)
        if index and base.kind == "unknown" and (name := self.names.find(base.data + index[1])):
            named = Node("name", (), name, base.start, end)
            return Node("turn", (named,), None, base.start, end) if index[2] else named
        if inner == "T" and not self.names.find("T"):
            return Node("turn", (_ones(base),), None, base.start, end)
        if inner == "-T":
            return Node("turn", (Node("inv", (base,), None, base.start, end),), None, base.start, end)
        self.place = start
        return None

    # ---- what stands after a name or a bracket ----

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
        k = self.place + 1
        while self.tokens[k].kind in ("comma", "number", "colon") or (
                self.tokens[k].kind == "name" and len(self.tokens[k].text) == 1 and not self.names.find(self.tokens[k].text)):
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
        return Node("column" if down else "row", (node,), None, node.start, self.tokens[self.place - 1].end)

    def subscript(self, node: Node) -> Node:
        """_2, _{ij} or _{z > 0} after a name in LaTeX, a 1 or a bracket."""
        start = self.take()
        letters = start.text[1:]
        if self.at("open", "{"):
            opened = self.take()
            if _ones(node).kind == "ones":
                inner = self.comparison(self.expression(0))
                return self._closed(inner, opened)
            while not self.at("close"):
                letters += self.take().text
            self.take()
        end = self.tokens[self.place - 1].end
        letters = letters.replace(",", "").replace("_", "")
        if node.kind in ("name", "unknown", "map name"):
            return self.quantity(f"{node.data}_{letters}", node.start, end)
        if node.kind == "norm":
            return node
        if (_ones(node).kind == "ones" or node.kind == "eye") and letters.isalpha():
            return _ones(node)
        if letters.isalpha() and len(letters) <= 2:
            return Node("entry", (node,), letters, node.start, end)
        raise self.error("this index is not read here", start)

    # ---- operands ----

    def operand(self) -> Node:
        token = self.token
        if token.kind == "compare" and token.text == "<":
            self.take()
            return self.pairing(self.expression(0), token)
        if token.kind not in STARTS:
            raise self.unexpected()
        if token.kind == "open" and token.text == "[" and self.tokens[self.place + 1].text == "]":
            raise self.error("nothing stands between the brackets", token)
        self.take()
        if token.kind == "number":
            return self.number(token)
        if token.kind == "fraction":
            over, under = normalize("NFKC", token.text).split("⁄")
            return Node("number", (), Fraction(int(over), int(under)), token.start, token.end)
        if token.kind == "bar":
            return self.bar(token)
        if token.kind == "open":
            return self.bracket(token)
        if token.kind == "command":
            return self.command(token)
        if token.kind == "font":
            return self.font(token)
        if token.text == "∂" or token.text == "∇":
            raise self.error("write the derivative out: this derivative is what is asked for", token)
        return self.quantity(token.text, token.start, token.end)

    def number(self, token: Token) -> Node:
        if recurring := re.fullmatch(r"(\d*)\.(\d*)\((\d{1,9})\)", token.text[:DIGITS]):
            whole, start, period = recurring.groups()
            value = Fraction(int(start or 0) * (10**len(period) - 1) + int(period), 10**len(start)
                             * (10**len(period) - 1)) + int(whole or 0)
            return Node("number", (), value, token.start, token.end)
        if len(token.text) > DIGITS or (abs(float(token.text)) > 1e12):
            raise self.error("this number is too long", token)
        if token.text in ("1", "11") and (self.at("open", "[") or (self.at("open", "{", "(") and self._holds_compare())):
            return self._closed(self.comparison(self.expression(0)), opened) if (opened := self.take()) else None
        if token.text == "11" and (self.at("operator", "^") or self.at("turn")):
            one = Node("ones", (), None, token.start, token.end - 1)
            return Node("dot", (one, self.after(replace(one, start=token.end - 1, end=token.end))), None, token.start,
                        self.tokens[self.place - 1].end)
        written = Fraction(token.text)
        places = None if re.fullmatch(r"\d+\.?", token.text) else _places(token.text)
        return Node("number", (), Decimal(written, places) if places is not None else written, token.start, token.end)

    def _holds_compare(self) -> bool:
        depth = 0
        for token in self.tokens[self.place:]:
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                return False
            if token.kind == "compare" and depth == 1:
                return True
        return False

    def bar(self, opened: Token) -> Node:
        self.bars += 1
        inner = self.expression(0)
        self.bars -= 1
        if not self.at("bar", opened.text):
            raise self.error(f"the bar {self.source.text[opened.start:opened.end]} is not closed", opened)
        end = self.take().end
        if opened.text == "|":
            return Node("map", (inner,), WORDS["abs"].data, opened.start, end)
        return Node("norm", (inner,), None, opened.start, end)

    def bracket(self, opened: Token) -> Node:
        if self.at("close"):
            raise self.unexpected()
        before, bars, self.bars = self.in_row, self.bars, 0
        self.in_row = opened.text == "[" and self._row_of_blanks()
        first = self.expression(0)
        self.bars = bars
        if self.at("compare") or self.at("equals"):
            first = self.comparison(first)
        if opened.text == "⟨":
            return self.pairing(first, opened)
        if opened.text != "{" and (self.at("comma") or self.at("stop") or opened.text == "["):
            node = self.list(first, "blanks" if self.in_row else opened.text, opened)
        else:
            if not self.at("close"):
                raise self.unexpected()
            node = replace(first, start=opened.start, end=self.take().end)
        self.in_row = before
        return node

    def pairing(self, first: Node, opened: Token) -> Node:
        """⟨a, b⟩, also written <a, b>."""
        if not self.at("comma"):
            raise self.unexpected()
        self.take()
        second = self.expression(0)
        if not (self.at("close", "⟩") or self.at("compare", ">")):
            raise self.unexpected()
        return Node("inner", (first, second), None, opened.start, self.take().end)

    def _row_of_blanks(self) -> bool:
        """Whether the bracket that was opened lists its entries with blanks between them, as MATLAB does."""
        depth, signs = 1, []
        for token in self.tokens[self.place:]:
            depth += (token.kind == "open") - (token.kind == "close")
            if depth == 0:
                break
            if depth == 1:
                signs.append(token)
        if any(t.kind in ("comma", "name") for t in signs):
            return False
        return True

    def list(self, first: Node, opened: str, at: Token) -> Node:
        """The entries of a row, the rows of a matrix."""
        rows, row = [], [first]
        while True:
            if self.at("comma"):
                self.take()
                if self.at("close") or (self.at("end") and opened == "end"):
                    continue
                row.append(self.entry())
            elif self.at("stop") and opened != "end" and self.following.kind not in ("end",):
                self.take()
                rows.append(row)
                row = [self.entry()]
            elif self.in_row and not self.at("close"):
                row.append(self.entry())
            else:
                break
        rows.append(row)
        if opened != "end":
            if not self.at("close"):
                raise self.unexpected()
            self.take()
        lengths = {len(row) for row in rows}
        if len(lengths) > 1:
            raise self.error("the rows have different lengths", Node("list", (), None, at.start, self.token.start))
        return Node("list", tuple(n for row in rows for n in row), (len(rows), lengths.pop(), opened), at.start,
                    self.tokens[self.place - 1].end)

    def entry(self) -> Node:
        return self.expression(0)

    def comparison(self, left: Node) -> Node:
        if not (self.at("compare") or self.at("equals")):
            raise self.unexpected()
        sign = self.take()
        right = self.expression(0)
        if sign.text in ("=", "=="):
            if left.kind == right.kind == "unknown":
                return Node("same index", (), (left.data, right.data), left.start, right.end)
            raise self.error("an equation is not read here", sign)
        return Node("compare", (left, right), sign.text, left.start, right.end)

    def _closed(self, node: Node, opened: Token) -> Node:
        if not self.at("close"):
            raise self.unexpected()
        return replace(node, start=opened.start, end=self.take().end)

    # ---- LaTeX ----

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
        """\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}."""
        self.place += 3
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
            raise self.error("the rows have different lengths", replace(token, end=self.tokens[self.place - 1].end))
        return Node("list", tuple(n for row in rows for n in row), (len(rows), len(rows[0]), "grid"), token.start,
                    self.tokens[self.place - 1].end)

    def font(self, token: Token) -> Node:
        """\\mathbf{x} is x, \\operatorname{diag} a function, \\mathbb{1} ones."""
        if not self.at("open", "{"):
            return self.operand()
        self.take()
        inner = self.take()
        if inner.text == "1" and self.at("close"):
            node = Node("ones", (), None, token.start, self.take().end)
            if self.at("open", "[", "{") or (self.at("open", "(") and self._holds_compare()):
                opened = self.take()
                return self._closed(self.comparison(self.expression(0)), opened)
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
        body = self.expression(ADDED)
        return Node("sigma", (body,), letters, token.start, body.end)

    # ---- names and functions ----

    def quantity(self, text: str, start: int, end: int) -> Node:
        """What a name means; a subscript in LaTeX may follow."""
        at = Node("name", (), text, start, end)
        short = text.rpartition(".")[2]
        if text.endswith("_") and self.at("open", "{"):
            return self.subscript_of(text[:-1], start)
        if self.at("name") and self.token.text.startswith("_") and self.token.start == end and short not in ("sum",):
            return self.subscript_of(short, start)
        name = self.names.find(short)
        if name is None and (word := re.fullmatch(r"sum_?([a-z]{1,2})", short)) and short not in WORDS:
            return self.sigma(Token("name", text, start, end), word[1])
        if name is None and (found := self.function(short)) is not None and self.applied(found[0]):
            return self.call(found, Token("name", text, start, end))
        if name is not None:
            return Node("name", (), name, start, end)
        return self.other(short, at)

    def subscript_of(self, stem: str, start: int) -> Node:
        letters = self.take().text[1:] if self.at("name") else ""
        if self.at("open", "{"):
            opened = self.take()
            if stem in ("1", "𝟙", "I") and self._ahead_compares():
                return self._closed(self.comparison(self.expression(0)), opened)
            while not self.at("close"):
                letters += self.take().text
            self.take()
        letters = letters.replace(",:", "j").replace(":,", "i") if stem != "sum" else letters
        end = self.tokens[self.place - 1].end
        if stem == "sum":
            return self.sigma(Token("name", stem, start, end), letters.partition("=")[0])
        return self.quantity(f"{stem}_{letters.replace(',', '')}", start, end)

    def _ahead_compares(self) -> bool:
        for token in self.tokens[self.place:]:
            if token.kind == "close":
                return False
            if token.kind == "compare":
                return True
        return False

    def function(self, name: str) -> tuple[Word, int] | None:
        """The function of a name and how often it is differentiated: g_prime, dg, sigmoid_derivative."""
        plain = "".join({"σ": "sigma", "φ": "phi"}.get(c, c) for c in name)
        for stem, order in ((plain, 0), (PRIMES.sub("", plain), 1), (plain[1:], 1), (plain[1:].lstrip("_"), 1)):
            if order and stem == plain:
                continue
            if stem in self.functions:
                return Word("map", 1, 1, function(stem)), order
            if stem in WORDS and (not order or (WORDS[stem].kind == "map" and plain[0] in "d" + stem[0])):
                return WORDS[stem], order
        return None

    def applied(self, word: Word) -> bool:
        """Whether a call stands here: a bracket after primes, or an operand after a LaTeX function."""
        k = self.place
        while self.tokens[k].kind == "prime":
            k += 1
        token = self.tokens[k]
        if token.text == "^":
            return word.kind == "map"
        return token.text in "({" and token.kind == "open" or word.least == 0 or word.kind != "same" \
            and token.kind not in ("end",) or True

    def call(self, found: tuple[Word, int], token: Token) -> Node:
        word, order = found
        while self.at("prime"):
            self.take()
            order += 1
        exponent = None
        if self.at("operator", "^") and word.kind == "map":
            self.take()
            primes = self._primes()
            if primes:
                order += primes
            else:
                exponent = self.operand()
        data = word.data
        if order > PRIME:
            raise self.error(f"more than {PRIME} primes are not read", replace(token, end=self.token.start))
        for _ in range(order if word.kind == "map" else 0):
            data = data.prime()
            if data.form.has(sp.DiracDelta, sp.Derivative):
                raise self.error("this derivative has no values here", token)
        if not self.at("open", "(", "{") and word.least > 0:
            spoken = self.source.text[token.start:token.end]
            if spoken.startswith("\\") and self.token.kind in STARTS:
                inner = self.after(self.operand())
                return Node(word.kind, (inner,), data, token.start, inner.end)
            raise self.error(f"{spoken} is a function: write {spoken.lstrip(chr(92))}(…)", token)
        node = self.called(token.text.rpartition(".")[2], token, word=replace(word, data=data))
        return node if exponent is None else Node("power", (node, exponent), None, token.start, node.end)

    def _primes(self) -> int:
        if self.at("prime"):
            self.take()
            return 1
        if self.at("open", "{") and self.following.kind == "prime":
            count = 0
            self.take()
            while self.at("prime"):
                self.take()
                count += 1
            self.take()
            return count
        return 0

    def called(self, name: str, token: Token, *first: Node, word: Word | None = None) -> Node:
        """A call with its operands, axis= among them."""
        word = word or WORDS[name]
        args, axis, end = list(first), None, token.end
        if self.at("open"):
            opened, before, bars = self.take(), self.in_row, self.bars
            self.in_row, self.bars = False, 0
            while not self.at("close"):
                if self.at("name", "axis", "dim", "keepdims", "dtype") and self.following.kind == "equals":
                    key = self.take()
                    self.take()
                    sign = -1 if self.at("operator", "-") and self.take() else 1
                    value = self.token
                    if key.text in ("axis", "dim") and value.text not in ("0", "1"):
                        raise self.error("an axis is 0 or 1", replace(key, end=max(value.start, key.end + 1)))
                    self.take()
                    axis = sign * int(value.text) % 2 if key.text in ("axis", "dim") else axis
                elif self.at("string"):
                    at = self.take()
                    args.append(Node("string", (), at.text[1:-1], at.start, at.end))
                elif self.at("prime") and word.kind == "einsum":
                    args.append(self._quoted())
                elif self.at("name", "float", "int") and word.kind == "same":
                    self.take()
                else:
                    arg = self.expression(0)
                    args.append(self.comparison(arg) if self.at("compare") else arg)
                if self.at("comma"):
                    self.take()
                elif not self.at("close"):
                    raise self.unexpected()
            end = self.take().end
            self.in_row, self.bars = before, bars
            if not args and word.least:
                raise self.error("nothing stands between the brackets", replace(opened, end=end))
        if not word.least <= len(args) <= word.most and not (word.kind in ("sum", "mean") and len(args) == 2):
            raise self.error(f"{name} does not take {len(args)} operand{'s' * (len(args) != 1)}",
                             replace(token, end=end))
        start = first[0].start if first else token.start
        data = word.data if axis is None else axis
        return Node(word.kind, tuple(args), data, start, end)

    def _quoted(self) -> Node:
        opened, k = self.take(), self.place
        while self.tokens[k].kind not in ("prime", "end"):
            k += 1
        if self.tokens[k].kind == "end":
            raise self.error("the quotation mark is not closed", opened)
        self.place = k + 1
        end = self.tokens[k].end
        return Node("string", (), self.source.text[opened.end:end - 1], opened.start, end)

    def other(self, text: str, at: Node) -> Node:
        """A name that is no quantity and no function as it stands."""
        if text in ("I", "Id", "𝐈") or re.fullmatch(r"I_?(\d|[a-z])?", text):
            return replace(at, kind="eye", data=None)
        if text in ("𝟙", "ones", "one") or re.fullmatch(r"(1|𝟙|ones)_?[a-zA-Z]?", text):
            return replace(at, kind="ones", data=None)
        if text == "e":
            return replace(at, kind="e", data=None)
        if text in CONSTANTS:
            return replace(at, kind="number", data=Fraction(str(CONSTANTS[text])))
        if text in ("true", "True", "None", "nan", "inf", "Inf", "NaN"):
            raise self.error(f"{text} is not read here", at)
        stem, _, letters = text.rpartition("_")
        if stem and letters.isalpha() and len(letters) <= 2 and (name := self.names.find(stem)):
            return Node("entry", (Node("name", (), name, at.start, at.end),), letters, at.start, at.end)
        if (parts := re.fullmatch(r"([A-Za-zα-ω]\w*?)_([a-z]{1,2})", text)) and (name := self.names.find(parts[1])):
            return Node("entry", (Node("name", (), name, at.start, at.end),), parts[2], at.start, at.end)
        parts_of = self.names.split(text)
        if parts_of:
            rest = [Token("name", part, at.start, at.end) for part in parts_of[1:]]
            self.tokens = [*self.tokens[:self.place], *rest, *self.tokens[self.place:]]
            return Node("name", (), parts_of[0], at.start, at.end)
        if len(text) == 1 and text in "ijkl" and (self.at("equals") or self.at("compare", "==") or (
                self.place > 1 and self.tokens[self.place - 2].text in ("=", "=="))):
            return replace(at, kind="unknown", data=text)
        if self.at("operator", "^") and self.following.text in ("{", "(", "[") and any(
                self.names.find(text + str(k)) for k in range(10)):
            return self.after_index(replace(at, kind="unknown", data=text))
        loose = self.names.loosely(text)
        if loose:
            return replace(at, data=loose)
        raise self.unknown(text, at)

    def after_index(self, node: Node) -> Node:
        place = self.place
        self.take()
        found = self._special(node)
        if found is None:
            self.place = place
            raise self.unknown(node.data, node)
        return found

    def unknown(self, text: str, at: Node) -> InputError:
        if self.at("open", "("):
            near = get_close_matches(text, [*WORDS, *self.functions], 1, 0.7)
            return self.error(f"the function {text} is not known here" + (f": is {near[0]} meant?" if near else ""), at)
        known = ", ".join(self.names.known.values())
        return self.error(f"{text} is not known here: the quantities are {known}" if known
                          else f"{text} is not read here: write numbers", at)


class Decimal(Fraction):
    """A number with decimals: it stands for what rounds to it."""

    places: int

    def __new__(cls, value: Fraction, places: int) -> Decimal:
        made = super().__new__(cls, value)
        made.places = places
        return made


def _places(text: str) -> int:
    mantissa, _, exponent = text.lower().partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)


def _ones(node: Node) -> Node:
    """1 that is transposed is a vector of ones."""
    return replace(node, kind="ones", data=None) if node.kind == "number" and node.data == 1 else node


def read(signs: Signs, names: Names, functions: tuple[str, ...] = ()) -> Node:
    """The tree of an answer. Raises Misread with the place of what was not understood."""
    return Reader(signs, names, functions).answer()
