"""What a topic makes: a title, what stands before the questions, and the questions with their answers."""

from __future__ import annotations

from dataclasses import dataclass

from jacobian.worksheet.document import Block, Exercise
from jacobian.worksheet.notation import USUAL, Notation


@dataclass(frozen=True)
class Options:
    """What is asked for: a seed, the notation, and what back-propagation reads: a network."""

    seed: int = 0
    network: str = "2-3-4-1"
    activation: str = "relu"
    loss: str = "half-squared"
    notation: Notation = USUAL
    batch: int = 0
    samples: str = "rows"


@dataclass(frozen=True)
class Made:
    """A sheet before it is numbered; `about` stands in its second line, `limits` say what was not checked.

    Its introduction has `explained` some signs. Its numbers `tell` every misconception from the right formula, but for
    a network that is too small for it.
    """

    title: str
    about: tuple[str, ...]
    introduction: tuple[Block, ...]
    exercises: tuple[Exercise, ...]
    limits: tuple[str, ...] = ()
    tells: bool = True
    notation: Notation = USUAL
    explained: tuple[str, ...] = ()
