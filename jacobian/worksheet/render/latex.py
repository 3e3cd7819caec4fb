"""A sheet as LaTeX source that compiles with a plain distribution: article, amsmath, graphicx, geometry."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from importlib.resources import files

from jacobian.errors import MissingRule
from jacobian.printing.boxes import Box
from jacobian.printing.latex import APART, escape, spell
from jacobian.printing.latex import latex as formula
from jacobian.worksheet import document as sheet
from jacobian.worksheet.render.clauses import pieces
from jacobian.worksheet.render.drawing import drawing
from jacobian.worksheet.render.paper import paper

SECTIONS = ("section", "subsection", "subsubsection", "paragraph")      # by level


def latex(document: sheet.Document, size: str = "a4") -> str:
    """The whole file. Raises InputError for a paper that is not known."""
    preamble = files("jacobian.worksheet.render").joinpath("latex.tex").read_text("utf-8")
    subtitle = f"\\par\\smallskip {words(document.subtitle)}" if document.subtitle else ""
    footer = f"\\bigskip\\hrule\\medskip\n{{\\small {words(document.footer)}}}\n" if document.footer else ""
    return (f"{preamble.replace('PAPER', paper(size).latex)}\\begin{{document}}\n"
            f"{{\\Large\\bfseries {words(document.title)}}}{subtitle}\\medskip\\hrule\n\n"
            f"{_blocks(document.blocks, 0)}\n\n{footer}\\end{{document}}\n")


@singledispatch
def block(piece: sheet.Block, level: int) -> str:
    """The block as lines; level is that of the heading above it."""
    raise MissingRule(f"{type(piece).__name__} has no row in jacobian/worksheet/render/latex.py: write its lines")


@block.register
def _(piece: sheet.Heading, level: int) -> str:
    return _section(level, _parts(piece.parts))


@block.register
def _(piece: sheet.Paragraph, level: int) -> str:
    return _parts(piece.parts)


@block.register
def _(piece: sheet.Display, level: int) -> str:
    drawn = "\n".join(f"\\formula{{{formula(item)}}}" for item in pieces(piece.box))
    number = f"\\hfill({words(piece.number)})" if piece.number else ""
    return f"\\begin{{center}}\n{drawn}{number}\n\\end{{center}}"


@block.register
def _(piece: sheet.Table, level: int) -> str:
    header, *lines = (" & ".join(map(_parts, row)) + r" \\" for row in (piece.header, *piece.rows))
    table = "\n".join((r"\hline", header, r"\hline", *lines, r"\hline"))
    caption = f"{words(piece.caption)}\\par\n" if piece.caption else ""
    return (f"\\begin{{center}}\n{caption}\\renewcommand{{\\arraystretch}}{{1.25}}\n"
            f"\\fit{{\\begin{{tabular}}{{{'l' * len(piece.header)}}}\n{table}\n\\end{{tabular}}}}\n\\end{{center}}")


@block.register
def _(piece: sheet.Bullets, level: int) -> str:
    return _environment("itemize", "\n".join(f"\\item {{}}{_parts(item)}" for item in piece.items))


@block.register
def _(piece: sheet.Remark, level: int) -> str:
    return _apart(piece.kind, piece.blocks, level)


@block.register
def _(piece: sheet.Break, level: int) -> str:
    return r"\cleardoublepage"


@block.register
def _(piece: sheet.Picture, level: int) -> str:
    return _environment("center", drawing(piece.svg) or f"\\emph{{{words(piece.alt)}}}")


@block.register
def _(piece: sheet.Mark, level: int) -> str:
    return _environment("step", f"{_blocks(piece.blocks, level)}\n\\earned{{{_parts(piece.why)}}}{{{piece.credit}}}")


@block.register
def _(piece: sheet.Exercise, level: int) -> str:
    credit = f"\\hfill{{\\normalfont\\small {piece.credit}}}" if piece.credit else ""
    title = _section(level + 1, f"{piece.number}\\quad {words(piece.title)}{credit}")
    room = f"\\room{{{piece.lines}}}" if piece.answer is None else _apart("Answer", piece.answer, level + 1)
    return "\n\n".join((title, _blocks(piece.question, level + 1), room))


def words(text: str) -> str:
    """Plain words on one line; signs and letters that only mathematics has are set as formulas."""
    plain = "".join(" " if letter.isspace() else letter for letter in text if letter.isprintable() or letter.isspace())
    return "".join(escape(piece) if piece.isascii() or not APART.fullmatch(piece) else f"${spell(piece)}$"
                   for piece in APART.split(plain))


def _section(level: int, title: str) -> str:
    return f"\\{SECTIONS[min(level, len(SECTIONS)) - 1]}*{{{title}}}"


def _apart(kind: str, blocks: Iterable[sheet.Block], level: int) -> str:
    return f"\\begin{{apart}}{{{words(kind)}}}\n{_blocks(blocks, level)}\n\\end{{apart}}"


def _environment(name: str, inside: str) -> str:
    return f"\\begin{{{name}}}\n{inside}\n\\end{{{name}}}"


def _blocks(blocks: Iterable[sheet.Block], level: int) -> str:
    return "\n\n".join(block(piece, below) for piece, below in sheet.levels(blocks, level))


def _parts(parts: sheet.Parts) -> str:
    return "".join(f"${formula(part)}$" if isinstance(part, Box) else words(part) for part in parts)
