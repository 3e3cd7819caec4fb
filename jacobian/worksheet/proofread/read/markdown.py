"""A page of Markdown: formulas as TeX between dollars, answers quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jacobian.worksheet.proofread.page import Page
from jacobian.worksheet.proofread.read.tex import said

ASIDE = ("**Hint**", "**The rule**", "**Convention**")


def markdown(source: str) -> Page:
    """The page of a file's text."""
    page = Page()
    lines(page, source.split("\n"))
    return page


def lines(page: Page, source: Iterable[str], answer: bool = False) -> None:
    """Put the lines onto the page; of a notebook the cell of an answer is no quotation."""
    aside = False
    for line in source:
        quoted = line.startswith(">")
        text = re.sub(r"^> ?", "", line).strip()
        if not quoted and not answer:
            aside = False
        if line.startswith("#"):
            page.heading(plain(text.lstrip("# ")))
        elif text in ASIDE:
            aside = True
        elif text == "**Answer**":
            aside = False
            answer = answer or not quoted
        elif text and not aside and not text.startswith(("![", "<br>", "---")):
            _line(page, text, answer or quoted)


def _line(page: Page, text: str, answer: bool) -> None:
    text, earned = re.subn(r"\s*\*\*\(\d+ points?\)\*\*$", "", text)
    if found := re.fullmatch(r"\$\$(.*?)(?: \\qquad \\text\{(\(\d+\))\})?\$\$", text):
        page.add(f"{said(found[1])} {found[2] or ''}", "formula", answer)
    elif text.startswith("|"):
        cells = [plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", text)[1:-1]]
        if cells[0] != "quantity" and not set(cells[0]) <= set("- "):
            for left, right in zip(cells[::2], cells[1::2], strict=False):
                page.add(f"{left} | {right}" if left else "", "row", answer)
    else:
        page.add(plain(re.sub(r"^- ", "", text)), "reason" if earned or REASON.match(text) else "words", answer)


REASON = re.compile(r"[a-z](?!\))")          # a rule begins with a small letter, a sentence does not


def plain(text: str) -> str:
    """Words with the formulas in them as they are written in a terminal."""
    parts = re.split(r"(?<!\\)\$(.+?)(?<!\\)\$", text)
    return "".join(said(part) if k % 2 else re.sub(r"\\([^\w\s])", r"\1", part) for k, part in enumerate(parts))
