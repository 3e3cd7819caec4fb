"""What a topic makes: a title, what stands before the questions, and the questions with their answers."""

from __future__ import annotations

from dataclasses import dataclass

from jacobian.worksheet.document import Block, Exercise


@dataclass(frozen=True)
class Options:
    """What is asked for: a seed, and what some of the topics read: a network, or a formula."""

    seed: int = 0
    network: str = "2-3-4-1"
    activation: str = "relu"
    loss: str = "half-squared"
    formula: str = ""
    shapes: str = ""
    wrt: str = ""


@dataclass(frozen=True)
class Made:
    """A sheet before it is numbered; `about` stands in its second line, `limits` say what was not checked."""

    title: str
    about: tuple[str, ...]
    introduction: tuple[Block, ...]
    exercises: tuple[Exercise, ...]
    limits: tuple[str, ...] = ()
