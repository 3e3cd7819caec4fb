"""What the inputs of a function are called: by its own parameters."""

from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from typing import Any

from jacobian.errors import InputError

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def names(f: Callable[..., Any], count: int) -> tuple[str, ...]:
    """The first `count` parameters of f; x, or x₀, x₁, …, where f has no names for them."""
    try:
        found = [p.name for p in signature(f).parameters.values()
                 if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        found = []
    return tuple(found[:count]) if len(found) >= count else plain("x", count)


def plain(letter: str, count: int) -> tuple[str, ...]:
    """x for one of them, x₀, x₁, … for several."""
    return tuple(f"{letter}{k}".translate(SUBSCRIPTS) for k in range(count)) if count != 1 else (letter,)


def chosen(given: Sequence[str], count: int) -> tuple[str, ...]:
    """The names that a user chose, or an InputError where they are not one for each input."""
    if isinstance(given, str) or not all(isinstance(name, str) for name in given) or len(given) != count:
        raise InputError(f"names must be {count} strings, one for each input; they are {given!r:.60}")
    return tuple(given)
