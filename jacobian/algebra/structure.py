"""What a map is made of: entries, sizes, indices and other maps, told apart by the annotations of its fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from inspect import get_annotations
from operator import is_
from typing import Any, Self

from jacobian.algebra.entries import Entry, Size, same

ROLES = ("Entry", "Size", "Index", "Jacobian", "Jacobians")


@cache
def _roles(kind: Any) -> tuple[tuple[str, str], ...]:
    return tuple((f.name, str(f.type)) for f in fields(kind))


class Structure:
    """A frozen dataclass each field of which is annotated, as a string, with one of ROLES. Raises TypeError if not."""

    shape: Any

    def __init_subclass__(cls) -> None:
        for name, role in get_annotations(cls).items():
            if role not in ROLES and not str(role).startswith("ClassVar"):
                raise TypeError(f"{cls.__name__}.{name} is annotated {role!r}, but a field of a kind is one of "
                                f"{', '.join(ROLES)}, under `from __future__ import annotations`")

    def parts(self) -> list[tuple[str, str, Any]]:
        """(name, role, value) of each field."""
        return [(name, role, getattr(self, name)) for name, role in _roles(type(self))]  # type: ignore[arg-type]

    def maps(self) -> list[Any]:
        """The maps inside, one level down."""
        return [J for _, role, value in self.parts() for J in {"Jacobian": (value,), "Jacobians": value}.get(role, ())]

    def gather(self, wanted: str) -> list[Any]:
        """All values of a role, those of maps inside included."""
        found = [value for _, role, value in self.parts() if role == wanted]
        return found + [value for J in self.maps() for value in J.gather(wanted)]

    def entries(self) -> list[Entry]:
        """All entries, those of maps inside included."""
        return self.gather("Entry")

    def map(self, f: Callable[[Entry], Entry], sizes: Callable[[Size], Size] = lambda n: n) -> Self:
        """The same structure with entries f(entry) (and sizes(size), where symbolic sizes get their values)."""
        parts = self.parts()
        changed = [_CHANGED[role](value, f, sizes) for _, role, value in parts]
        return self if all(new is value for new, (*_, value) in zip(changed, parts, strict=True)) else \
            type(self)(*changed)

    def equals(self, other: Structure) -> bool:
        """Whether both are of one kind with equal entries, NaN equal to NaN (not: whether both are the same map)."""
        if self is other:
            return True
        if type(self) is not type(other):
            return False
        return all(_ALIKE[role](a, b) for (_, role, a), (_, _, b) in zip(self.parts(), other.parts(), strict=True))

    def __repr__(self) -> str:
        inside = ", ".join(map(repr, self.maps()))
        return f"{type(self).__name__} {self.shape[0]}×{self.shape[1]}" + (f" ({inside})" if inside else "")


_CHANGED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "Entry": lambda entry, f, sizes: f(entry), "Size": lambda n, f, sizes: sizes(n), "Index": lambda p, f, sizes: p,
    "Jacobian": lambda J, f, sizes: J.map(f, sizes),
    "Jacobians": lambda Js, f, sizes: _each(Js, [J.map(f, sizes) for J in Js]),
}


def _each(Js: Any, changed: list[Any]) -> Any:
    return Js if all(map(is_, changed, Js)) else tuple(changed)


def _all_equal(Js: Any, Ks: Any) -> bool:
    return len(Js) == len(Ks) and all(J.equals(K) for J, K in zip(Js, Ks, strict=True))


_ALIKE: dict[str, Callable[[Any, Any], bool]] = {
    "Entry": same, "Size": same, "Index": same, "Jacobian": lambda J, K: J.equals(K), "Jacobians": _all_equal,
}
