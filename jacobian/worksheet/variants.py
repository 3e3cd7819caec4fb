"""Many sheets of one topic, equally hard, that differ in their numbers; and a booklet of all of them for the teacher."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import ceil
from numbers import Integral
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from jacobian.errors import InputError
from jacobian.files import write_all
from jacobian.worksheet.document import Break, Document, Heading, Paragraph, Table
from jacobian.worksheet.effort import Effort, alike, effort, spread
from jacobian.worksheet.render.values import Value, values
from jacobian.worksheet.sheet import FORMATS, PAGED, USUAL, Worksheet, known, names, rendered, vacant

MOST = 10_000
SPARE = 1.25        # times as many are drawn, and the hardest and the easiest are left out
SHORT = 4           # entries of an answer that stands in the table of the booklet
COLUMNS = 5         # of answers in it
BOOKLETS = [ending for ending in FORMATS if ending not in {"ipynb", "xml", "json"}]     # formats to be read by a person

Made = TypeVar("Made")


@dataclass(frozen=True)
class Variants:
    """So many worksheets: `make(seed=7)` is that of seed 7, and candidates are the seeds from `seed` on.

    Variants(partial(jac.worksheet, "backprop", network="2-3-4-1"), 200).save_all("sheets", ["pdf"]). An `executor` of
    concurrent.futures makes several at once; the files are the same ones, byte for byte.
    """

    make: Callable[..., Worksheet]
    count: int
    seed: int = 0
    executor: Executor | None = None
    progress: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.count, Integral) or not 1 <= self.count <= MOST:
            raise InputError(f"the number of variants is from 1 to {MOST}, but {self.count!r} was given")
        self.first      # noqa: B018 (what cannot be made is said at once)

    @cached_property
    def first(self) -> Worksheet:
        return self.make(seed=self.seed)

    @cached_property
    def chosen(self) -> dict[int, Effort]:
        """The seeds, and how much work their sheets are: of all candidates those nearest to the median one."""
        seeds = range(self.seed, self.seed + ceil(self.count * SPARE))
        efforts = list(self._each("Drawing numbers", partial(_weighed, self.make), seeds))
        return {seeds[k]: efforts[k] for k in alike(efforts, self.count)}

    def save_all(self, folder: str | Path, formats: Iterable[str] = USUAL, *, paper: str = "a4",
                 force: bool = False) -> list[Path]:
        """backprop-7.pdf and backprop-7-key.pdf for seed 7, and so on, and the booklet backprop-variants.pdf.

        So in each of the formats: all of these files or, with an InputError, none. Those that are there already are
        overwritten by `force`.
        """
        endings = known(formats)
        booklets = {f"{self.first.name}-variants.{ending}": ending for ending in endings if ending in BOOKLETS}
        files = [name for seed in self.chosen for name in names(_stem(self.first, seed), endings)]
        vacant([Path(folder) / name for name in (*booklets, *files)], force)
        contents: dict[str, str | bytes] = {}
        answers: list[dict[str, Value]] = []
        sheets: list[Document] = []
        for files_, sheet, row in self._each("Writing sheets", partial(_written, self.make, endings, paper),
                                             list(self.chosen)):
            contents |= files_
            answers.append(row)
            sheets.append(sheet)
        contents |= {name: rendered(self.booklet(answers, sheets if ending in PAGED else []), ending, paper)
                     for name, ending in booklets.items()}
        return write_all({Path(folder) / name: content for name, content in contents.items()})

    def booklet(self, answers: Sequence[dict[str, Value]], sheets: Sequence[Document]) -> Document:
        """A cover that says what was made and how alike it is, the answers by seed, and the sheets behind it."""
        shared = [name for name in answers[0] if all(name in row for row in answers)][-COLUMNS:]
        counted = tuple(((name,), (f"{mean:.1f}",), (f"{deviation:.1f}",))
                        for name, mean, deviation in spread(list(self.chosen.values())))
        table = tuple(((str(seed),), *((_short(row[name]),) for name in shared))
                      for seed, row in zip(self.chosen, answers, strict=True))
        behind = [block for sheet in sheets for block in (
            Break(), Heading(1, (sheet.title,)), Paragraph((sheet.subtitle,)), *sheet.blocks)]
        return Document(
            title=f"{self.first.made.title}: {self.count} variants",
            subtitle=" · ".join((*self.first.made.about, f"seeds {min(self.chosen)} to {max(self.chosen)}")),
            language="en",
            blocks=(
                Paragraph((f"{self.count} sheets that differ in their numbers. {ceil(self.count * SPARE)} were drawn, "
                           "and the hardest and the easiest were left out. In none of them does a misconception of "
                           "the table of mistakes give a right number, unless it does so with any numbers.",)),
                Heading(1, ("How much work a sheet is",)),
                Table((("in the answers",), ("mean",), ("standard deviation",)), counted),
                Heading(1, ("Answers",)),
                Table((("seed",), *((answers[0][name].box,) for name in shared)), table),
                *behind,
            ),
            footer=self.first.key.footer,
        )

    def _each(self, words: str, work: Callable[[int], Made], seeds: Sequence[int]) -> Iterator[Made]:
        """The work on each seed, in turn, with a bar on a terminal."""
        done = self.executor.map(work, seeds, chunksize=4) if self.executor else map(work, seeds)
        console = Console(stderr=True)
        return iter(track(done, words, len(seeds), console=console, transient=True,
                          disable=not (self.progress and console.is_terminal)))


def _stem(made: Worksheet, seed: int) -> str:
    return f"{made.name}-{seed}"


def _weighed(make: Callable[..., Worksheet], seed: int) -> Effort:
    return effort(make(seed=seed).exercises)


def _written(make: Callable[..., Worksheet], formats: Sequence[str], paper: str,
             seed: int) -> tuple[dict[str, str | bytes], Document, dict[str, Value]]:
    """The files of a seed, its sheet, and its short answers: the last of each question."""
    made = make(seed=seed)
    answers = {}
    for exercise in made.exercises:
        short = [value for value in values(exercise.answer or ()) if len(value.numbers) <= SHORT]
        if short:
            answers[f"{exercise.number} {short[-1].name}"] = short[-1]
    return replace(made, name=_stem(made, seed)).files(formats, paper), made.sheet, answers


def _short(value: Value) -> str:
    """3, or (1, −2): a matrix row after row."""
    entries = ", ".join(entry for row in value.rows for entry in row).replace("-", "−")
    return entries if value.scalar else f"({entries})"
