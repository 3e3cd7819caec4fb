"""Text in a terminal: in colours, and long formulas folded where they hold together least. A pipe gets it plain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

DERIVED = r"^(\d+\. )?[^=]*∂.*? = "                         # bold
QUIET = re.compile(r"with | {3}(?! )|.*\.$")                # shapes, reasons, sentences: dim
INDENT = 6
OPENING, CLOSING = "([{⟨", ")]}⟩"
LOOSE = {"=": 0, ";": 0, "+": 1, "−": 1}                     # signs before which a line breaks first; products last
PRODUCT = 2


def show(whole: str) -> None:
    """Print the lines of a text."""
    console = Console(highlight=False, soft_wrap=True)
    for line in whole.split("\n"):
        style = "dim" if QUIET.match(line) else ""
        for piece in folded(line, console.width) if console.is_terminal else (line,):
            shown = Text(piece, style)
            shown.highlight_regex(DERIVED, "bold")
            console.print(shown)


def folded(line: str, width: int) -> Iterator[str]:
    """The line in pieces of at most that width where it has a blank to break at, the later ones indented."""
    while len(line) > width:
        places = [(hold, -k) for k, hold in _breaks(line) if INDENT < k <= width]
        if not places:
            break
        k = -min([place for place in places if -place[1] > width // 2] or places)[1]
        yield line[:k].rstrip()
        line = " " * INDENT + line[k:].lstrip()
    yield line


def _breaks(line: str) -> Iterator[tuple[int, tuple[int, int]]]:
    """Each blank after the first word, and how tightly what stands around it holds: by brackets, then by the sign."""
    depth, norm = 0, False
    start = len(line) - len(line.lstrip())
    for k, letter in enumerate(line):
        depth += (letter in OPENING) - (letter in CLOSING)
        norm ^= letter == "‖"
        if letter == " " and k > start:
            yield k, (depth + norm, LOOSE.get(re.split(" ", line[k + 1:], maxsplit=1)[0], PRODUCT))
