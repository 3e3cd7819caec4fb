"""What stands in brackets and bars: lists, rows, matrices, norms, pairings, masks."""

from __future__ import annotations

from dataclasses import replace

from jacobian.symbolic.parse.tokens import Token
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.text.typed import Typed


class Brackets(Typed):
    """Brackets of all kinds."""

    def bar(self, opened: Token) -> Node:
        self.bars += 1
        inner = self.expression(0)
        self.bars -= 1
        if not self.at("bar", opened.text):
            raise self.error(f"the bar {self.source.text[opened.start:opened.end]} is not closed", opened)
        end = self.take().end
        if opened.text == "|":
            return Node("bars", (inner,), None, opened.start, end)
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
        if self.at("comma") or self.at("stop") or opened.text == "[":
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
        return not any(t.kind in ("comma", "name") for t in signs)

    def _on_new_line(self) -> bool:
        """Whether a number begins a line of its own, which is a row where no brackets stand."""
        return self.in_row and not self.at("end") and "\n" in self.source.text[self.before.end:self.token.start]

    def list(self, first: Node, opened: str, at: Token) -> Node:
        """The entries of a row, the rows of a matrix."""
        rows, row = [], [first]
        while True:
            if self.at("comma"):
                self.take()
                if self.at("close") or (self.at("end") and opened == "end"):
                    continue
                row.append(self.expression(0))
            elif (self.at("stop") and self.following.kind != "end") or (opened == "end" and self._on_new_line()):
                if self.at("stop"):
                    self.take()
                rows.append(row)
                row = [self.expression(0)]
            elif self.in_row and not (self.at("close") or self.at("stop") or self.at("end")):
                row.append(self.expression(0))
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
                    self.before.end)

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
