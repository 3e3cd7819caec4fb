"""Worksheets: a sheet for students and its key, from one document, in several formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral
from pathlib import Path
from typing import Any

from jacobian.errors import InputError
from jacobian.files import write, write_all
from jacobian.worksheet.answers.sheet import text_of
from jacobian.worksheet.conventions import conventions
from jacobian.worksheet.document import Block, Document, Exercise, Heading, Paragraph, Remark, credit
from jacobian.worksheet.formulas import Formula
from jacobian.worksheet.made import Choice, Made, Options
from jacobian.worksheet.mix import mix
from jacobian.worksheet.notation import notation
from jacobian.worksheet.plan import read
from jacobian.worksheet.practice.page import practice
from jacobian.worksheet.render.html import html
from jacobian.worksheet.render.latex import latex
from jacobian.worksheet.render.markdown import markdown
from jacobian.worksheet.render.marking import marking
from jacobian.worksheet.render.moodle import moodle
from jacobian.worksheet.render.notebook import notebook
from jacobian.worksheet.render.pdf import pdf
from jacobian.worksheet.render.seal import sealed
from jacobian.worksheet.render.text import text
from jacobian.worksheet.topics import TOPICS, offers
from jacobian.worksheet.typed import typed

# A row for each ending: how a document is written; those with pages are told the paper.
PAGED: dict[str, Callable[[Document, str], str | bytes]] = {"pdf": pdf, "tex": latex}
FORMATS: dict[str, Callable[..., str | bytes]] = {
    "html": html, "md": markdown, **PAGED, "ipynb": notebook, "txt": text, "xml": moodle, "json": marking,
    "practice": practice,
}
KEYED = {"json", "practice"}    # made of the key alone
TYPED = {"ipynb"}               # whose formulas are typed and judged
MARKED = {"xml", *TYPED, *KEYED}     # in which a program marks answers
USUAL = ("html", "md")          # what is written where no format is named
HINTS = ("none", "beside", "end")       # where hints stand on the sheet; on the key they stand beside


@dataclass(frozen=True)
class Worksheet:
    """A sheet and its key; `name` is the stem of its files, `hints` a place of HINTS."""

    name: str
    seed: int
    made: Made
    hints: str = "none"

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The questions with their answers, numbered."""
        return [sealed(replace(exercise, number=k), f"{self.name} {self.seed} {k}")
                for k, exercise in enumerate(self.made.exercises, 1)]

    @cached_property
    def sheet(self) -> Document:
        """For students: nothing of the answers is in it."""
        asked = [exercise.hinted() if self.hints == "beside" else exercise for exercise in self.exercises]
        return self._document([exercise.unanswered for exercise in asked], "", *self._hints(self.hints == "end"))

    @cached_property
    def key(self) -> Document:
        """The same with every answer."""
        return self._document([exercise.hinted(folded=False) for exercise in self.exercises], ": key")

    def _hints(self, wanted: bool) -> Iterator[Block]:
        """The hints of all questions together, each question under its number."""
        hinted = [exercise for exercise in self.exercises if exercise.hints]
        if wanted and hinted:
            yield Heading(1, ("Hints",))
            for exercise in hinted:
                yield Remark(f"{exercise.number} {exercise.title}", tuple(map(Paragraph, exercise.hints)), True)

    @property
    def conventions(self) -> Block:
        """Those of the questions alone, on the key, too: no sign tells of an answer, nor on a page made of the key."""
        asked = (block for exercise in self.exercises for block in exercise.question)
        return conventions((*self.made.introduction, *asked), self.made.notation, self.made.explained)

    def _document(self, exercises: list[Exercise], part: str, *more: Block) -> Document:
        points = credit(sum(exercise.points for exercise in exercises))
        return Document(
            title=self.made.title + part,
            subtitle=" · ".join((*self.made.about, f"seed {self.seed}", points)),
            language="en",
            blocks=(*self.made.introduction, self.conventions, *exercises, *more),
            footer=_footer(self.made),
        )

    def save(self, path: str | Path, *, key: bool = False, paper: str = "a4") -> Path:
        """Write the sheet (or its key) in the format of the file's ending: .html, .md, .pdf, …, a row of FORMATS each.

        The file is whole or not there. Raises InputError for an ending or a paper that is not known and a place that
        cannot be written, and MissingExtra where the format needs a package that is not installed.
        """
        path = Path(path)
        if path.suffix[1:] not in FORMATS:
            known = ", ".join(f".{ending}" for ending in FORMATS)
            raise InputError(f"{path.name} has no ending that is known: choose one of {known}")
        if path.suffix[1:] in KEYED and not key:
            raise InputError(f"{path.name}: {path.suffix} holds answers: it is a format of the key (key=True)")
        return write(path, self._written(key, path.suffix[1:], paper))

    def save_all(self, folder: str | Path, formats: Iterable[str] = USUAL, *, paper: str = "a4",
                 force: bool = False) -> list[Path]:
        """Sheet and key in each of the formats: all of these files or, with an InputError, none.

        A file that is there already is an InputError, and is overwritten by `force`.
        """
        chosen = known(formats)
        vacant([Path(folder) / name for name in names(self.name, chosen)], force)
        return write_all({Path(folder) / name: content for name, content in self.files(chosen, paper).items()})

    def files(self, formats: Iterable[str], paper: str) -> dict[str, str | bytes]:
        """The files of sheet and key by name."""
        return {name: self._written(key, ending, paper) for name, (key, ending) in names(self.name, formats).items()}

    @cached_property
    def typed(self) -> Worksheet:
        """The same worksheet with the seals of its formulas, which take their time."""
        return replace(self, made=replace(self.made, exercises=tuple(typed(self.exercises))))

    def _written(self, key: bool, ending: str, paper: str) -> str | bytes:
        made = self.typed if ending in TYPED else self
        return rendered(made.key if key else made.sheet, ending, paper)


def names(stem: str, formats: Iterable[str]) -> dict[str, tuple[bool, str]]:
    """The names of the files: whether each is a key, and its format; "practice" is a page, stem-practice.html."""
    wanted = ((key, ending) for key in (False, True) for ending in formats if key or ending not in KEYED)
    return {stem + ("-practice.html" if ending == "practice" else f"{'-key' if key else ''}.{ending}"): (key, ending)
            for key, ending in wanted}


def known(formats: Iterable[str]) -> list[str]:
    """The formats, each once. Raises InputError for one that is not known."""
    found = list(dict.fromkeys(formats))
    for ending in found:
        if ending not in FORMATS:
            raise InputError(f"the format {ending!r} is not known: choose from {', '.join(FORMATS)}")
    return found


def vacant(places: Iterable[Path], force: bool) -> None:
    """Raises InputError for a file that is there already, unless it may be overwritten."""
    there = next((path for path in places if path.is_file()), None)
    if there is not None and not force:
        raise InputError(f"{there} is there already: choose another folder, or overwrite it (--force)")


def rendered(document: Document, ending: str, paper: str) -> str | bytes:
    """The document in a format."""
    return PAGED[ending](document, paper) if ending in PAGED else FORMATS[ending](document)


def worksheet(*topics: str, seed: int = 0, hints: str = "none", layout: str = "", names: str = "", vec: str = "",
              level: str | int = "", count: int = 0, points: int = 0, title: str = "",
              stem: str = "", formulas: Iterable[Formula | str] = (), **options: Any) -> Worksheet:
    """The worksheet on a topic: worksheet("backprop", network="2-3-4-1", activation="relu", seed=7).

    Of several topics one sheet is made; `level`, 2 or "1-3", and `count` choose among their questions, and `points`
    are those of the whole sheet: worksheet("shapes", "chain-rule", "backprop", level="1-3", count=12, points=40).
    `formulas` are for matrix-calculus, which makes questions of all kinds that fit from each: text, or a `Formula`
    with its shapes and variables. `network`, `activation`, `loss`, and for a batch of samples `batch`, their number,
    and `samples`, "rows" or "columns", are for back-propagation. `hints` stand "beside" the questions or at the "end"
    of the sheet. The notation is that of the whole sheet, its key and its grading: `layout` of derivatives "mixed",
    "numerator" or "denominator", `vec` of the "rows" or "columns", `names` such as "z=h, a=y, delta=∂L/∂z". `title`
    stands above the sheet and `stem` is that of its files, instead of what its topics are called. The same options
    give the same files, byte for byte. Raises InputError for what is not known, for networks and formulas that
    cannot be, and where no small numbers were found.
    """
    _possible(seed, hints)
    topics = topics or (("matrix-calculus",) if formulas else ())
    if not topics:
        raise InputError(f"a worksheet is about a topic: choose from {', '.join(TOPICS)}")
    chosen = Options(int(seed), notation=notation(layout, vec, names), formulas=tuple(formulas), **options)
    made = mix(offers(topics, chosen), Choice(str(level), count, points), title)
    return Worksheet(stem or "+".join(dict.fromkeys(topics)), int(seed), made, hints)


def worksheet_from(path: str | Path, *, seed: int = 0, hints: str = "none", layout: str = "", names: str = "",
                   vec: str = "", level: str | int = "", count: int = 0, points: int = 0) -> Worksheet:
    """The worksheet of a teacher's own plan, a TOML file as `jacobian.worksheet.plan` describes it.

    Raises InputError with the place of what cannot be read.
    """
    _possible(seed, hints)
    chosen = Options(int(seed), notation=notation(layout, vec, names))
    made = read(text_of(path), str(path)).make(chosen, Choice(str(level), count, points))
    return Worksheet(Path(path).stem, int(seed), made, hints)


def _possible(seed: int, hints: str) -> None:
    if not isinstance(seed, Integral) or seed < 0:
        raise InputError(f"a seed is a whole number from 0 on, but {seed!r} was given")
    if hints not in HINTS:
        raise InputError(f"hints stand at one of {', '.join(HINTS)}, but {hints!r} was given")


def _footer(made: Made) -> str:
    """What was checked, and what was too large for SymPy or too small for numbers that teach."""
    said = ("Every derivative on this sheet agrees with the complex step at random sizes, and at small sizes with what "
            "SymPy finds for entries drawn at random; every gradient agrees once more at these numbers.")
    but = (*made.limits, *(() if made.tells else ("some misconceptions give right numbers in a network so small",)))
    return f"{said} But {'; '.join(but)}." if but else said
