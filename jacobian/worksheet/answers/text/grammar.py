"""An answer as a tree.

Students' text has a grammar of its own beside `jacobian.symbolic.parse`, which reads formulas of people who know what
they want: here `*` and juxtaposition stay open until a reading decides, sizes need not fit, and LaTeX, indices, masks
(z > 0), primes, ones of no stated size and names in every spelling are read. Source, tokens and cursor are the same.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from unicodedata import normalize

from jacobian.symbolic.parse.tokens import Token
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.text.brackets import Brackets
from jacobian.worksheet.answers.text.calls import Calls
from jacobian.worksheet.answers.text.latex import Latex
from jacobian.worksheet.answers.text.names import Names
from jacobian.worksheet.answers.text.postfix import Postfix
from jacobian.worksheet.answers.text.tokens import DEPTH, Signs
from jacobian.worksheet.answers.text.typed import ADDED, ENTRYWISE, MULTIPLIED, STARTS, as_ones

TIGHTNESS = {"+": ADDED, "-": ADDED, "⊙": ENTRYWISE, "⊗": ENTRYWISE,
             **dict.fromkeys(("*", "/", "\\", ".*", "./", "@", "·", "×"), MULTIPLIED)}
IN_PLACE = ("+", "-", "*", "/")
KINDS = {"+": "+", "-": "-", "⊙": "times", ".*": "times", "⊗": "outer", "*": "*", "·": "cdot", "×": "dot",
         "@": "product", "/": "/", "./": "over", "\\": "solve"}
DIGITS = 30
LISTED = ("number", "fraction", "comma", "stop", "end")


class Decimal(Fraction):
    """A number with decimals: it stands for what rounds to it."""

    places: int

    def __new__(cls, value: Fraction, places: int) -> Decimal:
        made = super().__new__(cls, value)
        made.places = places
        return made


class Reader(Postfix, Brackets, Latex, Calls):
    """Reads one answer."""

    def answer(self, listed: bool = False) -> Node:
        """The tree of what stands after the last =; blanks may part `listed` numbers. Raises Misread."""
        self.place = self._after_equals()
        self.in_row = listed and all(t.kind in LISTED or t.text in ("+", "-", "/") for t in self.tokens[self.place:])
        while self.at("stop") and self.following.kind == "end":
            self.take()
        if self.at("end"):
            raise Misread("nothing was written", 0, 1)
        node = self.expression(0)
        if self.at("compare"):
            node = self.comparison(node)
        if self.at("comma") or (self.in_row and not self.at("end")):
            node = self.list(node, "end", self.token)
        if self.at("stop") and self.following.kind == "end":
            self.take()
        if not self.at("end"):
            raise self.unexpected()
        return Node("turn", (node,), None, node.start, node.end) if self._turned(node) else node

    def _turned(self, node: Node) -> bool:
        """Whether the entry that is given, W_ji = …, has its indices in another order than that of the alphabet."""
        found = re.search(r"_\{?([a-z])([a-z])\}?[^_]*=", self.source.text[:node.start])
        return found is not None and found[1] > found[2] and any(n.kind == "entry" for n in node.walk())

    def _after_equals(self) -> int:
        depth, place = 0, 0
        for k, token in enumerate(self.tokens):
            depth += (token.kind == "open") - (token.kind == "close")
            if token.kind == "equals" and depth == 0:
                before = self.tokens[max(k - 1, 0)]
                if before.kind == "operator" and before.end == token.start:
                    if place or k < 2 or before.text not in IN_PLACE:
                        raise self.error(f"write the new value out, without {before.text}=",
                                         replace(before, end=token.end))
                    return self._in_place(k)
                place = k + 1
        return place

    def _in_place(self, k: int) -> int:
        """W -= G is W - (G)."""
        last = len(self.tokens) - 1
        while last > k + 1 and self.tokens[last - 1].kind == "stop":
            last -= 1
        equals, end = self.tokens[k], self.tokens[last]
        if last == k + 1:
            raise self.error(f"something is missing after {self.tokens[k - 1].text}=", self.tokens[k - 1])
        self.tokens = [*self.tokens[:k], replace(equals, kind="open", text="("), *self.tokens[k + 1:last],
                       Token("close", ")", end.start, end.start), *self.tokens[last:]]
        return 0

    def expression(self, tightness: int) -> Node:
        self.deeper()
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
                if right.kind == "number" and left.kind != "number":
                    right = as_ones(right)
                if right.kind == "turn":
                    left = as_ones(left)
                left = Node("dot", (left, right), None, left.start, right.end)
            else:
                break
        self.depth -= 1
        return left

    def _separates(self, minus: Token) -> bool:
        """Whether a sign begins a new entry, as in MATLAB's [1 -2]."""
        before = self.before
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
        vector = token.text == "1" and (self.following.kind == "turn" or self.following.text == "^")
        if token.kind == "number" and self.before.kind == "number" and not vector:
            raise self.error("a sign is missing between these numbers", token)
        return True

    def signed(self, tightness: int) -> Node:
        token = self.token
        if token.kind == "operator" and token.text in "+-":
            self.take()
            inner = self.expression(max(tightness, ADDED))
            return inner if token.text == "+" else Node("neg", (inner,), None, token.start, inner.end)
        return self.operand()

    def deeper(self) -> None:
        """One more operand or operation stands inside. Raises Misread where that is more than is read."""
        self.depth += 1
        if self.depth > 2 * DEPTH:
            raise self.error(f"more than {DEPTH} operations stand inside one another", self.token)

    def operand(self) -> Node:
        self.deeper()
        node = self._operand()
        self.depth -= 1
        return node

    def _operand(self) -> Node:
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
        exponent = token.text.lower().partition("e")[2] or "0"
        if len(token.text) > DIGITS or abs(int(exponent)) > DIGITS or abs(float(token.text)) > 1e12:
            raise self.error("this number is too long", token)
        if token.text in ("1", "11") and (self.at("open", "[") or (self.at("open", "{", "(") and self.holds_compare())):
            opened = self.take()
            return self.closed(self.comparison(self.expression(0)), opened)
        if token.text == "11" and (self.at("operator", "^") or self.at("turn")):
            one = Node("ones", (), None, token.start, token.end - 1)
            return Node("dot", (one, self.after(replace(one, start=token.end - 1, end=token.end))), None, token.start,
                        self.before.end)
        written = Fraction(token.text)
        places = None if re.fullmatch(r"\d+\.?", token.text) else _places(token.text)
        return Node("number", (), Decimal(written, places) if places is not None else written, token.start, token.end)


def read(signs: Signs, names: Names, functions: tuple[str, ...] = (), *, listed: bool = False) -> Node:
    """The tree of an answer. Raises Misread with the place of what was not understood."""
    return Reader(signs, names, functions).answer(listed)


def _places(text: str) -> int:
    mantissa, _, exponent = text.lower().partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)
