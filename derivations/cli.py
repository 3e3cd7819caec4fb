"""The command line: the claims of the notes, the verdict on each, and what is derived in its place."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

import jacobian as jac
from derivations.claim import Claim
from derivations.pages import page, pages

EXAMPLES = """examples:
  python -m derivations              every claim of the notes, with its verdict and its correction
  python -m derivations --seed 5     the same, and every verdict tried again with other random numbers
  python -m derivations 07           the page on back-propagation in full

The exit status is 0 if every verdict is what its evidence shows, 1 if one is not, 2 for a page that is not there.
"""
COLOURS = {"right": "green", "wrong": "red", "ambiguous": "yellow"}


def parser() -> jac.Parser:
    found = jac.Parser(prog="python -m derivations", description="The notes on back-propagation, claim by claim.",
                   epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("page", nargs="?", metavar="PAGE", help="a page to print in full, 01 to 08")
    found.add_argument("--seed", type=int, default=0, metavar="N", help="random numbers of the second look (default 0)")
    return found


def table(claims: Sequence[Claim]) -> Table:
    """A row for each claim; the reason and the correction where it is not simply right."""
    rows = Table("claim", "what the notes say", "verdict", "why, and what is derived", title="The claims of the notes",
                 caption="in brackets the number of the equation, counted from the top of the notes", show_lines=True)
    rows.columns[0].no_wrap = rows.columns[2].no_wrap = True
    rows.columns[1].ratio, rows.columns[3].ratio = 2, 3
    for claim in claims:
        verdict, why = claim.verdict, "" if claim.verdict == "right" else _why(claim)
        rows.add_row(*map(Text, (claim.title, claim.says)), Text(verdict, COLOURS[verdict]), Text(why))
    return rows


def _why(claim: Claim) -> str:
    return "\n".join([*claim.summary(), f"⇒ {claim.correct.text()}"])


def report(seed: int) -> int:
    """Print the table and whether each verdict is what its evidence shows; returns the exit status."""
    progress = track(pages(), "working out the pages", console=Console(stderr=True), transient=True,
                     disable=not sys.stderr.isatty())
    claims: list[Claim] = []
    problems: list[str] = []
    for one in progress:
        claims += one.claims
        problems += [problem for claim in one.claims for problem in claim.problems(seed)]
    console = Console()
    with console.capture() as shown:
        console.print(table(claims))
    print(shown.get(), end="")
    counts = Counter(claim.verdict for claim in claims)
    print(f"{len(claims)} claims: " + ", ".join(f"{counts[verdict]} {verdict}" for verdict in COLOURS))
    print(*(problems or ["every verdict is what its evidence shows"]), sep="\n")
    return 1 if problems else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Bad input is an InputError."""
    options = parser().parse_args(arguments)
    if options.seed < 0:
        raise jac.InputError(f"a seed is 0 or a positive whole number, but {options.seed} was given")
    if options.page is None:
        return report(options.seed)
    print(page(options.page).output, end="")
    return 0
