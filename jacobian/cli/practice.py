"""jacobian practice: questions in the terminal, each answer checked at once, with hints."""

from __future__ import annotations

import argparse
import random

from jacobian.command import Parser
from jacobian.worksheet.answers.drills import drills
from jacobian.worksheet.answers.grade import grade
from jacobian.worksheet.answers.sheet import Item, sheet

HELP = "drill derivatives in the terminal"
DESCRIPTION = """Asks questions and checks what you type, in NumPy's, MATLAB's, LaTeX's or plain notation. An empty
line gives a hint, then the answer; Ctrl-D ends. It is for practice, not for marks."""
EXAMPLES = """examples:
  jacobian practice
  jacobian practice --from sheet.json --count 3 --seed 7
"""


def arguments(parser: Parser) -> None:
    """What is understood after `jacobian practice`."""
    add = parser.add_argument
    add("--from", dest="sheet", metavar="SHEET.json", help="questions of your own, as for jacobian grade")
    add("--count", type=int, default=5, metavar="N", help="how many questions (default 5)")
    add("--seed", type=int, default=0, metavar="N", help="which questions, in which order (default 0)")


def run(options: argparse.Namespace) -> int:
    """Ask until all are done or the input ends."""
    items = list(sheet(options.sheet).items if options.sheet else drills())
    random.Random(options.seed).shuffle(items)
    asked = items[:max(options.count, 0)]
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
