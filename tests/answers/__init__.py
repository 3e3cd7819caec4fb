"""Typed answers with the verdict that they deserve.

A block begins with the question in brackets and what belongs to it; then each line is an answer after its sign:

= text              right
~ text              right in another form
x name: text        wrong; name is the misconception, several that mean the same with | between, None where none is
? text              read in two ways: to be asked back
! "part": text      not to be understood; part is where

`first.txt` was written before the checker, `second.txt` after it and scored once before anything was changed for it.
So was `third.txt`, later: of 69 right answers 95.7 % were accepted, of 23 in other forms 87.0 %, and 85.4 % of 89
misconceptions were named as expected. After the checker had learned from it these were 97.1, 100 and 85.4 %. Then
labels were changed, most of them where the checker's name is right, too: six mistakes have a second name, three of
shapes another one, an answer with * that is read in two ways is ambiguous, as is a product that fits entry by entry
only, two are malformed; and about a dozen answers were added. What it scores today is no figure of unseen answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jacobian.worksheet.answers.question import Question

HERE = Path(__file__).parent
KINDS = {"=": "right", "~": "equivalent", "x": "wrong", "?": "ambiguous", "!": "malformed"}


@dataclass(frozen=True)
class Answer:
    """A typed answer: its kind, the names that its misconception may have, or the part that is not understood."""

    question: str
    kind: str
    text: str
    names: tuple[str | None, ...] = ()
    part: str = ""


@dataclass
class Block:
    """A question of a corpus and the answers to it."""

    name: str
    fields: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    def question(self) -> Question:
        given = {key: self.fields.get(key, "") for key in ("shapes", "given", "values")}
        return Question(self.fields["answer"], asks=self.fields.get("asks", "formula"), **given)


@cache
def blocks(name: str) -> tuple[Block, ...]:
    """The blocks of a file."""
    found: list[Block] = []
    for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            found.append(Block(line.strip("[]")))
        elif line[:2] in {f"{sign} " for sign in KINDS}:
            found[-1].answers.append(answer(found[-1].name, line))
        else:
            key, _, value = line.partition(": ")
            found[-1].fields[key] = value
    return tuple(found)


def answer(question: str, line: str) -> Answer:
    kind, rest = KINDS[line[0]], line[2:]
    if kind == "wrong":
        names, _, text = rest.partition(": ")
        return Answer(question, kind, text, tuple(None if name == "None" else name for name in names.split("|")))
    if kind == "malformed":
        part, text = re.fullmatch(r'"(.*?)": (.*)', rest).groups()
        return Answer(question, kind, text, part=part)
    return Answer(question, kind, rest)
