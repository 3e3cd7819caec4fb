"""A sheet as GitHub-flavoured Markdown, mathematics between dollars."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import singledispatch

from jacobian.errors import MissingRule
from jacobian.printing.boxes import Box
from jacobian.printing.latex import latex
from jacobian.worksheet import document as sheet


def markdown(document: sheet.Document) -> str:
    """The whole file."""
    subtitle = f"*{escape(document.subtitle).strip()}*" if document.subtitle else ""
    footer = f"---\n\n{escape(document.footer)}" if document.footer else ""
    pieces = (f"# {escape(document.title)}", subtitle, blocks(document.blocks, 1), footer)
    return "\n\n".join(filter(None, pieces)) + "\n"


@singledispatch
def block(piece: sheet.Block, level: int) -> str:
    """The block as lines; level is that of the heading above it."""
    raise MissingRule(f"{type(piece).__name__} has no row in jacobian/worksheet/render/markdown.py: write its lines")


@block.register
def _(piece: sheet.Heading, level: int) -> str:
    return f"{'#' * level} {_parts(piece.parts)}"


@block.register
def _(piece: sheet.Paragraph, level: int) -> str:
    return _begun(piece.parts)


@block.register
def _(piece: sheet.Display, level: int) -> str:
    number = f" \\qquad \\text{{({piece.number})}}" if piece.number else ""
    return f"$${latex(piece.box)}{number}$$"


@block.register
def _(piece: sheet.Table, level: int) -> str:
    rows = [piece.header, *piece.rows]
    header, *lines = (f"| {' | '.join(map(_parts, row))} |" for row in rows)
    table = "\n".join((header, "|" + " --- |" * len(piece.header), *lines))
    return f"{escape(piece.caption)}\n\n{table}" if piece.caption else table


@block.register
def _(piece: sheet.Bullets, level: int) -> str:
    return "\n".join(f"- {_begun(item)}" for item in piece.items)


@block.register
def _(piece: sheet.Remark, level: int) -> str:
    return _quoted(escape(piece.kind), piece.blocks, level)


@block.register
def _(piece: sheet.Break, level: int) -> str:
    return "---"


@block.register
def _(piece: sheet.Picture, level: int) -> str:
    return f"![{escape(piece.alt)}](data:image/svg+xml;base64,{b64encode(piece.svg.encode()).decode('ascii')})"


@block.register
def _(piece: sheet.Mark, level: int) -> str:
    credit = f"**({piece.credit})**" if piece.credit else ""
    return "\n\n".join(filter(None, (blocks(piece.blocks, level), " ".join(filter(None, (_begun(piece.why), credit))))))


@block.register
def _(piece: sheet.Exercise, level: int) -> str:
    credit = f" ({piece.credit})" if piece.credit else ""
    heading = f"{'#' * (level + 1)} {piece.number}. {escape(piece.title)}{credit}"
    room = "\n".join(["<br>"] * piece.lines) if piece.answer is None else _quoted("Answer", piece.answer, level + 1)
    return "\n\n".join(filter(None, (heading, blocks(piece.question, level + 1), room)))


def escape(text: str) -> str:
    """Plain text on one line, with what Markdown would read as marks escaped."""
    return re.sub(r"([\\`*_\[\]<>$|~&#])", r"\\\1", re.sub(r"\s+", " ", text))


def _quoted(kind: str, pieces: Iterable[sheet.Block], level: int) -> str:
    return "\n".join(f"> {line}".rstrip() for line in f"**{kind}**\n\n{blocks(pieces, level)}".split("\n"))


def blocks(pieces: Iterable[sheet.Block], level: int) -> str:
    """The blocks one after the other; level is that of the heading above them."""
    return "\n\n".join(block(piece, below) for piece, below in sheet.levels(pieces, level))


def _parts(parts: sheet.Parts) -> str:
    return "".join(f"${latex(part)}$" if isinstance(part, Box) else escape(part) for part in parts)


def _begun(parts: sheet.Parts) -> str:
    """The parts where a line begins: a first sign that would open a list or underline a heading is escaped."""
    return re.sub(r"^(\d*)([+\-=.)])", r"\1\\\2", _parts(parts).strip())
