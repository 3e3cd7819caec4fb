"""What is known of f beforehand: an expression, or a layer that has one, at given values.

An expression is anything with `names` and `tape(**arrays)`, a list of nodes with label, name, value, args, locals and
apply; a layer has a `spec(**symbols)` and its `symbols`.
"""

from __future__ import annotations

from typing import Any

from jacobian.errors import InputError
from jacobian.verify.chain import Chain, chain
from jacobian.verify.diagnose import Point


def specified(spec: Any, point: Point, names: tuple[str, ...]) -> Chain:
    """The chain of a spec at a point. Raises InputError where the spec is none, or is another function than f."""
    expression = spec.spec(**spec.symbols) if hasattr(spec, "symbols") else spec
    if not hasattr(expression, "tape"):
        raise InputError(f"spec must be an expression, or a layer with a spec; it is {type(spec).__name__}")
    names = named(spec, expression, names)
    nodes = expression.tape(**dict(zip(names, point.function.split(point.function.x), strict=True)))
    return chain(nodes, point, names)


def named(spec: Any, expression: Any, names: tuple[str, ...]) -> tuple[str, ...]:
    """The inputs of f by the names that the spec has for them: the same, or its own in their order."""
    own = tuple(spec.symbols) if hasattr(spec, "symbols") else expression.names
    if set(names) == set(own):
        return names
    if len(own) == len(names):
        return own
    raise InputError(f"spec has the symbols {', '.join(own)}, but f has the inputs {', '.join(names)}: name them alike")
