"""A whole page: what stands before the exercises holds for all of them, and so do the signals δ of its network."""

from __future__ import annotations

import re

from jacobian.worksheet.proofread.claims import Claims, Fault, Tally
from jacobian.worksheet.proofread.node import Unread
from jacobian.worksheet.proofread.page import Exercise, Page
from jacobian.worksheet.proofread.sentences import check as check_sentences
from jacobian.worksheet.proofread.world import World

SLOPE = re.compile(r"LReLU\(z\) = z if z > 0, else z/(\d+)")

TURNED = ("denominator layout", "row for each entry of the variable")


def check(page: Page) -> Tally:
    """Every exercise of the page against differences."""
    tally = Tally(faults=[Fault(at.number, at.title, line, said) for at, line, said in page.faults])
    first, *rest = page.exercises
    sloped = SLOPE.search(first.words)
    said = (sloped[1] if sloped else "", "column after column" in page.said)
    lies = World(turned=any(words in page.said for words in TURNED), rows="by a vector it is a row" in page.said)
    before = Claims(first, lies, *said)
    world = before.read()
    tally.faults += before.tally.faults
    found = [_read(exercise, lies, world, said) for exercise in rest]
    shared = {word: node for claims in found if claims.world.defined == world.defined
              for word, node in claims.world.signals.items()}
    for claims in found:
        if claims.world.defined == world.defined:
            claims.world.signals = {**shared, **claims.world.signals}
            claims.context = [told for other in found if other.world.defined == world.defined for told in other.told]
        try:
            if claims.world.defined or claims.told:
                claims.prepare()
                claims.check()
                check_sentences(claims)
        except Unread as error:
            claims.fault("", str(error))
        tally.add(claims.tally)
    return tally


def _read(exercise: Exercise, bare: World, world: World, said: tuple[str, bool]) -> Claims:
    """An exercise with a function or an identity of its own has nothing to do with the network at the beginning."""
    own = Claims(exercise, bare, *said)
    if own.read().defined or any(not told.line.answer for told in own.told):
        return own
    claims = Claims(exercise, world, *said)
    claims.read()
    return claims
