"""Rows of a table with their constants, in words: "adam", "adam:beta1=0.8,epsilon=1e-6"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

import jacobian as jac
from mlp.network import choose


def row(table: Mapping[str, type], kind: type, value: Any, what: str) -> Any:
    """The value, or the row that it names where it is a text. Raises InputError for what is neither."""
    if isinstance(value, str):
        return worded(table, value, what)
    if not isinstance(value, kind):
        raise jac.InputError(f"{what} is one of {', '.join(table)}, or made as {next(iter(table.values())).__name__}() "
                             f"is, but {value!r} was given")
    return value


def worded(table: Mapping[str, type], text: str, what: str) -> Any:
    """The row that the text names, made with the constants in it. Raises InputError for what cannot be."""
    name, colon, rest = text.partition(":")
    row = choose(table, name, what)
    known = {field.name: field.default for field in fields(row)}
    given: dict[str, float] = {}
    for part in rest.split(",") if colon else ():
        key, _, value = part.partition("=")
        if key.strip() not in known:
            raise jac.InputError(f"{what} {name!r} has no constant {key.strip()!r}: "
                                 + (f"it has {', '.join(known)}" if known else "it has none"))
        given[key.strip()] = _number(f"{key.strip()} of {name}", value)
    missing = [key for key, default in known.items() if default is MISSING and key not in given]
    if missing:
        raise jac.InputError(f"{what} {name!r} needs {missing[0]}: write {name}:{missing[0]}=…")
    return row(**given)


def _number(name: str, text: str) -> float:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise jac.InputError(f"{name} must be a number, but {text!r} was given")
