"""What stands on a practice page: sections of questions, made of a sheet in JSON or of a worksheet's key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jacobian.worksheet.answers.compare import is_right
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.sheet import Item, Sheet
from jacobian.worksheet.answers.table import values_of
from jacobian.worksheet.document import Block, Document, Exercise, Paragraph, Parts, Remark


@dataclass(frozen=True)
class Section:
    """Questions below a heading and what belongs to all of them; each hint is shown when it is asked for."""

    title: str
    items: tuple[Item, ...]
    blocks: tuple[Block, ...] = ()
    hints: tuple[Parts, ...] = ()


@dataclass(frozen=True)
class Practice:
    """A page: its title, what stands before the questions, and the questions."""

    title: str
    sections: tuple[Section, ...]
    introduction: tuple[Block, ...] = ()

    @property
    def questions(self) -> list[Question]:
        """All of them, in order."""
        return [item.question for section in self.sections for item in section.items]


def told(questions: Sequence[Question]) -> Iterator[tuple[str, ...]]:
    """For each question the names whose formulas may be seen: no formula that answers one of these questions."""
    asked = [question for question in questions if question.asks == "formula"]
    answers: dict[tuple[str, str], bool] = {}
    for question in questions:
        for name, formula in question.statements:
            if (name, formula) not in answers:
                tree = question.formulas[name]
                answers[name, formula] = any(_answers(tree, other) for other in asked)
        yield tuple(name for name, formula in question.statements if not answers[name, formula])


def _answers(tree: Node, question: Question) -> bool:
    """Whether the formula has the values of the right answer."""
    if any(node.kind == "name" and node.data not in question.points[0] for node in tree.walk()):
        return False
    values = values_of(tree, question.points)
    return bool(values) and is_right(values, question.rights)


def of_sheet(sheet: Sheet) -> Practice:
    """A section for each question."""
    return Practice(sheet.title, tuple(Section(item.name, (item,)) for item in sheet.items))


def of_key(key: Document) -> Practice:
    """A section for each exercise of a worksheet's key that a program can mark, below its question, with its hints."""
    exercises = [piece for piece in key.blocks if isinstance(piece, Exercise)]
    return Practice(
        key.title.removesuffix(": key"),
        tuple(Section(piece.title, piece.asked, tuple(_unhinted(piece)), piece.hints) for piece in exercises
              if piece.asked),
        tuple(piece for piece in key.blocks if not isinstance(piece, Exercise)))


def _unhinted(exercise: Exercise) -> Iterator[Block]:
    """The question without the hints that a key shows below it."""
    shown = [(Paragraph(hint),) for hint in exercise.hints]
    yield from (block for block in exercise.question if not (isinstance(block, Remark) and block.blocks in shown))
