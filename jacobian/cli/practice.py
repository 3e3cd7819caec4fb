"""jacobian practice: questions in the terminal or on a page, each answer checked at once."""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from jacobian.command import Parser
from jacobian.errors import InputError
from jacobian.files import write
from jacobian.worksheet.answers.drills import drills
from jacobian.worksheet.answers.grade import grade
from jacobian.worksheet.answers.sheet import Item, Sheet, sheet
from jacobian.worksheet.practice.page import page
from jacobian.worksheet.practice.section import of_sheet

HELP = "drill derivatives in the terminal or on a page"
DESCRIPTION = """Asks questions and checks what you type, in NumPy's, MATLAB's, LaTeX's or plain notation. An empty
line gives a hint, then the answer; Ctrl-D ends. With --html one file is written that asks and checks in a browser,
without a network; no answer stands in it at a glance. It is for practice, not for marks."""
EXAMPLES = """examples:
  jacobian practice
  jacobian practice sheet.json --count 3 --seed 7
  jacobian practice sheet.json --html practice.html
"""
COUNT = 5               # questions in the terminal


def arguments(parser: Parser) -> None:
    """What is understood after `jacobian practice`."""
    add = parser.add_argument
    add("sheet", nargs="?", metavar="SHEET.json", help="questions of your own, as for jacobian grade")
    add("--count", type=int, metavar="N", help=f"how many questions (default {COUNT}; on a page all)")
    add("--seed", type=int, metavar="N", help="which questions, in which order (default 0; on a page as they stand)")
    add("--html", metavar="FILE.html", help="write a page that asks and checks instead")
    add("--force", action="store_true", help="write over a page that is there")


def run(options: argparse.Namespace) -> int:
    """Write the page, or ask until all are done or the input ends."""
    if options.count is not None and options.count < 1:
        raise InputError(f"--count is how many questions are asked, at least 1, but {options.count} was given")
    if options.html and Path(options.html).exists() and not options.force:
        raise InputError(f"{options.html} is there already: choose another name, or --force to write over it")
    whole = sheet(options.sheet) if options.sheet else Sheet("Derivatives", tuple(drills()))
    asked = list(whole.items)
    if options.seed is not None or not options.html:
        random.Random(options.seed or 0).shuffle(asked)
    if options.count is not None or not options.html:
        asked = asked[:options.count or COUNT]
    if options.html:
        print(write(options.html, page(of_sheet(Sheet(whole.title, tuple(asked))))))
        return 0
    return _drill(asked)


def _drill(asked: list[Item]) -> int:
    """Ask in the terminal."""
    solved = 0
    try:
        for k, item in enumerate(asked, 1):
            print(f"\n{k} of {len(asked)}. {item.question.text or item.name}")
            solved += _ask(item)
    except EOFError:
        print()
    print(f"{solved} of {len(asked)} solved.")
    return 0


def _ask(item: Item) -> bool:
    """Whether the question was solved."""
    hints = [hint(item), f"The answer: {item.question.source[0]}"]
    while hints:
        typed = input("> ")
        if not typed.strip():
            print(hints.pop(0))
            continue
        verdict = grade(item.question, typed)
        if verdict.where and verdict.verdict != "accepted":
            start, end = verdict.where
            print(f"  {' ' * min(start, 60)}{'^' * max(1, min(end, 60) - start)}")
        print(f"{verdict.verdict}{': ' + verdict.feedback if verdict.feedback else ''}")
        if verdict.ok:
            return True
    return False


def hint(item: Item) -> str:
    """What may appear in the answer, and of what shape it is."""
    question = item.question
    if question.asks == "shape":
        return "Write rows, then columns, as in 7 x 2; a vector has one number."
    shapes = ", ".join(f"{name}: {' × '.join(map(str, x.shape)) or 'a scalar'}" for name, x in question.symbols.items())
    given = f"; {question.source[2]}" if question.source[2] else ""
    return f"You may use {shapes}{given}." if shapes else "Write numbers, as in [1, 2] or 1/3."
