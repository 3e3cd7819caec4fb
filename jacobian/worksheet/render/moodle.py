"""A sheet as questions for Moodle: formulas for STACK, numbers as fields that mark themselves, all else as essays.

A sheet without answers gives essays only; a key gives questions that hold the answers, for the teacher to import.
Source: https://docs.moodle.org/en/Moodle_XML_format and https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from jacobian.errors import MissingRule
from jacobian.printing.mathml import mathml
from jacobian.printing.text import alt
from jacobian.worksheet import document as sheet
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.render.html import blocks as html
from jacobian.worksheet.render.stack import fields as stack
from jacobian.worksheet.render.values import Value, values

UNREADABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")    # no XML may hold these
FEWEST = 5          # lines that an essay shows


def moodle(document: sheet.Document) -> str:
    """The whole file."""
    told = [piece for piece in document.blocks if not isinstance(piece, sheet.Exercise)]
    exercises = [piece for piece in document.blocks if isinstance(piece, sheet.Exercise)]
    questions = (_category(document), _question("description", document.title, _told(html(told, 2))),
                 *(question for piece in exercises for question in _exercise(piece)))
    return '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n' + UNREADABLE.sub("", "\n".join(questions)) + "\n</quiz>\n"


def _category(document: sheet.Document) -> str:
    name = escape(f"{document.title} ({document.subtitle})".replace("/", "//"))
    return f'<question type="category"><category><text>$course$/{name}</text></category></question>'


def _exercise(piece: sheet.Exercise) -> Iterator[str]:
    """The formulas that are asked for as questions of STACK, numbers as fields, and an essay for how they are found."""
    name = f"{piece.number:02d} {piece.title}"
    asked = html(piece.question, 2)
    formulas = {item: made for item in piece.asked if (made := _formula(item, asked))}
    for item, made in formulas.items():
        yield _question("stack", f"{name}: {item.name}", made)
    found = values(piece.answer or ())
    if found:
        fields = "".join(map(_fields, found))
        yield _question("cloze", f"{name}: numbers", _told(asked + fields))
    numbers = {value.block for value in found}
    left = sum(points for k, (_, points) in enumerate(piece.earned) if k not in numbers)
    rest = max(0, round(left - sum(item.points for item in formulas), 2)) if piece.answer else piece.points
    info = f'<graderinfo format="html">{_text(html(piece.answer, 2))}</graderinfo>' if piece.answer else ""
    yield _question("essay", name, _told(asked) + (
        f"<defaultgrade>{rest:g}</defaultgrade><responseformat>editor</responseformat>"
        f"<responsefieldlines>{max(piece.lines, FEWEST)}</responsefieldlines>{info}"
        '<responsetemplate format="html"><text></text></responsetemplate>'))


def _formula(item: Item, asked: str) -> str | None:
    """The question of STACK, None where something else is asked or Maxima has no word for the answer."""
    try:
        return stack(item, asked) if item.question.asks == "formula" else None
    except MissingRule:
        return None


def _fields(value: Value) -> str:
    """A formula and a table with a field for each entry, right where it agrees to the decimals that are compared."""
    close = 0.6 * 10.0**-value.decimals
    entries = iter(value.numbers)
    cells = ("".join(f"<td>{{1:NUMERICAL:={next(entries):.10g}:{close:.10g}}}</td>" for _ in row) for row in value.rows)
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<p>{mathml(value.box, alttext=alt(value.box))} =</p><table>{rows}</table>"


def _question(kind: str, name: str, fields: str) -> str:
    return f'<question type="{kind}"><name><text>{escape(name)}</text></name>{fields}</question>'


def _told(html: str) -> str:
    return f'<questiontext format="html">{_text(html)}</questiontext>'


def _text(html: str) -> str:
    """HTML as the text of an element."""
    return f"<text><![CDATA[{html.replace(']]>', ']]&gt;')}]]></text>"
