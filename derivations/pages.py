"""The pages, found by the two digits that their names begin with, and run from top to bottom."""

from __future__ import annotations

import io
import runpy
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import jacobian as jac
from derivations.claim import Claim


@dataclass(frozen=True)
class Page:
    """A file such as 07_backpropagation.py: its number, and what running it prints and claims."""

    path: Path

    @property
    def number(self) -> str:
        return self.path.name[:2]

    @property
    def output(self) -> str:
        return _run(self.path)[0]

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims in the order in which the page makes them."""
        return _run(self.path)[1]


def _printed_and_claimed(path: Path) -> tuple[str, tuple[Claim, ...]]:
    with redirect_stdout(io.StringIO()) as printed:
        names = runpy.run_path(str(path), run_name=path.stem)
    return printed.getvalue(), tuple(value for value in names.values() if isinstance(value, Claim))


_run: Callable[[Path], tuple[str, tuple[Claim, ...]]] = lru_cache(maxsize=None)(_printed_and_claimed)


def pages() -> tuple[Page, ...]:
    """All pages in their order."""
    return tuple(map(Page, sorted(Path(__file__).parent.glob("[0-9][0-9]_*.py"))))


def page(name: str) -> Page:
    """The page with this number, such as 07 or 7, or this file name. Raises InputError that lists the pages."""
    wanted = name.strip().removesuffix(".py")
    for found in pages():
        if wanted in (found.path.stem, found.number, found.number.lstrip("0")):
            return found
    raise jac.InputError(f"there is no page {name!r}: choose one of {', '.join(one.number for one in pages())}")
