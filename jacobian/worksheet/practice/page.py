"""A set of questions as one HTML file that checks typed answers as `jac.grade` does, without a network.

Inside stand the questions, their seals, and the checker in JavaScript; no right answer and no wrong one does. The page
is for practice, not for marks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files

from jacobian.errors import InputError
from jacobian.printing.boxes import Box, Name, Number, Symbol
from jacobian.printing.notation import boxes, equation, join
from jacobian.symbolic.parse import parse
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.seal import sealed
from jacobian.worksheet.answers.sheet import Item, Sheet
from jacobian.worksheet.document import Block, Display, Paragraph, Part
from jacobian.worksheet.practice import tables
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
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:; img-src data:"


def page(sheet: Sheet, hints: Mapping[str, Sequence[str]] | None = None) -> str:
    """The whole file; `hints` are sentences by the name of the question, each shown when it is asked for."""
    title = escape(sheet.title)
    seals = json.dumps([sealed(item.question) for item in sheet.items]).replace("<", r"\u003c")
    functions = [name for item in sheet.items for name in item.question.functions]
    asked = "\n".join(_exercise(k, item, (hints or {}).get(item.name, ())) for k, item in enumerate(sheet.items, 1))
    count = len(sheet.items)
    how = " ".join(HOW[kind] for kind in HOW if any(item.question.asks == kind for item in sheet.items))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" '
        f'content="light dark">\n<title>{title}</title>\n<style>\n{style()}{_file("page.css")}</style>\n</head>\n'
        f'<body>\n<header><h1>{title}</h1><p class="purpose">For practice, not for marks. Your answers are checked on '
        f'this page and go nowhere.</p><p class="purpose">{escape(how)}</p></header>\n'
        f'<div class="standing"><progress id="progress" max="{count}" value="0" aria-labelledby="count"></progress>'
        f'<span id="count" role="status">0 of {count} right</span></div>\n'
        "<noscript><p>Answers are checked by a script: allow scripts for this page.</p></noscript>\n"
        f'<main>\n{asked}\n</main>\n<script type="application/json" id="seals">{seals}</script>\n'
        f'<script>\n{checker(functions)}{_file("preview.js")}{_file("page.js")}</script>\n</body>\n</html>\n')


def checker(functions: Sequence[str] = ()) -> str:
    """The checker in JavaScript: `new Asked(seal)` is a question, `grade(asked, text)` the verdict."""
    return '"use strict";\n' + tables.script(functions) + "".join(_file(f"{name}.js") for name in CHECKER)


def _file(name: str) -> str:
    return files("jacobian.worksheet.practice").joinpath(name).read_text("utf-8")


def _exercise(k: int, item: Item, hints: Sequence[str]) -> str:
    question = item.question
    text = question.text or item.name
    given: tuple[Block, ...] = (Paragraph((text,)), *_given(question)) if question.asks == "formula" else (
        Paragraph((text,)),)
    more = "\n".join(f"<details><summary>Hint {i}</summary><p>{escape(hint)}</p></details>"
                     for i, hint in enumerate(hints, 1))
    return (
        f'<section class="exercise" aria-labelledby="title{k}"><h2 class="title" id="title{k}"><span class="label">{k}'
        f"&ensp;{escape(item.name)}</span></h2>\n{blocks(given, 2)}\n"
        f'<form><label for="answer{k}">{LABELS[question.asks]}</label><div class="entry">'
        f'<input id="answer{k}" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" '
        f'aria-describedby="verdict{k}"><button>Check</button></div>\n<div class="preview"></div>\n'
        f'<div class="verdict" id="verdict{k}" role="status" aria-live="polite"></div></form>\n{more}</section>')


def _given(question: Question) -> Iterator[Block]:
    """What is given by formulas, and which quantities there are."""
    formulas = [_formula(question, k) for k in range(len(question.statements))]
    yield from (Display(box) for box in formulas if box is not None)
    told = "; ".join(f"{name} = {formula}" for (name, formula), box in zip(question.statements, formulas, strict=True)
                     if box is None)
    quantities = [(boxes(x), ": ", _shape(x.shape)) for x in question.symbols.values()]
    quantities += [(Name(name), ": ", "a function") for name in question.functions]
    parts: list[Part] = ["You may use "]
    for at, quantity in enumerate(quantities):
        parts += [*([", "] if at else []), *quantity]
    yield Paragraph((*parts, f"; {told}." if told else "."))


def _formula(question: Question, k: int) -> Box | None:
    """a₁ = σ(z₁), None where only the grammar of answers reads it."""
    statements = question.statements[:k + 1]
    try:
        x = parse("; ".join([*(f"{name} = {formula}" for name, formula in statements), statements[-1][0]]),
                  question.source[1])
    except InputError:
        return None
    return equation(boxes(x), boxes(x.args[0]))


def _shape(shape: tuple[object, ...]) -> Box | str:
    sizes: list[Box] = [Number(str(n)) if str(n).isdecimal() else Name(str(n)) for n in shape]
    return join(sizes, Symbol("×")) if sizes else "a number"
