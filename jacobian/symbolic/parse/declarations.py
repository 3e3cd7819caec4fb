"""What is declared beside a text: symbols with sizes and assumptions, and functions without values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jacobian.errors import InputError
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.parse.tokens import Source
from jacobian.symbolic.symbols import symbol

FUNCTION = "function"


@dataclass(frozen=True)
class Declarations:
    """The symbols of "A: m n, x: n" by name, and the names of functions: "g: function"."""

    symbols: dict[str, Expr] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)


def declarations(text: Any) -> Declarations:
    """What a text declares. Raises InputError with the place of what cannot be read."""
    found = Declarations()
    if text is None or text == "":
        return found
    if not isinstance(text, str):
        raise InputError(f'shapes are declared in words, such as "A: m n, x: n, g: function", but {text!r} was given')
    source, start = Source(text), 0
    for part in text.split(","):
        place = start + len(part) - len(part.lstrip()), start + max(1, len(part.rstrip()))
        start += len(part) + 1
        try:
            _declare(part, found)
        except InputError as error:
            raise source.error(str(error), *place) from error
    return found


def _declare(part: str, found: Declarations) -> None:
    name, _, kind = (word.strip() for word in part.partition(":"))
    if name in found.symbols or name in found.functions:
        raise InputError(f"{name} is declared twice")
    if kind == FUNCTION and name.isidentifier():
        found.functions.append(name)
    else:
        made = symbol(part)
        found.symbols[str(made.label)] = made
