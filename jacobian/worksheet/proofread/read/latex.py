r"""A page of LaTeX: formulas in \formula, answers in the environment apart."""

from __future__ import annotations

import re

from jacobian.worksheet.proofread.page import Page
from jacobian.worksheet.proofread.read.tex import said

PIECES = re.compile(r"\\formula\{(.*)\}(?:\\hfill\((.*)\))?$")
ESCAPED = {r"\textless{}": "<", r"\textgreater{}": ">", r"\textbar{}": "|", r"\textquoteleft{}": "`",
           r"\textasciitilde{}": "~", r"\textasciicircum{}": "^", r"\textbackslash{}": "\\", r"\quad": " "}


def latex(source: str) -> Page:
    """The page of a file's text."""
    page = Page()
    aside = answer = False
    pieces: list[str] = []
    for line in source.partition(r"\begin{document}")[2].split("\n"):
        if found := re.match(r"\\begin\{apart\}\{(.*)\}", line):
            answer, aside = found[1] == "Answer", found[1] != "Answer"
        elif line == r"\end{apart}":
            answer = aside = False
        elif aside:
            continue
        elif found := re.match(r"\\(?:sub)*section\*\{(.*?)(?:\\hfill.*)?\}$", line):
            page.heading(plain(found[1]))
        elif found := PIECES.match(line):
            pieces.append(found[1])
            if found[2]:
                pieces.append(rf"\text{{({found[2]})}}")
        elif line == r"\end{center}" and pieces:
            *front, last = pieces
            number = last[6:-1] if last.startswith(r"\text{(") else ""
            page.add(f"{said(' '.join(front if number else pieces))} {number}", "formula", answer)
            pieces = []
        elif found := re.match(r"\\earned\{(.*)\}\{.*?\}$", line):
            page.add(plain(found[1]), "reason", answer)
        elif " & " in line and line.endswith(r"\\"):
            cells = [plain(cell.strip()) for cell in line.removesuffix(r"\\").split(" & ")]
            for left, right in zip(cells[::2], cells[1::2], strict=False):
                page.add(f"{left} | {right}" if left and left != "quantity" else "", "row", answer)
        elif not line.startswith(("\\", "{")) or line.startswith((r"\item", r"$")):
            page.add(plain(re.sub(r"^\\item \{\}", "", line)), "words", answer)
    return page


def plain(source: str) -> str:
    """Words with the formulas in them as they are written in a terminal."""
    parts = re.split(r"(?<!\\)\$(.+?)(?<!\\)\$", source)
    return "".join(said(part) if k % 2 else _words(part) for k, part in enumerate(parts))


def _words(source: str) -> str:
    for word, mark in ESCAPED.items():
        source = source.replace(word, mark)
    return re.sub(r"\\([#$%&_{}])", r"\1", source)
