"""The topics: what makes the sheet of each; all but back-propagation are sets of questions, a file each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.resources import files

from jacobian.worksheet.backprop import topic as backprop
from jacobian.worksheet.made import Made, Options
from jacobian.worksheet.set import Set, read

ENDING = ".toml"


def read_topic(name: str) -> Set:
    """The questions of a topic."""
    return read(files(__name__).joinpath(name + ENDING).read_text("utf-8"), f"the topic {name}")


def _set(name: str, options: Options) -> Made:
    return read_topic(name).make(options)


SETS = sorted(path.name.removesuffix(ENDING) for path in files(__name__).iterdir() if path.name.endswith(ENDING))
TOPICS: dict[str, Callable[[Options], Made]] = {"backprop": backprop.make,
                                                **{name: partial(_set, name) for name in SETS}}
