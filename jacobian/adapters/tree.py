"""Tensors in tuples, lists and dictionaries, one inside the other."""

from collections.abc import Iterator
from typing import Any


def leaves(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """All that is no tuple, list or dictionary, with where it stands: state[0], batch['image']."""
    if isinstance(tree, dict):
        for key, part in tree.items():
            yield from leaves(part, f"{name}[{key!r}]")
    elif isinstance(tree, tuple | list):
        for k, part in enumerate(tree):
            yield from leaves(part, f"{name}[{k}]")
    else:
        yield name, tree


def filled(tree: Any, entries: Iterator[Any]) -> Any:
    """The same tree with these leaves, in the order of `leaves`."""
    if isinstance(tree, dict):
        return {key: filled(part, entries) for key, part in tree.items()}
    if isinstance(tree, tuple | list):
        parts = [filled(part, entries) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return next(entries)
