"""One result in many notations. A new one is a function from a derivation to a View, and its row in VIEWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import signature
from typing import TYPE_CHECKING, Any

from jacobian.derivation.views.explicit import explicit
from jacobian.derivation.views.forward import forward
from jacobian.derivation.views.index import index
from jacobian.derivation.views.kronecker import kronecker
from jacobian.derivation.views.matrix import code, differential, matrix, plain
from jacobian.derivation.views.steps import steps
from jacobian.derivation.views.view import Printed
from jacobian.errors import InputError

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation

VIEWS: dict[str, Callable[..., Printed]] = {
    "steps": steps, "forward": forward, "matrix": matrix, "differential": differential, "kronecker": kronecker,
    "index": index, "explicit": explicit, "code": code, "plain": plain,
}


def view(derivation: Derivation, name: str, options: Mapping[str, Any]) -> Printed:
    """The view of that name. Raises InputError for one, or for an option, that is not known, with those that are."""
    if name not in VIEWS:
        raise InputError(f"the view {name!r} is not known: choose {', '.join(map(repr, VIEWS))}")
    taken = _options(VIEWS[name])
    unknown = [option for option in options if option not in taken]
    if unknown:
        raise InputError(f"the view {name!r} has no option {unknown[0]!r}: "
                         f"{'it takes ' + ', '.join(taken) if taken else 'it takes none'}")
    return VIEWS[name](derivation, **options)


@cache
def _options(row: Callable[..., Printed]) -> list[str]:
    return list(signature(row).parameters)[1:]
