"""Produced keys with one thing altered in an answer: a digit, a sign, a transpose, a factor."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

DIGIT = re.compile(r"(?<![\w₀-₉(.\-])\d(?=[\d. \];/]|$)|(?<=[\d.\[ −])\d(?=[\d. \];/]|$)")


def _digit(line: str, chance: random.Random) -> str | None:
    """Another digit in a number."""
    places = [m.start() for m in re.finditer(r"\d", line) if not _index(line, m.start())]
    if not places:
        return None
    k = chance.choice(places)
    return line[:k] + str((int(line[k]) + chance.randint(1, 9)) % 10) + line[k + 1:]


def _index(line: str, k: int) -> bool:
    """Whether the digit stands in a shape, ones or a number of a line."""
    before, after = line[:k], line[k + 1:]
    return bool(re.search(r"(:|×) *$|_\([^)]*$", before) or re.match(r" ×|[ₐ-ₜ]|_\(|\)$| points?", after))


def _sign(line: str, chance: random.Random) -> str | None:
    """− for +, + for −, or a sign less in front of a number that is not 0."""
    places = [m.start() for m in re.finditer(r" [+−] | ?−(?=[1-9])", line)]
    if not places:
        return None
    k = chance.choice(places)
    if line[k:k + 3] in (" + ", " − "):
        return line[:k] + {" + ": " − ", " − ": " + "}[line[k:k + 3]] + line[k + 3:]
    return line[:k] + line[k:].replace("−", "", 1)


def _transpose(line: str, chance: random.Random) -> str | None:
    """A transpose less, behind a letter."""
    places = [m.start() for m in re.finditer(r"(?<=[\w₀-₉])ᵀ", line)]
    if not places:
        return None
    k = chance.choice(places)
    return line[:k] + line[k + 1:]


def _factor(line: str, chance: random.Random) -> str | None:
    """A factor 2 in front of a side."""
    places = [m.end() for m in re.finditer(r"= (?=[\w(‖½])(?!\(?∂)", line)]
    if not places:
        return None
    k = chance.choice(places)
    return f"{line[:k]}2 {line[k:]}" if not re.match(r"[\d.]+ *(?:\s|$)", line[k:]) else None


ALTER = {"digit": _digit, "sign": _sign, "transpose": _transpose, "factor": _factor}


def altered(source: str, seed: int, kind: str) -> Iterator[tuple[str, str, str]]:
    """(the whole text, the line, what it became) for every line of an answer that can be altered so."""
    chance = random.Random(seed)
    lines = source.split("\n")
    answer = False
    for k, line in enumerate(lines):
        answer = (answer or line == "│ Answer") and line.startswith("│")
        if answer and re.match(r"│ {5}\S.*=", line) and (new := ALTER[kind](line, chance)):
            yield "\n".join([*lines[:k], new, *lines[k + 1:]]), line, new
