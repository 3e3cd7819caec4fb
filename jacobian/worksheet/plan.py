"""A teacher's sheet as TOML: topics, formulas and questions of his own, and which of them are asked.

    title = "Sheet 3"
    topics = ["shapes", "chain-rule", "backprop"]
    level = "1-3"
    count = 12
    points = 40

    [[formula]]                     # questions of every kind that fits
    formula = "norm2(A*x - b)^2"
    by = "x"

    [[question]]                    # one question, as `jacobian.worksheet.set` describes it
    kind = "blank"
    formula = "z = W*x + b; a = tanh(z); norm2(a - t)^2/2"
    by = "W"
    blank = [1, 3]

All of it may be left out but something to ask. Without topics and formulas every question is asked; `jacobian worksheet
--example` prints a file with everything in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from importlib.resources import files

from jacobian.errors import InputError
from jacobian.worksheet.formulas import Formula, offer
from jacobian.worksheet.made import Choice, Made, Offer, Options
from jacobian.worksheet.mix import mix
from jacobian.worksheet.notation import notation
from jacobian.worksheet.set import Set, filled, loaded, set_of, tables
from jacobian.worksheet.topics import offers

NETWORK = ("network", "activation", "loss", "batch", "samples")
EXAMPLE = "example.toml"
ALL = Choice()


@dataclass(frozen=True)
class Head:
    """What stands before the questions; the network is that of the topic backprop."""

    title: str = ""
    about: str = ""
    topics: tuple[str, ...] = ()
    level: str = ""
    count: int = 0
    points: int = 0
    layout: str = ""
    names: str = ""
    vec: str = ""
    network: str = ""
    activation: str = ""
    loss: str = ""
    batch: int = 0
    samples: str = ""


@dataclass(frozen=True)
class Plan:
    """A sheet before its seed is known; `where` is the file, for messages."""

    where: str
    head: Head
    own: Set
    formulas: tuple[Formula, ...]

    def make(self, options: Options, choice: Choice = ALL) -> Made:
        """The sheet; what is chosen here goes before what the file chooses. Raises InputError with the place."""
        said = {key: value for key in NETWORK if (value := getattr(self.head, key))}
        options = replace(options, **said, notation=options.notation.over(self.own.notation))
        chosen = Choice(*(getattr(choice, field.name) or getattr(self.head, field.name) for field in fields(Choice)))
        try:
            return mix(list(self._offers(options)), chosen, self.head.title, self.head.about)
        except InputError as error:
            place = "" if str(error).startswith(self.where) else f"{self.where}: "
            raise InputError(f"{place}{error}") from error

    def _offers(self, options: Options) -> Iterator[Offer]:
        yield from offers(self.head.topics, options)
        if self.formulas:
            yield offer(self.formulas, options)
        if self.own.rows:
            yield self.own.offer(options)


def read(text: str, where: str) -> Plan:
    """The plan of a TOML text. Raises InputError with the place of what is wrong."""
    data = loaded(text, where)
    level = data.get("level", "")
    head = {key: value for key, value in data.items() if key not in ("question", "formula")}
    if type(level) is int:
        head["level"] = str(level)
    said = filled(Head, head, where, "a sheet, beside [[question]] and [[formula]],")
    try:
        written = notation(said.layout, said.vec, said.names)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    own = set_of(data, where, written)
    formulas = tuple(filled(Formula, part, f"{where}, formula {k}", "a formula", ("formula",))
                     for k, part in enumerate(tables(data, "formula", where), 1))
    if not (own.rows or formulas or said.topics):
        raise InputError(f"{where} has no question: write [[question]], and below it kind and formula, or "
                         'topics = ["shapes"]')
    return Plan(where, said, own, formulas)


def example() -> str:
    """A file with everything that may stand in it, and what it means."""
    return files("jacobian.worksheet").joinpath(EXAMPLE).read_text("utf-8")
