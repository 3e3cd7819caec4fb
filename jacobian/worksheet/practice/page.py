"""A set of questions as one HTML file that checks typed answers as `jac.grade` does, without a network.

Inside stand the questions, their seals, and the checker in JavaScript; no right answer and no wrong one does. The page
is for practice, not for marks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import count, islice

from jacobian.algebra.entries import Size
from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Name, Row, Words
from jacobian.printing.names import shape
from jacobian.printing.notation import boxes, equation
from jacobian.printing.text import text
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.parse import parse
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.seal import sealed
from jacobian.worksheet.document import Block, Display, Document, Paragraph, Parts
from jacobian.worksheet.practice import tables
from jacobian.worksheet.practice.section import Practice, Section, of_key, told
from jacobian.worksheet.render.clauses import clauses
from jacobian.worksheet.render.html import blocks, style

CHECKER = ("tables", "values", "text", "node", "typed", "brackets", "latex", "postfix", "calls", "grammar", "run",
           "arithmetic", "functions", "built", "indices", "operations", "mutations", "verdict", "compare", "folding",
           "asked", "numbers", "shapes", "grade")       # a class after the one that it extends
LABELS = {"formula": "Your formula", "numbers": "Your numbers", "shape": "The shape"}
HOW = {
    "formula": r"Write formulas in any notation: NumPy (A.T @ u), MATLAB (A'*u), LaTeX (A^\top u), plain signs (Aᵀu).",
    "numbers": "Numbers are fractions or decimals: 1/3 or 0.33; [1, 2] is a vector, [1 2; 3 4] a matrix.",
    "shape": "A shape is rows, then columns, as in 7 x 2; that of a vector is one number.",
}
_LESS = r"\u003c"         # < inside a script
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:; img-src data:"


def practice(key: Document) -> str:
    """The page of a worksheet's key. Raises InputError where there is nothing that a program can mark."""
    made = of_key(key)
    if not made.sections:
        raise InputError(f"{made.title} has no answer that a program can mark: there is nothing to practise")
    return page(made)


def page(practice: Practice) -> str:
    """The whole file."""
    title, questions = escape(practice.title), practice.questions
    names_told = list(told(questions))
    seals = json.dumps([sealed(question, names) for question, names in zip(questions, names_told, strict=True)])
    functions = [name for question in questions for name in question.functions]
    how = " ".join(HOW[kind] for kind in HOW if any(question.asks == kind for question in questions))
    numbered = zip(count(1), questions, names_told, strict=False)
    shown = _shown(practice.introduction)
    sections = "\n".join(_section(k, section, numbered, {*shown}) for k, section in enumerate(practice.sections, 1))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" '
        f'content="light dark">\n<title>{title}</title>\n<style>\n{style()}{_file("page.css")}</style>\n</head>\n'
        f'<body>\n<header><h1>{title}</h1><p class="purpose">For practice, not for marks. Your answers are checked on '
        f'this page and go nowhere.</p><p class="purpose">{escape(how)}</p></header>\n'
        f'<div class="standing"><progress id="progress" max="{len(questions)}" value="0" aria-labelledby="count">'
        f'</progress><span id="count" role="status">0 of {len(questions)} right</span></div>\n'
        "<noscript><p>Answers are checked by a script: allow scripts for this page.</p></noscript>\n"
        f"<main>\n{blocks(practice.introduction, 1)}\n{sections}\n</main>\n"
        f'<script type="application/json" id="seals">{seals.replace("<", _LESS)}</script>\n'
        f'<script>\n{checker(functions)}{_file("preview.js")}{_file("page.js")}</script>\n</body>\n</html>\n')


def checker(functions: Sequence[str] = ()) -> str:
    """The checker in JavaScript: `new Asked(seal)` is a question, `grade(asked, text)` the verdict."""
    return '"use strict";\n' + tables.script(functions) + "".join(_file(f"{name}.js") for name in CHECKER)


def _file(name: str) -> str:
    return files("jacobian.worksheet.practice").joinpath(name).read_text("utf-8")


def _section(k: int, section: Section, numbered: Iterator[tuple[int, Question, Sequence[str]]], shown: set[str]) -> str:
    """The next forms below a heading; a formula that is given stands there once, if it was not `shown` above."""
    shown |= _shown(section.blocks)
    asked = "\n".join(_form(*one, shown) for one in islice(numbered, len(section.items)))
    hints = "\n".join(f"<details><summary>Hint {i}</summary>{blocks((Paragraph(hint),), 2)}</details>"
                      for i, hint in enumerate(section.hints, 1))
    return (f'<section class="exercise" aria-labelledby="title{k}"><h2 class="title" id="title{k}"><span class="label">'
            f"{k}&ensp;{escape(section.title)}</span></h2>\n{blocks(section.blocks, 2)}\n{asked}\n{hints}</section>")


def _form(k: int, question: Question, told: Sequence[str], shown: set[str]) -> str:
    """A question, where it is answered, and room for the verdict; what was `shown` above is not shown again."""
    asked = (Paragraph((question.text,)),) if question.text else ()
    given = [block for block in _given(question, told) if question.asks == "formula" and not (
        isinstance(block, Display) and text(block.box) in shown)]
    shown |= {text(block.box) for block in given if isinstance(block, Display)}
    seen = '<div class="preview"></div>' if question.asks != "shape" else ""
    return (
        f'<form><div id="asked{k}">{blocks((*asked, *given), 2)}</div>\n'
        f'<label for="answer{k}">{LABELS[question.asks]}</label><div class="entry">'
        f'<input id="answer{k}" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" '
        f'aria-describedby="asked{k} verdict{k}"><button>Check</button></div>\n{seen}\n'
        f'<div class="verdict" id="verdict{k}" role="status" aria-live="polite"></div></form>')


def _given(question: Question, told: Sequence[str]) -> Iterator[Block]:
    """What is given by formulas, and which quantities there are: in the notation of formulas where that reads them."""
    quantities: list[Parts] = [(boxes(x), ": ", _shape(x.shape)) for x in question.symbols.values()]
    quantities += [(Name(name), ": a function") for name in question.functions]
    for name, formula in question.statements:
        x = _named(question, name)
        if name not in told:
            quantities.append((name,) if x is None else (boxes(x), ": ", _shape(x.shape)))
        elif x is None:
            yield Paragraph((f"{name} = {formula}.",))
        else:
            yield Display(equation(boxes(x), boxes(x.args[0])))
    parts = [part for quantity in quantities for part in (", ", *quantity)]
    if parts:
        yield Paragraph(("You may use ", *parts[1:], "."))


def _named(question: Question, name: str) -> Expr | None:
    """The quantity that is given by a formula, None where only the grammar of answers reads it."""
    try:
        return parse("; ".join([*(f"{known} = {formula}" for known, formula in question.statements), name]),
                     question.source[1])
    except InputError:
        return None


def _shape(sizes: tuple[Size, ...]) -> Box | str:
    return shape(sizes) if sizes else "a number"


def _shown(among: Iterable[Block]) -> set[str]:
    """The formulas that stand there, each as a text."""
    return {text(_bare(clause)) for block in among if isinstance(block, Display) for clause in clauses(block.box)}


def _bare(clause: Box) -> Box:
    """A clause without the word that joins it to the one before."""
    items = clause.items if isinstance(clause, Row) else ()
    return Row(items[1:]) if items and isinstance(items[0], Words) else clause
