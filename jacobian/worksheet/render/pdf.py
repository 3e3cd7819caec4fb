"""A sheet as PDF by Typst: tagged as PDF/UA-1 demands, every formula with its words, fonts inside, no TeX.

Source: ISO 14289-1 (PDF/UA-1); what Typst makes of it: https://typst.app/docs/reference/pdf/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache, singledispatch
from importlib.resources import files
from typing import Any

from jacobian.errors import MissingRule, extra
from jacobian.printing.boxes import Box, Row
from jacobian.printing.text import REMEMBERED, alt
from jacobian.printing.typst import typst
from jacobian.worksheet import document as sheet
from jacobian.worksheet.render.clauses import columns, pieces
from jacobian.worksheet.render.paper import paper

MADE = datetime(2000, 1, 1, tzinfo=UTC)    # a fixed date: the same sheet is the same bytes
STANDARD = "ua-1"


def pdf(document: sheet.Document, size: str = "a4") -> bytes:
    """The whole file. Raises MissingExtra without typst, the extra "pdf"."""
    made: bytes = _compiler().compile(source(document, size).encode(), format="pdf", pdf_standards=[STANDARD],
                                      timestamp=MADE)
    return made


def source(document: sheet.Document, size: str = "a4") -> str:
    """What Typst compiles. Raises InputError for a paper that is not known."""
    style = files("jacobian.worksheet.render").joinpath("pdf.typ").read_text("utf-8")
    options = {"title": document.title, "subtitle": document.subtitle, "language": document.language,
               "paper": paper(size).typst, "closing": document.footer}
    given = ", ".join(f"{name}: {string(text)}" for name, text in options.items())
    lines = "\n".join(f"#{call}" for call in _calls(document.blocks, 0))
    return f"{style}\n#show: sheet.with({given})\n{lines}\n"


@lru_cache
def _compiler() -> Any:
    """Fonts are read once, for many sheets."""
    return extra("typst", "pdf", "a sheet as PDF").Compiler(ignore_system_fonts=True)


@singledispatch
def block(piece: sheet.Block, level: int) -> str:
    """The block as a call of a function of pdf.typ; level is that of the heading above it."""
    raise MissingRule(f"{type(piece).__name__} has no row in jacobian/worksheet/render/pdf.py: write its call")


@block.register
def _(piece: sheet.Heading, level: int) -> str:
    return _call("head", str(level), *_parts(piece.parts))


@block.register
def _(piece: sheet.Paragraph, level: int) -> str:
    return _call("paragraph", *_parts(piece.parts))


@block.register
def _(piece: sheet.Display, level: int) -> str:
    number = (f"number: {string(piece.number)}",) if piece.number else ()
    return _call("display", *number, *(f"({_said(item)}, {columns(item)})" for item in pieces(piece.box)))


@block.register
def _(piece: sheet.Table, level: int) -> str:
    cells = (_cell(cell) for row in piece.rows for cell in row)
    return _call("rows", string(piece.caption), f"({''.join(f'{_cell(cell)}, ' for cell in piece.header)})", *cells)


@block.register
def _(piece: sheet.Bullets, level: int) -> str:
    return _call("bullets", *map(_cell, piece.items))


@block.register
def _(piece: sheet.Remark, level: int) -> str:
    return _call("remark", string(piece.kind), *_calls(piece.blocks, level))


@block.register
def _(piece: sheet.Break, level: int) -> str:
    return _call("leaf")


@block.register
def _(piece: sheet.Picture, level: int) -> str:
    return _call("picture", string(piece.alt), string(piece.svg))


@block.register
def _(piece: sheet.Mark, level: int) -> str:
    return _call("mark", string(piece.credit), _cell(piece.why), *_calls(piece.blocks, level))


@block.register
def _(piece: sheet.Exercise, level: int) -> str:
    below = (_call("room", str(piece.lines)) if piece.answer is None else
             _call("solution", string("Answer"), *_calls(piece.answer, level + 1)))
    return _call("exercise", str(level + 1), string(f"{piece.number}\u2002{piece.title}"), string(piece.credit),
                 f"below: {below}", *_calls(piece.question, level + 1))


def string(text: str) -> str:
    """Plain words as a string of Typst, of which nothing breaks out; what cannot be printed is left out."""
    plain = "".join(" " if letter.isspace() and letter != "\u2002" else letter for letter in text
                    if letter.isprintable() or letter.isspace())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(arguments)})"


def _calls(blocks: Iterable[sheet.Block], level: int) -> list[str]:
    return [block(piece, below) for piece, below in sheet.levels(blocks, level)]


@lru_cache(maxsize=REMEMBERED)
def _said(box: Box) -> str:
    return f"{string(alt(box))}, ${typst(Row((box,)))}$"


def _parts(parts: sheet.Parts) -> list[str]:
    return [f"formula({_said(part)})" if isinstance(part, Box) else string(part) for part in parts]


def _cell(parts: sheet.Parts) -> str:
    return f"[#{_call('paragraph', *_parts(parts))}]" if parts else "[]"
