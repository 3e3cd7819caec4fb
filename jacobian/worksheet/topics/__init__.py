"""The topics: what each offers to ask; all but back-propagation and formulas are sets of questions, a file each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib.resources import files

from jacobian.errors import InputError
from jacobian.worksheet.backprop import topic as backprop
from jacobian.worksheet.formulas import USUAL, offer
from jacobian.worksheet.made import Offer, Options
from jacobian.worksheet.set import Set, loaded, nearest, set_of

ENDING = ".toml"


def read_topic(name: str) -> Set:
    """The questions of a topic."""
    where = f"the topic {name}"
    return set_of(loaded(files(__name__).joinpath(name + ENDING).read_text("utf-8"), where), where)


def _set(name: str, options: Options) -> Offer:
    return read_topic(name).offer(options)


def _formulas(options: Options) -> Offer:
    return offer(options.formulas or USUAL, options)


SETS = sorted(path.name.removesuffix(ENDING) for path in files(__name__).iterdir() if path.name.endswith(ENDING))
TOPICS: dict[str, Callable[[Options], Offer]] = {
    "backprop": backprop.offer, **{name: partial(_set, name) for name in SETS}, "matrix-calculus": _formulas,
}


def offers(topics: Iterable[str], options: Options) -> list[Offer]:
    """What the topics offer. Raises InputError for one that is not known."""
    found = list(dict.fromkeys(topics))
    for topic in found:
        if topic not in TOPICS:
            raise InputError(f"the topic {topic!r} is not known{nearest(topic, TOPICS)}: choose one of "
                             f"{', '.join(TOPICS)}")
    return [TOPICS[topic](options) for topic in found]


def described(topics: Sequence[str] = tuple(TOPICS)) -> list[tuple[str, str, str, str]]:
    """The name, a line, the levels and the kinds of each topic."""
    return [(name, ": ".join(filter(None, (offer.title, ", ".join(offer.about)))),
             f"{min(e.level for e in offer.entries)}-{max(e.level for e in offer.entries)}",
             ", ".join(dict.fromkeys(entry.kind for entry in offer.entries)))
            for name, offer in zip(topics, offers(topics, Options()), strict=True)]
