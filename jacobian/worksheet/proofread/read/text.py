"""A page of plain text: formulas stand in from the edge, answers behind a bar."""

from __future__ import annotations

import re
from itertools import pairwise

from jacobian.worksheet.proofread.page import Page

POINTS = re.compile(r"\s{2,}\d+ points?$|^\s*\d+ points?$")
STARTS = ("=", "≈", "←", "and ", "of shape", "with ")
IN = "    "


def text(source: str) -> Page:
    """The page of a file's text."""
    page = Page()
    lines = source.split("\n")
    answer = False
    heads = {k for k, (_, rule) in enumerate(pairwise(lines)) if rule[:1] in tuple("─╌═") and set(rule) <= set("─╌═")}
    for block in _blocks(lines, heads):
        if block[0] == "│ Answer":
            answer, block = True, block[1:]
        barred = [line.startswith("│") for line in block]
        if len(block) == 2 and not any(barred) and block[1][:1] in "─╌═":
            answer = False
            page.heading(block[0])
        elif block[0].startswith("│ ") and block[0] in ("│ Hint", "│ The rule", "│ Convention"):
            continue
        else:
            _block(page, [POINTS.sub("", line[2:] if bar else line) for line, bar in zip(block, barred, strict=True)],
                   answer and all(barred))
    return page


def _blocks(lines: list[str], heads: set[int]) -> list[list[str]]:
    """The lines between blank ones; of an answer a bar alone is blank, too."""
    found: list[list[str]] = [[]]
    for k, line in enumerate(lines):
        if k in heads or not line.strip("│ ") or line in ("│ Answer", "│ Hint", "│ The rule"):
            found.append([])
        if line.strip("│ "):
            found[-1].append(line)
    return [block for block in found if block]


def _block(page: Page, lines: list[str], answer: bool) -> None:
    """A formula with its reason, a table, bullets, or a paragraph."""
    lines = [line.rstrip() for line in lines if line.strip()]
    if any(set(line.strip()) <= set("─ ") for line in lines):
        rule = next(line for line in lines if set(line.strip()) <= set("─ "))
        starts = [m.start() for m in re.finditer("─+", rule)]
        for line in lines[lines.index(rule) + 1:]:
            if not line.startswith(IN + IN):
                for a, b in zip(starts[::2], starts[1::2], strict=False):
                    end = next((s for s in starts if s > b), None)
                    page.add(f"{line[a:b].strip()} | {line[b:end].strip()}", "row", answer)
        return
    open_, kind = "", "words"
    for line in lines:
        inside = line.strip()
        goes_on = inside.startswith(STARTS) or open_.endswith(("·", "and"))
        if line.startswith("  • "):
            page.add(open_, kind, answer)
            open_, kind = inside[2:], "words"
        elif line.startswith(IN + IN) and not (kind == "formula" and goes_on):
            if kind != "reason":
                page.add(open_, kind, answer)
                open_, kind = "", "reason"
            open_ += f" {inside}"
        elif line.startswith(IN) and kind != "reason" and (kind == "formula" or not open_):
            open_ += f" {inside}"
            kind = "formula"
        else:
            open_ += f" {inside}"
    page.add(open_, kind, answer)
