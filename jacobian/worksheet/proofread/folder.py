"""A folder of produced files: each that can be read again is checked, of the others a sibling that says the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from jacobian.errors import InputError
from jacobian.worksheet.answers.sheet import text_of
from jacobian.worksheet.proofread.check import check
from jacobian.worksheet.proofread.claims import Fault, Tally
from jacobian.worksheet.proofread.node import Unread
from jacobian.worksheet.proofread.page import Exercise, Page
from jacobian.worksheet.proofread.read.html import html
from jacobian.worksheet.proofread.read.latex import latex
from jacobian.worksheet.proofread.read.markdown import markdown
from jacobian.worksheet.proofread.read.notebook import notebook
from jacobian.worksheet.proofread.read.text import text

# A row for each ending that is read; the others have siblings.
READ: dict[str, Callable[[str], Page]] = {
    ".html": html, ".md": markdown, ".txt": text, ".tex": latex, ".ipynb": notebook,
}
UNREAD = (".pdf", ".xml", ".json")
ASIDE = {                       # ends of names, and why what is called so is not read
    "-variants": "is the booklet of these sheets, made with their keys, which were checked; its table is not read",
    "-practice": "asks what the key does, and holds no answer that could be read",
}


@dataclass(frozen=True)
class Checked:
    """A file with what was compared in it."""

    path: Path
    tally: Tally


def verify(folder: str | Path,
           through: Callable[[list[Path]], Iterable[Path]] = iter) -> tuple[list[Checked], list[str]]:
    """Every file of the folder that can be read, checked, and a sentence for each that cannot.

    Raises InputError for a folder that is not there, and where nothing in it is a worksheet.
    """
    paths = _files(Path(folder))
    kept = [path for path in paths if path.suffix in READ and not _aside(path)]
    if not kept:
        raise InputError(f"{folder} holds no worksheet that can be read again: write one of {', '.join(READ)} beside "
                         f"{paths[0].name}")
    notes = [_sibling(path, kept) for path in paths if path not in kept]
    pages = {path: page_of(path) for path in kept}
    found = []
    for path in through(kept):
        tally = check(pages[path])
        key = path.with_name(f"{path.stem}-key{path.suffix}")
        tally.faults += unlike(pages[path], pages[key], key.name) if key in pages else []
        found.append(Checked(path, tally))
    return found, notes


def unlike(sheet: Page, key: Page, name: str) -> list[Fault]:
    """What a sheet asks, and its key does not: formulas and numbers of a question that differ."""
    found = []
    for asked, answered in zip_longest(sheet.exercises, key.exercises, fillvalue=Exercise(0, "")):
        lines = [[line.text for line in one.lines if line.kind == "formula" and not line.answer]
                 for one in (asked, answered)]
        found += [Fault(asked.number, asked.title, mine, f"but {name} asks {theirs or 'nothing there'}")
                  for mine, theirs in zip_longest(*lines, fillvalue="") if mine != theirs]
    return found


def page_of(path: Path) -> Page:
    """What stands in a file. Raises InputError where it is no worksheet."""
    try:
        source = text_of(path)
        page = READ[path.suffix](source)
    except (Unread, IndexError, StopIteration, AttributeError) as error:
        raise InputError(f"{path} is damaged, or no worksheet of this program: {error}") from error
    if len(page.exercises) < 2:
        raise InputError(f"{path} is damaged, or no worksheet of this program: it has no question with a number")
    return replace(page, said=" ".join(re.sub("[│>]", " ", source).split()))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: give the one in which the worksheets are")
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise InputError(f"{folder} is empty: give the folder in which the worksheets are")
    foreign = next((path for path in paths if path.suffix not in READ and path.suffix not in UNREAD), None)
    if foreign:
        raise InputError(f"{foreign} is no worksheet: take it out of the folder, or give another folder")
    return paths


def _aside(path: Path) -> str:
    return next((why for end, why in ASIDE.items() if path.stem.endswith(end)), "")


def _sibling(path: Path, kept: list[Path]) -> str:
    """Where the same stands that a file says."""
    if why := _aside(path):
        return f"{path.name} {why}"
    other = next((one for one in kept if one.stem == path.stem), None)
    return f"{path.name} is not read again here; " + (
        f"{other.name} was made with it, and was checked" if other else
        f"write it as {', '.join(READ)} too, and that will be checked")
