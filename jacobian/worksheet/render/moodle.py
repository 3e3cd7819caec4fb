"""A sheet as questions for Moodle: numbers in the answer as fields that mark themselves, all else as essays.

A sheet without answers gives essays only; a key gives questions that hold the answers, for the teacher to import.
Source: https://docs.moodle.org/en/Moodle_XML_format and https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from jacobian.printing.mathml import mathml
from jacobian.printing.text import alt
from jacobian.worksheet import document as sheet
from jacobian.worksheet.render.html import blocks as html
from jacobian.worksheet.render.values import Value, values

UNREADABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")    # no XML may hold these
FEWEST = 5          # lines that an essay shows


def moodle(document: sheet.Document) -> str:
    """The whole file."""
    told = [piece for piece in document.blocks if not isinstance(piece, sheet.Exercise)]
    exercises = [piece for piece in document.blocks if isinstance(piece, sheet.Exercise)]
    questions = (_category(document), _question("description", document.title, html(told, 2), ""),
                 *(question for piece in exercises for question in _exercise(piece)))
    return '<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n' + UNREADABLE.sub("", "\n".join(questions)) + "\n</quiz>\n"


def _category(document: sheet.Document) -> str:
    name = escape(f"{document.title} ({document.subtitle})".replace("/", "//"))
    return f'<question type="category"><category><text>$course$/{name}</text></category></question>'


def _exercise(piece: sheet.Exercise) -> Iterator[str]:
    """The numbers of the answer as fields, and an essay for what is no number."""
    name = f"{piece.number:02d} {piece.title}"
    asked = html(piece.question, 2)
    found = values(piece.answer or ())
    share = piece.points / len(piece.answer) if piece.answer else 0
    if found:
        fields = "".join(map(_fields, found))
        yield _question("cloze", f"{name}: numbers", asked + fields, "")
    if not piece.answer or len(found) < len(piece.answer):
        rest = round(piece.points - share * len(found), 2)
        info = f'<graderinfo format="html">{_text(html(piece.answer, 2))}</graderinfo>' if piece.answer else ""
        yield _question("essay", name, asked, (
            f"<defaultgrade>{rest:g}</defaultgrade><responseformat>editor</responseformat>"
            f"<responsefieldlines>{max(piece.lines, FEWEST)}</responsefieldlines>{info}"
            '<responsetemplate format="html"><text></text></responsetemplate>'))


def _fields(value: Value) -> str:
    """A formula and a table with a field for each entry, right where it agrees to the decimals that are compared."""
    close = 0.6 * 10.0**-value.decimals
    entries = iter(value.numbers)
    cells = ("".join(f"<td>{{1:NUMERICAL:={next(entries):.10g}:{close:.10g}}}</td>" for _ in row) for row in value.rows)
    rows = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<p>{mathml(value.box, alttext=alt(value.box))} =</p><table>{rows}</table>"


def _question(kind: str, name: str, told: str, more: str) -> str:
    return (f'<question type="{kind}"><name><text>{escape(name)}</text></name>'
            f'<questiontext format="html">{_text(told)}</questiontext>{more}</question>')


def _text(html: str) -> str:
    """HTML as the text of an element."""
    return f"<text><![CDATA[{html.replace(']]>', ']]&gt;')}]]></text>"
