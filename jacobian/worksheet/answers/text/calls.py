"""What a name means: a quantity, a function and its derivatives, an entry, several names in one word."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction

import sympy as sp

from jacobian.errors import InputError
from jacobian.symbolic.elementwise import Function, function
from jacobian.symbolic.parse.tokens import Token
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.text.typed import STARTS, Typed
from jacobian.worksheet.answers.text.words import CONSTANTS, FILLED, WORDS, Word

PRIMES = re.compile(r"_?(prime|derivative|deriv|grad|der|p)$")
PRIME = 3               # derivatives of a function


def has_values(f: Function) -> bool:
    """Whether a derivative is a function of numbers: that of sign is none."""
    return not f.form.has(sp.DiracDelta, sp.Derivative)


class Calls(Typed):
    """Names and functions."""

    def quantity(self, text: str, start: int, end: int) -> Node:
        """What a name means; a subscript in LaTeX may follow."""
        at = Node("name", (), text, start, end)
        short = text.rpartition(".")[2]
        if text.endswith("_") and self.at("open", "{"):
            return self.subscript_of(text[:-1], start)
        if self.at("name") and self.token.text.startswith("_") and self.token.start == end:
            return self.subscript_of(short, start)
        if name := self.indexed_name(short):
            return Node("name", (), name, start, self.take().end)
        name = self.names.find(short)
        if name is None and (word := re.fullmatch(r"sum_?([a-z]{1,2})", short)) and short not in WORDS:
            return self.sigma(Token("name", text, start, end), word[1])
        if name is None and (found := self.function(short)) is not None:
            return self.call(found, Token("name", text, start, end))
        if name is not None:
            return Node("name", (), name, start, end)
        return self.other(short, at)

    def subscript_of(self, stem: str, start: int) -> Node:
        letters = self.take().text[1:] if self.at("name") else ""
        if self.at("open", "{"):
            opened = self.take()
            if stem in ("1", "𝟙", "I") and self._ahead_compares():
                return self.closed(self.comparison(self.expression(0)), opened)
            while not self.at("close"):
                letters += self.take().text
            self.take()
        letters = letters.replace(",:", "j").replace(":,", "i") if stem != "sum" else letters
        end = self.before.end
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
            if not has_values(data):
                raise self.error("this derivative has no values here", token)
        if not self.at("open", "(", "{") and word.least > 0:
            spoken = self.source.text[token.start:token.end]
            if spoken.startswith("\\") and word.least == 1 and self.token.kind in STARTS:
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
        if name in ("vector", "matrix") and args and args[0].kind == "number" and args[0].data in FILLED:
            return Node(FILLED[args[0].data], tuple(args[1:]), name, start, end)
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
        if re.fullmatch(r"(δ|delta)_[a-z]{2}", text) and not self.names.find("delta"):
            return replace(at, kind="same index", data=(text[-2], text[-1]))
        for letters in (text[-2:], text[-1:]) if "_" in text else ():
            if letters.isalpha() and (name := self.names.find(text.removesuffix(letters))):
                return Node("entry", (replace(at, data=name),), letters, at.start, at.end)
        if (found := re.fullmatch(r"(\w+)_(\w)", text)) and found[2] in self.summed and (
                name := self.names.find(found[1][0].upper() + found[1][1:])):
            return Node("entry", (replace(at, data=name),), found[2], at.start, at.end)
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
        found = self.special(node)
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
