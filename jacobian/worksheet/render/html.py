"""A sheet as one HTML file that needs nothing else: MathML, style and mathematics font inside, no script."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from functools import singledispatch
from html import escape
from importlib.resources import files

from jacobian.errors import MissingRule
from jacobian.printing.boxes import Box
from jacobian.printing.mathml import mathml
from jacobian.printing.text import alt
from jacobian.worksheet import document as sheet
from jacobian.worksheet.render.clauses import clauses, pieces

FONT = "fonts/latin-modern-math-subset.woff2"
BEHIND = re.compile(r"<math(?:(?!<math).)*?</math>[,.:;?!)]+", re.DOTALL)       # a formula and the sign behind it


def html(document: sheet.Document) -> str:
    """The whole file."""
    title = escape(document.title)
    subtitle = f'<p class="subtitle">{escape(document.subtitle)}</p>' if document.subtitle else ""
    footer = f"<footer>{escape(document.footer)}</footer>\n" if document.footer else ""
    return (f'<!DOCTYPE html>\n<html lang="{escape(document.language)}">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>\n{style()}</style>\n</head>\n<body>\n"
            f"<header><h1>{title}</h1>{subtitle}</header>\n"
            f"<main>\n{blocks(document.blocks, 1)}\n</main>\n{footer}</body>\n</html>\n")


def style() -> str:
    """The stylesheet with its font inside."""
    here = files("jacobian.worksheet.render")
    data = b64encode(here.joinpath(FONT).read_bytes()).decode("ascii")
    return here.joinpath("style.css").read_text("utf-8").replace(FONT, f"data:font/woff2;base64,{data}")


@singledispatch
def block(piece: sheet.Block, level: int) -> str:
    """The block as an element; level is that of the heading above it."""
    raise MissingRule(f"{type(piece).__name__} has no row in jacobian/worksheet/render/html.py: write its element")


@block.register
def _(piece: sheet.Heading, level: int) -> str:
    return f"<h{level}>{_parts(piece.parts)}</h{level}>"


@block.register
def _(piece: sheet.Paragraph, level: int) -> str:
    return f"<p>{_parts(piece.parts)}</p>"


@block.register
def _(piece: sheet.Display, level: int) -> str:
    number = f'<span class="number">({escape(piece.number)})</span>' if piece.number else ""
    formula = " ".join(f'<span class="clause">{_clause(clause)}</span>' for clause in clauses(piece.box))
    return f'<div class="display"><div class="scroll">{formula}</div>{number}</div>'


@block.register
def _(piece: sheet.Table, level: int) -> str:
    caption = f"<caption>{escape(piece.caption)}</caption>" if piece.caption else ""
    header = "".join(f'<th scope="col">{_parts(cell)}</th>' for cell in piece.header)
    rows = "".join(f"<tr>{''.join(f'<td>{_parts(cell)}</td>' for cell in row)}</tr>\n" for row in piece.rows)
    return (f'<div class="table scroll"><table>{caption}<thead><tr>{header}</tr></thead>\n'
            f"<tbody>\n{rows}</tbody></table></div>")


@block.register
def _(piece: sheet.Bullets, level: int) -> str:
    return f"<ul>{''.join(f'<li>{_parts(item)}</li>' for item in piece.items)}</ul>"


@block.register
def _(piece: sheet.Remark, level: int) -> str:
    kind, inside = escape(piece.kind), blocks(piece.blocks, level)
    if piece.folded:
        return f'<details class="remark"><summary class="kind">{kind}</summary>{inside}</details>'
    return f'<div class="remark"><p class="kind">{kind}</p>{inside}</div>'


@block.register
def _(piece: sheet.Break, level: int) -> str:
    return '<hr class="break">'


@block.register
def _(piece: sheet.Picture, level: int) -> str:
    return f'<figure role="img" aria-label="{escape(piece.alt)}">{piece.svg}</figure>'


@block.register
def _(piece: sheet.Mark, level: int) -> str:
    why = f'<p class="why">{_parts(piece.why)}</p>' if piece.why else ""
    points = f'<p class="points">{piece.credit}</p>' if piece.credit else ""
    return f'<div class="mark"><div class="step">{blocks(piece.blocks, level)}{why}</div>{points}</div>'


@block.register
def _(piece: sheet.Exercise, level: int) -> str:
    tag, points = f"h{level + 1}", f'<span class="points">{piece.credit}</span>' if piece.credit else ""
    label = f"{piece.number}&ensp;{escape(piece.title)}"
    room = f'<div class="room" aria-hidden="true">{"<span></span>" * piece.lines}</div>' if piece.lines else ""
    if piece.answer is not None:
        room = f'<div class="answer"><p class="kind">Answer</p>{blocks(piece.answer, level + 1)}</div>'
    return (f'<section class="exercise"><div class="question"><{tag} class="title"><span class="label">{label}</span>'
            f"{points}</{tag}>\n{blocks(piece.question, level + 1)}</div>\n{room}</section>")


def _clause(box: Box) -> str:
    """An equation in pieces, so that a narrow page breaks it before a relation or after a dot."""
    return "<wbr>".join(mathml(piece, display=True, alttext=alt(piece)) for piece in pieces(box))


def blocks(among: Iterable[sheet.Block], level: int) -> str:
    """The blocks one after the other; level is that of the heading above them."""
    return "\n".join(block(piece, below) for piece, below in sheet.levels(among, level))


def _parts(parts: sheet.Parts) -> str:
    """Words and formulas; no line begins with the sign that stands behind a formula."""
    return BEHIND.sub(r'<span class="kept">\g<0></span>', "".join(
        mathml(part, alttext=alt(part)) if isinstance(part, Box) else escape(part) for part in parts))
