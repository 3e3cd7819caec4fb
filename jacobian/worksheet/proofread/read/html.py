"""A page of HTML: every formula as its MathML shows it, which must be what its alternative text says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jacobian.printing.boxes import Box, Row
from jacobian.printing.text import alt, text
from jacobian.worksheet.proofread.page import Page
from jacobian.worksheet.proofread.read.mathml import Element, Tree, box

BRACKET = re.compile(r"\b ?(?:open|close) parenthesis ?")     # said for some, not for all
ASIDE = {"remark", "kind", "points", "room", "subtitle"}


def html(source: str) -> Page:
    """The page of a file's text."""
    page = Page()
    for part in _all(Tree(source).root, "main"):
        _walk(page, part, False)
    return page


def _all(element: Element, tag: str) -> Iterable[Element]:
    for part in element.elements:
        if part.tag == tag:
            yield part
        else:
            yield from _all(part, tag)


def _walk(page: Page, element: Element, answer: bool) -> None:
    """Put what stands in the element onto the page, in its order."""
    for part in element.elements:
        if part.tag in ("h2", "h3") and part.name == "title":
            label = next(iter(part.elements)).text
            page.heading(label)
        elif part.name in ASIDE or part.tag in ("style", "figure", "details"):
            continue
        elif part.name == "display":
            _display(page, part, answer)
        elif part.tag == "tr":
            _cells(page, [_said(page, cell) for cell in part.elements if cell.tag == "td"], answer)
        elif part.tag in ("p", "li"):
            page.add(_said(page, part), "reason" if part.name == "why" else "words", answer)
        else:
            _walk(page, part, answer or part.name == "answer")


def _display(page: Page, element: Element, answer: bool) -> None:
    number = next((part.text for part in element.elements if part.name == "number"), "")
    pieces: list[Box] = [_box(page, part) for part in _all(element, "math")]
    page.add(f"{text(Row(tuple(pieces)))} {number}", "formula", answer)


def _cells(page: Page, cells: list[str], answer: bool) -> None:
    for left, right in zip(cells[::2], cells[1::2], strict=False):
        page.add(f"{left} | {right}" if left else "", "row", answer)


def _said(page: Page, element: Element) -> str:
    """Words with the formulas in them as they are written in a terminal."""
    return "".join(part if isinstance(part, str) else text(Row((_box(page, part),))) if part.tag == "math" else
                   _said(page, part) for part in element.inside)


def _box(page: Page, element: Element) -> Box:
    """The box of a formula; a fault is noted where its words are those of another one."""
    found = box(element)
    words = element.marks.get("alttext", "")
    if words and _bare(words) != _bare(alt(found)):
        page.fault(text(Row((found,))), f"its alternative text says {words!r}")
    return found


def _bare(words: str) -> str:
    return "".join(BRACKET.sub("", words).split())
