"""A sheet from what topics offer: which questions, in which order, for how many points."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from jacobian.errors import InputError
from jacobian.worksheet.document import Exercise, Heading, Paragraph
from jacobian.worksheet.kinds.common import worth
from jacobian.worksheet.made import Choice, Entry, Made, Offer
from jacobian.worksheet.row import LEVELS

MOST = 200              # points of a sheet
Offered = tuple[Offer, Entry]


def mix(offers: Sequence[Offer], choice: Choice, title: str = "", about: str = "") -> Made:
    """One sheet of all offers, rising in level. Raises InputError where the choice cannot be."""
    chosen = sorted(_chosen(offers, choice), key=lambda one: one[1].level)
    alone = len(offers) == 1
    kept = [offer for offer in offers if any(offer is one for one, _ in chosen)]
    exercises = [_exercise(offer, entry, alone) for offer, entry in chosen]
    return Made(
        title or (offers[0].title if alone else "Mixed questions"),
        (about,) if about else offers[0].about if alone else tuple(offer.title for offer in kept),
        tuple(block for offer in kept if offer.introduction
              for block in (*([] if alone else [Heading(1, (_capital(offer.subject),))]), *offer.introduction)),
        tuple(pointed(exercises, choice.points)),
        tuple(dict.fromkeys(limit for offer in kept for limit in offer.limits)),
        all(offer.tells for offer in kept),
        offers[0].notation,
        tuple(sign for offer in kept for sign in offer.explained),
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _exercise(offer: Offer, entry: Entry, alone: bool) -> Exercise:
    """The question; on a sheet with others it says what it is about."""
    made = entry.make()
    if alone or not offer.subject:
        return made
    told = Paragraph((f"This question is about {offer.subject} at the beginning.",))
    return replace(made, question=(told, *made.question))


def _chosen(offers: Sequence[Offer], choice: Choice) -> list[Offered]:
    """The questions, each once; of more than are wanted those that are spread best over topics, levels and kinds."""
    first, last = levels(choice.level)
    every = {entry.key: (offer, entry) for offer in reversed(offers) for entry in reversed(offer.entries)}
    found = [one for one in reversed(every.values()) if first <= one[1].level <= last]
    if not found:
        there = sorted({entry.level for _, entry in every.values()})
        raise InputError(f"there is no question of level {choice.level}: the levels that are offered are "
                         f"{', '.join(map(str, there)) or 'none'}")
    if not 0 <= choice.count <= len(found):
        raise InputError(f"{choice.count} questions were asked for, but {len(found)} are offered"
                         f"{f' of level {choice.level}' if choice.level else ''}: take fewer, other levels, or more "
                         "topics")
    return _spread(found, choice.count) if choice.count else found


def _spread(found: list[Offered], count: int) -> list[Offered]:
    """So many of them: each time one of whose topic, level and kind there are fewest."""
    left, chosen = list(found), []
    have: Counter[object] = Counter()
    for _ in range(count):
        best = min(left, key=lambda one: [have[mark] for mark in _marks(one)])
        left.remove(best)
        chosen.append(best)
        have.update(_marks(best))
    return chosen


def _marks(one: Offered) -> tuple[object, ...]:
    offer, entry = one
    return offer.title, entry.level, entry.kind


def levels(said: str) -> tuple[int, int]:
    """The first and the last level of "2" and of "1-3"; all of nothing. Raises InputError."""
    if not said:
        return 1, len(LEVELS)
    found = re.fullmatch(r"\s*([1-9])\s*(?:[-–]\s*([1-9])\s*)?", said)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= len(LEVELS):
        raise InputError(f"levels are from 1 to {len(LEVELS)}, such as 2 or 1-3, but {said!r} was given")
    return first, last


def pointed(exercises: Iterable[Exercise], points: int) -> list[Exercise]:
    """The questions with their points, or with so many together, shared as evenly as whole points can be.

    Raises InputError where some question would have none.
    """
    found = list(exercises)
    if not points:
        return found
    if not len(found) <= points <= MOST:
        raise InputError(f"{points} points cannot be shared among {len(found)} questions: give from {len(found)} to "
                         f"{MOST}")
    whole = sum(one.points for one in found)
    spare = points - len(found)                 # one for each, and the others in proportion
    before, ends = 0, [0]
    for one in found:
        before += one.points
        ends.append(round(spare * before / whole))
    return [worth(one, 1 + end - start) for one, start, end in zip(found, ends, ends[1:], strict=False)]
