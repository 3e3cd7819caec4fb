"""Many sheets of one topic, equally hard, that differ in their numbers, and a booklet of all of them."""

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
from jacobian.worksheet.sheet import FORMATS, MARKED, PAGED, USUAL, Worksheet, known, names, rendered, vacant

Given = TypeVar("Given")
Result = TypeVar("Result")
MOST = 10_000
SPARE = 1.25        # times as many are drawn, and the hardest and the easiest are left out
SHORT = 4           # entries of an answer that stands in the table of the booklet
COLUMNS = 5         # of answers in it
BOOKLETS = [ending for ending in FORMATS if ending not in MARKED]       # formats to be read by a person


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

    @property
    def candidates(self) -> range:
        return range(self.seed, self.seed + ceil(self.count * SPARE))

    def save_all(self, folder: str | Path, formats: Iterable[str] = USUAL, *, paper: str = "a4",
                 force: bool = False) -> list[Path]:
        """backprop-7.pdf and backprop-7-key.pdf for seed 7, and so on, and the booklet backprop-variants.pdf.

        So in each of the formats: all of these files or, with an InputError, none. Those that are there already are
        overwritten by `force`.
        """
        endings = known(formats)
        booklets = {f"{self.first.name}-variants.{ending}": ending for ending in endings if ending in BOOKLETS}
        files = [name for seed in self.candidates for name in names(f"{self.first.name}-{seed}", endings)]
        vacant([Path(folder) / name for name in (*booklets, *files)], force)
        made = list(self._each("Making sheets", partial(_variant, self.make, endings, paper), self.candidates))
        chosen = [made[k] for k in alike([variant.effort for variant in made], self.count)]
        documents = {name: (variant.key if key else variant.sheet, ending) for variant in chosen
                     for name, (key, ending) in names(f"{self.first.name}-{variant.seed}", endings).items()}
        documents |= {name: (self.booklet(chosen, ending in PAGED), ending) for name, ending in booklets.items()}
        marked = {name: content for variant in chosen for name, content in variant.files.items()}
        left = [name for name in reversed(documents) if name not in marked]         # the longest ones, booklets, first
        written = self._each("Writing files", partial(_written, paper), [documents[name] for name in left])
        contents = marked | dict(zip(left, written, strict=True))
        return write_all({Path(folder) / name: contents[name] for name in documents})

    def booklet(self, chosen: Sequence[Variant], whole: bool) -> Document:
        """A cover that says what was made and how alike it is, the answers by seed, and all sheets where `whole`."""
        first = chosen[0]
        shared = [name for name in first.answers if all(name in other.answers for other in chosen)][-COLUMNS:]
        counts = tuple(((name,), (f"{mean:.1f}",), (f"{deviation:.1f}",))
                       for name, mean, deviation in spread([variant.effort for variant in chosen]))
        answers = tuple(((str(variant.seed),), *((_short(variant.answers[name]),) for name in shared))
                        for variant in chosen)
        behind = [block for variant in chosen if whole for block in (
            Break(), Heading(1, (variant.sheet.title,)), Paragraph((variant.sheet.subtitle,)), *variant.sheet.blocks)]
        return Document(
            title=f"{self.first.made.title}: {self.count} variants",
            subtitle=" · ".join((*self.first.made.about, f"seeds {first.seed} to {chosen[-1].seed}")),
            language="en",
            blocks=(
                Paragraph((f"{self.count} sheets that differ in their numbers. {len(self.candidates)} were made, and "
                           f"the hardest and the easiest were left out. {_tells(chosen)}",)),
                Heading(1, ("How much work a sheet is",)),
                Table((("in the answers",), ("mean",), ("standard deviation",)), counts),
                Heading(1, ("Answers",)),
                Table((("seed",), *((first.answers[name].box,) for name in shared)), answers),
                *behind,
            ),
            footer=self.first.key.footer,
        )

    def _each(self, words: str, work: Callable[[Given], Result], given: Sequence[Given]) -> Iterator[Result]:
        """The work on all that is given, in turn, with a bar on a terminal."""
        done = self.executor.map(work, given) if self.executor else map(work, given)
        console = Console(stderr=True)
        return iter(track(done, words, len(given), console=console, transient=True,
                          disable=not (self.progress and console.is_terminal)))


@dataclass(frozen=True)
class Variant:
    """The sheet and the key of a seed, its short answers, the last of each question, and how much work it is.

    Its numbers `tell` misconceptions from right formulas, or not. What a program marks is in its `files` alone.
    """

    seed: int
    sheet: Document
    key: Document
    files: dict[str, str | bytes]
    answers: dict[str, Value]
    effort: Effort
    tells: bool


def _variant(make: Callable[..., Worksheet], formats: Sequence[str], paper: str, seed: int) -> Variant:
    made = make(seed=seed)
    answers = {}
    for exercise in made.exercises:
        short = [value for value in values(exercise.answer or ()) if len(value.numbers) <= SHORT]
        if short:
            answers[f"{exercise.number} {short[-1].name}"] = short[-1]
    marked = [ending for ending in formats if ending in MARKED]
    files = replace(made, name=f"{made.name}-{seed}").files(marked, paper)
    return Variant(seed, made.sheet, made.key.unmarked, files, answers, effort(made.exercises), made.made.tells)


def _tells(chosen: Sequence[Variant]) -> str:
    """On which sheets no misconception gives a right number."""
    silent = [str(variant.seed) for variant in chosen if not variant.tells]
    if len(silent) == len(chosen):
        return ("On each of them a misconception of the table of mistakes gives a right number: the network is too "
                "small to tell them all from what is right.")
    where = f"On all of them but those of the seeds {', '.join(silent)}" if silent else "On all of them"
    return (f"{where} no misconception of the table of mistakes gives a right number, unless it does so with any "
            "numbers.")


def _written(paper: str, made: tuple[Document, str]) -> str | bytes:
    document, ending = made
    return rendered(document, ending, paper)


def _short(value: Value) -> str:
    """3, or (1, −2): a matrix row after row."""
    entries = ", ".join(entry for row in value.rows for entry in row).replace("-", "−")
    return entries if value.scalar else f"({entries})"
