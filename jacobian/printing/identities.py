"""The table of laws, printed: what stands in `jacobian.algebra.laws` as Markdown or LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jacobian.algebra import LAWS, Law
from jacobian.errors import MissingRule

TITLES = {"@": "Products", "+": "Sums", "T": "Transposes", "=": "Simpler kinds"}
SIGNS = {
    "ᵀ": r"^{\top}", "⁻¹": "^{-1}", "⊗": r" \otimes ", "⊕": r" \oplus ", "∘": r" \circ ",
    "⟨": r"\langle ", "⟩": r" \rangle", "₁": "_{1}", "₂": "_{2}",
    "vec": r"\operatorname{vec}", "diag": r"\operatorname{diag}", "diagonal": r"\operatorname{diagonal}",
}
TOKEN = re.compile(r"vec|diagonal|diag|⁻¹|_\w|.")
COLUMNS = r"{p{0.32\linewidth}p{0.4\linewidth}p{0.2\linewidth}}"
ESCAPES = {"&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#"}


@dataclass(frozen=True)
class Identities:
    """The laws in their groups; `str` is Markdown."""

    groups: tuple[tuple[str, tuple[Law, ...]], ...]

    def markdown(self) -> str:
        """A heading and a table for each operation."""
        return "\n\n".join(f"## {title}\n\n| name | formula | source |\n| --- | --- | --- |\n" + "\n".join(
            f"| {row.name} | {row.formula} | {row.source} |" for row in rows) for title, rows in self.groups) + "\n"

    def latex(self) -> str:
        """A section and a table for each operation, for amsmath and longtable: it runs over several pages."""
        return "\n\n".join(
            f"\\section*{{{title}}}\n\\begin{{longtable}}{COLUMNS}\n" + "\n".join(
                rf"{_words(row.name)} & ${formula_latex(row.formula)}$ & {_words(row.source)} \\" for row in rows)
            + "\n\\end{longtable}" for title, rows in self.groups) + "\n"

    __str__ = markdown


def identities() -> Identities:
    """All laws, grouped by operation, in the order in which they are tried."""
    return Identities(tuple((title, tuple(row for row in LAWS if row.op == op)) for op, title in TITLES.items()))


def formula_latex(formula: str) -> str:
    """A law's formula in LaTeX. Raises MissingRule for a sign that has none, naming where to write it."""
    return re.sub(r" {2,}", " ", "".join(map(_sign, TOKEN.findall(formula)))).strip()


def _sign(token: str) -> str:
    if token in SIGNS:
        return SIGNS[token]
    if not token.isascii():
        raise MissingRule(f"no LaTeX for {token!r}: write its row in SIGNS of jacobian/printing/identities.py")
    return f"_{{{token[1:]}}}" if token.startswith("_") and len(token) > 1 else token


def _words(text: str) -> str:
    return "".join(ESCAPES.get(letter, letter) for letter in text)
