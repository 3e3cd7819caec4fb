"""The sizes of paper, and what each program calls them."""

from __future__ import annotations

from dataclasses import dataclass

from jacobian.errors import InputError


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper."""

    typst: str
    latex: str


PAPERS = {"a4": Paper("a4", "a4paper"), "letter": Paper("us-letter", "letterpaper")}


def paper(name: str) -> Paper:
    """The paper of that name. Raises InputError where there is none."""
    if name not in PAPERS:
        raise InputError(f"the paper {name!r} is not known: choose one of {', '.join(PAPERS)}")
    return PAPERS[name]
