"""A sheet as plain text for terminals: formulas in Unicode, no line longer than it must be."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from textwrap import fill, indent

from jacobian.errors import MissingRule
from jacobian.printing.boxes import Box, Row
from jacobian.printing.text import text as formula
from jacobian.worksheet import document as sheet
from jacobian.worksheet.render.clauses import clauses, pieces

WIDTH = 88
IN = "    "


def text(document: sheet.Document) -> str:
    """The whole file."""
    title = _plain(document.title)
    rule = "═" * max(len(title), 1)
    footer = f"{'─' * WIDTH}\n{_fill(document.footer)}" if document.footer else ""
    whole = (f"{title}\n{rule}", _fill(document.subtitle), _blocks(document.blocks, 0), footer)
    return "\n\n".join(filter(None, whole)) + "\n"


@singledispatch
def block(piece: sheet.Block, level: int) -> str:
    """The block as lines; level is that of the heading above it."""
    raise MissingRule(f"{type(piece).__name__} has no row in jacobian/worksheet/render/text.py: write its lines")


@block.register
def _(piece: sheet.Heading, level: int) -> str:
    return _underlined(_parts(piece.parts), level)


@block.register
def _(piece: sheet.Paragraph, level: int) -> str:
    return _fill(_parts(piece.parts))


@block.register
def _(piece: sheet.Display, level: int) -> str:
    """On one line if it fits, else a clause on each; what still does not fit in pieces, the later ones further in."""
    number = f"   ({_plain(piece.number)})" if piece.number else ""
    width = WIDTH - len(IN) - len(number)
    whole = [piece.box] if len(formula(piece.box)) <= width else clauses(piece.box)
    return indent("\n".join(_lines(clause, width) for clause in whole) + number, IN)


@block.register
def _(piece: sheet.Table, level: int) -> str:
    cells = [[_parts(cell) for cell in row] for row in (piece.header, *piece.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    header, *lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
                      for row in cells)
    table = indent("\n".join((header, "  ".join("─" * width for width in widths), *lines)), IN)
    return "\n".join(filter(None, (_fill(piece.caption), table)))


@block.register
def _(piece: sheet.Bullets, level: int) -> str:
    return "\n".join(fill(_parts(item), WIDTH, initial_indent="  • ", subsequent_indent=IN) for item in piece.items)


@block.register
def _(piece: sheet.Remark, level: int) -> str:
    return _apart(piece.kind, piece.blocks, level)


@block.register
def _(piece: sheet.Break, level: int) -> str:
    return "═" * WIDTH


@block.register
def _(piece: sheet.Picture, level: int) -> str:
    return _fill(f"[{piece.alt}]")


@block.register
def _(piece: sheet.Mark, level: int) -> str:
    why = indent(_fill(_parts(piece.why), WIDTH - 2 * len(IN)), IN + IN) if piece.why else ""
    return "\n".join(filter(None, (_flush(_blocks(piece.blocks, level), piece.credit), why)))


@block.register
def _(piece: sheet.Exercise, level: int) -> str:
    credit = f" ({piece.credit})" if piece.credit else ""
    title = _underlined(f"{piece.number}. {_plain(piece.title)}{credit}", level + 1)
    room = "\n" * max(piece.lines - 1, 0) if piece.answer is None else _apart("Answer", piece.answer, level + 1)
    return "\n\n".join((title, _blocks(piece.question, level + 1), room))


def _lines(clause: Box, width: int) -> str:
    first, *rest = map(formula, [clause] if len(formula(clause)) <= width else pieces(clause))
    return "\n".join([first, *(f"{IN}{line}" for line in rest)])


def _flush(lines: str, credit: str) -> str:
    """The lines with the points at the right edge of the first, or of one above it."""
    first, *rest = lines.split("\n")
    if credit and len(first) + len(credit) + 2 > WIDTH:
        first, rest = "", [first, *rest]
    return "\n".join((f"{first}{credit:>{WIDTH - len(first)}}" if credit else first, *rest))


def _underlined(title: str, level: int) -> str:
    return f"{title}\n{('─' if level == 1 else '╌') * len(title)}"


def _apart(kind: str, blocks: Iterable[sheet.Block], level: int) -> str:
    lines = f"{_plain(kind)}\n{_blocks(blocks, level)}".split("\n")
    return "\n".join(f"│ {line}".rstrip() for line in lines)


def _blocks(blocks: Iterable[sheet.Block], level: int) -> str:
    return "\n\n".join(block(piece, below) for piece, below in sheet.levels(blocks, level))


def _parts(parts: sheet.Parts) -> str:
    return "".join(formula(Row((part,))) if isinstance(part, Box) else _plain(part) for part in parts)


def _plain(words: str) -> str:
    """What a terminal shows as it is: no control characters, which could steer it."""
    return "".join(" " if letter.isspace() else letter for letter in words if letter.isprintable() or letter.isspace())


def _fill(words: str, width: int = WIDTH) -> str:
    return fill(_plain(words), width)
