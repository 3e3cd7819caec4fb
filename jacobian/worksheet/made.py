"""What a topic offers, and what a sheet is made of: a title, what stands before the questions, and the questions."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jacobian.worksheet.document import Block, Exercise
from jacobian.worksheet.notation import USUAL, Notation

if TYPE_CHECKING:
    from jacobian.worksheet.formulas import Formula


@dataclass(frozen=True)
class Choice:
    """Which questions of those that are offered: of these levels, "2" or "1-3", so many, so many points together.

    What is empty or 0 is not chosen: all levels, all questions, the points that they have.
    """

    level: str = ""
    count: int = 0
    points: int = 0


@dataclass(frozen=True)
class Options:
    """What is asked for: a seed, the notation, what back-propagation reads, a network, and formulas to ask about."""

    seed: int = 0
    network: str = "2-3-4-1"
    activation: str = "relu"
    loss: str = "half-squared"
    notation: Notation = USUAL
    batch: int = 0
    samples: str = "rows"
    formulas: tuple[Formula | str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A question that can be chosen, and is made only then; two with the same `key` ask the same."""

    level: int
    kind: str
    key: Hashable
    make: Callable[[], Exercise]


@dataclass(frozen=True)
class Offer:
    """The questions of a topic; `about` stands in the second line, `limits` say what was not checked.

    What its introduction is about is called the `subject`, to which the questions refer on a sheet with other topics.
    It has `explained` some signs. The numbers `tell` every misconception from the right formula, but for a network that
    is too small for it.
    """

    title: str
    about: tuple[str, ...]
    entries: tuple[Entry, ...]
    introduction: tuple[Block, ...] = ()
    subject: str = ""
    limits: tuple[str, ...] = ()
    tells: bool = True
    notation: Notation = USUAL
    explained: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """A sheet before it is numbered, with what its offers say."""

    title: str
    about: tuple[str, ...]
    introduction: tuple[Block, ...]
    exercises: tuple[Exercise, ...]
    limits: tuple[str, ...] = ()
    tells: bool = True
    notation: Notation = USUAL
    explained: tuple[str, ...] = ()
