"""jacobian grade SHEET ANSWERS: the typed answers of a class, and what they have misunderstood."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from jacobian.command import Parser
from jacobian.errors import InputError
from jacobian.files import write_all
from jacobian.worksheet.answers.classroom import MARKS, Classroom, classroom, marks, picture
from jacobian.worksheet.answers.sheet import answers, sheet

HELP = "grade the typed answers of a class"
DESCRIPTION = """Grade typed answers. The sheet is JSON: {"title": ..., "questions": [{"name": "hidden layer",
"answer": "(W'*delta) .* a .* (1 - a)", "shapes": "W: m n, delta: m, z: n", "given": "a = sigmoid(z)",
"points": 2}]}; a question may ask for a "formula", a "shape" or "numbers" ("asks"), numbers with "values".
The answers are CSV: a line for each student, a column for each question, named in the first line."""
EXAMPLES = """examples:
  jacobian grade sheet.json answers.csv
  jacobian grade sheet.json answers.csv --to marks.csv --picture class.svg
"""
COMMON = 3              # misconceptions that are listed for a question


def arguments(parser: Parser) -> None:
    """What is understood after `jacobian grade`."""
    add = parser.add_argument
    add("sheet", metavar="SHEET.json", help="the questions")
    add("answers", metavar="ANSWERS.csv", help="the answers")
    add("--to", metavar="FILE.csv", help="write points, verdicts and feedback for each student")
    add("--picture", metavar="FILE.svg", help="write a picture of the class")
    add("--force", action="store_true", help="write over files that are there")


def run(options: argparse.Namespace) -> int:
    """Grade, write what was asked for, then print the tables."""
    for path in filter(None, (options.to, options.picture)):
        if Path(path).exists() and not options.force:
            raise InputError(f"{path} is there already: choose another name, or --force to write over it")
    made = sheet(options.sheet)
    given = answers(options.answers, made)
    console = Console(stderr=True)
    room = classroom(made, given, lambda rows: track(list(rows), "grading", console=console, transient=True,
                                                     disable=not console.is_terminal))
    write_all({path: text(room) for path, text in ((options.to, marks), (options.picture, picture)) if path})
    out = Console(highlight=False)
    out.print(_marks(room))
    out.print(_misconceptions(room))
    return 0


def _marks(room: Classroom) -> Table:
    """A line for each student."""
    table = Table(title=plain(room.sheet.title))
    for name in ("student", *(item.name for item in room.sheet.items), "points"):
        table.add_column(plain(name))
    for student in room.students:
        table.add_row(plain(student.name), *(MARKS[v.verdict] for v in student.verdicts), f"{student.points:g}")
    return table


def _misconceptions(room: Classroom) -> Table:
    """A line for each question."""
    table = Table("question", "accepted", "wrong", "unclear", "most common misconceptions")
    for k, item in enumerate(room.sheet.items):
        counts = room.counts(k)
        common = ", ".join(f"{name} ({count})" for name, count in room.misconceptions(k)[:COMMON])
        table.add_row(plain(item.name), *(str(counts[v]) for v in ("accepted", "wrong", "unclear")), common)
    return table


def plain(text: str) -> Text:
    """Text as it stands, without the marks of rich and without control characters."""
    return Text("".join(c if c.isprintable() else "�" for c in text))
