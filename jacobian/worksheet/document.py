"""A sheet as data: what stands on it and in which order, never how it looks. The renderers read nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from jacobian.printing.boxes import Box
from jacobian.worksheet.answers.sheet import Item
from jacobian.worksheet.row import LEVELS

HINTS = ("Hint", "The rule")
Part = str | Box
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a sheet that stands on lines of its own."""


@dataclass(frozen=True, slots=True)
class Heading(Block):
    """A heading; level 1 is the highest below the title."""

    level: int
    parts: Parts


@dataclass(frozen=True, slots=True)
class Paragraph(Block):
    """Words and formulas that run on."""

    parts: Parts


@dataclass(frozen=True, slots=True)
class Display(Block):
    """A formula on a line of its own, with a number to refer to where it has one."""

    box: Box
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Table(Block):
    """Rows of cells below a header, each cell some parts."""

    header: tuple[Parts, ...]
    rows: tuple[tuple[Parts, ...], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Bullets(Block):
    """Items in no order."""

    items: tuple[Parts, ...]


@dataclass(frozen=True, slots=True)
class Remark(Block):
    """Blocks set apart under a word: Hint, Convention, Check."""

    kind: str
    blocks: tuple[Block, ...]
    folded: bool = False                # shown when the reader asks for it, where a format can do that


@dataclass(frozen=True, slots=True)
class Break(Block):
    """What follows begins a leaf of its own, so that it can be handed out printed on both sides."""


@dataclass(frozen=True, slots=True)
class Picture(Block):
    """A drawing, and what it shows in words."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Check:
    """A number or an array that is asked for: its name, and its digest by which an answer is compared."""

    name: str
    box: Box
    salt: str
    step: float
    shift: float
    digest: str
    points: float


@dataclass(frozen=True, slots=True)
class Typed:
    """A formula that is asked for, to be typed as text: what is asked, and the seal by which it is judged.

    `answer` is the right formula as it is typed, on a key.
    """

    text: str
    seal: str
    points: float
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Mark(Block):
    """A step of an answer: the points that it earns, and why it holds: the rule, what follows from an earlier slip."""

    points: int
    blocks: tuple[Block, ...]
    why: Parts = ()

    def __post_init__(self) -> None:
        if not self.blocks:
            raise ValueError("a mark is for a step of the answer: give the blocks that show it")

    @property
    def credit(self) -> str:
        """1 point, 4 points."""
        return credit(self.points)


@dataclass(frozen=True, slots=True)
class Exercise(Block):
    """A question with room to write, or, where the answer is given, with the answer in its place.

    `level` is from 1 (recall) to 5; `hints` are a nudge and the rule; `asked` is what a program can mark; of the
    formulas in it `typed` are those that a notebook judges.
    """

    number: int
    title: str
    points: int
    question: tuple[Block, ...]
    answer: tuple[Block, ...] | None = None
    lines: int = 0
    checks: tuple[Check, ...] = ()
    level: int = 0
    hints: tuple[Parts, ...] = ()
    asked: tuple[Item, ...] = ()
    typed: tuple[Typed, ...] = ()

    @property
    def credit(self) -> str:
        """level 2, one rule · 4 points."""
        level = f"level {self.level}, {LEVELS[self.level - 1]}" if self.level else ""
        return " · ".join(filter(None, (level, credit(self.points))))

    def hinted(self, folded: bool = True) -> Exercise:
        """With the hints below the question, each under its word."""
        told = (Remark(HINTS[k > 0], (Paragraph(hint),), folded) for k, hint in enumerate(self.hints))
        return replace(self, question=(*self.question, *told))

    @property
    def unanswered(self) -> Exercise:
        """What a student gets to see."""
        return replace(self, answer=None, hints=(), asked=(), typed=tuple(replace(t, answer="") for t in self.typed))

    @property
    def earned(self) -> tuple[tuple[Block, float], ...]:
        """The blocks of the answer in order, each with its share of the points: of its mark, or of the exercise."""
        answer = self.answer or ()
        marks = [block for block in answer if isinstance(block, Mark)]
        if not marks:
            return tuple((block, self.points / len(answer)) for block in answer)
        found: list[tuple[Block, float]] = []
        for block in answer:
            parts = tuple(flat((block,)))
            found += [(part, block.points / len(parts) if isinstance(block, Mark) else 0) for part in parts]
        return tuple(found)


def credit(points: int) -> str:
    """The points in words: 1 point, 4 points, nothing for 0."""
    return f"{points} point{'' if points == 1 else 's'}" if points else ""


def flat(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with those of the marks in their place."""
    for block in blocks:
        if isinstance(block, Mark):
            yield from flat(block.blocks)
        else:
            yield block


def pieces(whole: Any) -> Iterator[Block | Box]:
    """All blocks and boxes in blocks, in their order."""
    waiting = [whole]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(reversed(part))
        elif isinstance(part, Block | Box):
            yield part
            kind: type = type(part)
            waiting.extend(getattr(part, name) for name in _parts_of(kind))


@lru_cache
def _parts_of(kind: Any) -> tuple[str, ...]:
    """The names of the fields of a kind of block or box, the last one first."""
    return tuple(field.name for field in reversed(fields(kind)))


@dataclass(frozen=True, slots=True)
class Document:
    """A whole sheet; language is a tag such as "en"."""

    title: str
    subtitle: str
    language: str
    blocks: tuple[Block, ...]
    footer: str = ""

    @property
    def unmarked(self) -> Document:
        """Without what a program can mark, which is much to hand on."""
        return replace(self, blocks=tuple(replace(block, asked=(), typed=()) if isinstance(block, Exercise) else block
                                          for block in self.blocks))


def levels(blocks: Iterable[Block], above: int) -> Iterator[tuple[Block, int]]:
    """Each block with the level of the heading above it; `above` is that of the heading before the first."""
    level = above
    for block in blocks:
        level = above + block.level if isinstance(block, Heading) else level
        yield block, level
