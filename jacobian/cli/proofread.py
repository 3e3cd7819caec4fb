"""jacobian worksheet --verify DIR: what was compared in each file, and what does not agree."""

from __future__ import annotations

from rich.console import Console
from rich.progress import track

from jacobian.cli.grade import plain
from jacobian.worksheet.proofread.folder import Checked, verify

HEADS = ("questions", "formulas", "largest error", "numbers", "largest rounding")


def proofread(folder: str) -> int:
    """Print the faults, then a table; 1 where there are any."""
    console = Console(stderr=True)
    found, notes = verify(folder, lambda paths: track(paths, "checking", console=console, transient=True,
                                                      disable=not console.is_terminal))
    for one in found:
        for fault in one.tally.faults:
            where = f"{one.path.name}, question {fault.exercise} {fault.title}" if fault.exercise else one.path.name
            print(f"{plain(where)}: {plain(fault.line)}\n    {plain(fault.said)}")
    print(_table(found))
    for note in notes:
        print(plain(note))
    wrong = sum(len(one.tally.faults) for one in found)
    if wrong:
        print(f"{wrong} {'line does' if wrong == 1 else 'lines do'} not agree with the differences.")
    return int(bool(wrong))


def _table(found: list[Checked]) -> str:
    """A line for each file."""
    rows = [(plain(one.path.name).plain, str(one.tally.exercises), str(one.tally.formulas),
             f"{one.tally.formula_error:.0e}", str(one.tally.numbers), f"{one.tally.number_error:.0e}")
            for one in found]
    width = max(len(row[0]) for row in rows)
    return "\n".join("  ".join((f"{name:{width}}", *(f"{cell:>{len(head)}}" for cell, head in zip(
        cells, HEADS, strict=True)))) for name, *cells in (("file", *HEADS), *rows))
