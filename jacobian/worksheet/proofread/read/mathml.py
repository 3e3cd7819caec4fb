"""MathML as `jacobian.printing.mathml` writes it, back to boxes."""

from __future__ import annotations

from html.parser import HTMLParser

from jacobian.printing.boxes import (
    Blank,
    Box,
    Fence,
    Fraction,
    Grid,
    Name,
    Number,
    Root,
    Row,
    Style,
    Sub,
    SubSuper,
    Super,
    Symbol,
    Under,
    Words,
)
from jacobian.printing.mathml import ACCENTS, BOLD, ITALIC
from jacobian.worksheet.proofread.node import Unread

VOID = {"meta", "br", "wbr", "hr", "img", "mspace", "input", "link", "path", "circle", "line", "rect"}
UPRIGHT = {**{chr(italic) if isinstance(italic, int) else italic: chr(plain) for plain, italic in ITALIC.items()}}
THICK = {bold: chr(plain) for plain, bold in BOLD.items()}
UNWRITTEN = "\u2062\u2063\u2009"
COMBINING = {mark: accent for accent, mark in ACCENTS.items()}


class Element:
    """An element with what stands in it: elements and texts in their order."""

    def __init__(self, tag: str, marks: dict[str, str]) -> None:
        self.tag, self.marks = tag, marks
        self.inside: list[Element | str] = []

    @property
    def elements(self) -> list[Element]:
        return [part for part in self.inside if isinstance(part, Element)]

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.inside)

    @property
    def name(self) -> str:
        """Its class."""
        return self.marks.get("class", "")


class Tree(HTMLParser):
    """The elements of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].inside.append(found)
        if tag not in VOID:
            self.open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def box(element: Element) -> Box:
    """The box of an element of MathML. Raises Unread."""
    tag, inside = element.tag, element.elements
    if tag in ("mi", "mn", "mo", "mtext"):
        return leaf(element)
    if tag == "mspace":
        return Blank(6) if "border" in element.marks.get("style", "") else Row(())
    if tag in ("math", "mrow", "mtd", "mstyle"):
        return row(inside)
    if tag == "munder" and inside[0].tag == "munder":
        return Under(box(inside[0].elements[0]), box(inside[1]))
    if tag == "mover" and inside[1].text in COMBINING:
        return Name(inside[0].text + COMBINING[inside[1].text])
    if tag == "mfrac":
        return Fraction(box(inside[0]), box(inside[1]))
    if tag == "msqrt":
        return Root(row(inside))
    kinds = {"msub": Sub, "msup": Super, "msubsup": SubSuper}
    if tag in kinds:
        made: Box = kinds[tag](*map(box, inside))
        return made
    raise Unread(f"the element {tag} is not read as a formula")


def leaf(element: Element) -> Box:
    tag, text = element.tag, element.text
    if tag == "mi":
        thick = "".join(THICK.get(letter, letter) for letter in text)
        style: Style | None = "upright" if element.marks.get("mathvariant") == "normal" else None
        return Name(thick, "bold") if thick != text else Name("".join(UPRIGHT.get(c, c) for c in text), style)
    if tag == "mtext":
        return Words(text)
    return Number(text) if tag == "mn" else Row(()) if text in UNWRITTEN else Symbol(text)


def row(elements: list[Element]) -> Box:
    """Boxes beside one another, or a fence around what stands between its marks."""
    if len(elements) > 1 and elements[0].marks.get("form") == "prefix":
        inside = elements[1:-1]
        if [part.tag for part in inside] == ["mtable"]:
            return Grid(tuple(tuple(box(cell) for cell in line.elements) for line in inside[0].elements))
        return Fence(elements[0].text, row(inside), elements[-1].text)
    items = [item for item in map(box, elements) if item != Row(())]
    return items[0] if len(items) == 1 else Row(tuple(items))
