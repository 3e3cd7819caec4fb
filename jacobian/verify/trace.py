"""The steps of a function that is NumPy code: it is called once with arrays that record what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, partialmethod
from itertools import count
from pathlib import Path
from traceback import walk_stack
from typing import Any

import numpy as np

from jacobian.numeric.function import Function, Real, quiet
from jacobian.verify.buffers import EMPTY, PACKAGES, replaced_by
from jacobian.verify.slope import slope

Arguments = Sequence[Any]
INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "**",
         "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}
LONG = 30               # characters of an argument beyond which … stands for it
SAME = 1e-9             # how closely the value must be that of f: products of copies may be rounded in another order
LARGEST = 2**20         # entries of all local Jacobians together
METHODS = ("sum", "mean", "max", "min", "prod", "var", "std", "cumsum", "cumprod", "reshape", "ravel", "transpose",
           "swapaxes", "squeeze", "copy", "clip", "take", "repeat", "diagonal", "trace", "dot", "argmax", "argmin",
           "argsort", "any", "all", "nonzero", "round")
OWN = ("astype", "flatten", "__getitem__")
PROPERTIES: dict[str, Callable[[Any], Any]] = {"T": np.transpose, "real": lambda array: array}   # all traced are real


class Untraceable(Exception):
    """f does something to its arguments that leaves no record."""


@dataclass(frozen=True, eq=False)
class Node:
    """y = apply(args): `label` is how y is written, `name` that of an input, args are earlier places on the tape.

    given are the values of the args; site is the place in the code, the same each time a loop comes by.
    """

    label: str
    name: str | None
    value: Real
    args: tuple[int, ...]
    apply: Callable[..., Any]
    given: tuple[Real, ...] = ()
    site: Any = None

    @property
    def line(self) -> str:
        """Where it stands in the code."""
        path = Path(self.site[0]) if self.site else Path()
        return f", line {self.site[1]} of {path.name}" if path.suffix == ".py" else ""

    @cached_property
    def locals(self) -> tuple[Real, ...]:
        """∂y/∂args[k] as (y.size, args[k].size), for each k; 0 of what is no real number, such as a condition."""
        real = self.value.dtype.kind == "f"
        m = self.value.size
        return tuple(slope(self.apply, self.given, k) if real and a.dtype.kind == "f" else np.zeros((m, a.size))
                     for k, a in enumerate(self.given))


class Traced(np.ndarray):
    """An array that writes each function of it on its tape; one that came about in another way has no tape."""

    tape: list[Node] | None = None
    place = -1

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (), **options: Any) -> Any:
        if method == "at":
            raise Untraceable
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        result = recorded(name, function, inputs, options)
        return written(out[0], result) if out else result

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return recorded(function.__name__, function, args, options)

    def __setitem__(self, key: Any, value: Any) -> None:
        written(self, recorded("replaced", replaced, (self, key, value), {}))

    def __iter__(self) -> Any:
        return (self[k] for k in range(len(self)))

    def by_function(self, name: str, *args: Any, **options: Any) -> Any:
        """A method that NumPy has as a function too."""
        if name in ("transpose", "reshape") and len(args) > 1:
            args = (args,)
        return getattr(np, name)(self, *args, **options)

    def by_method(self, name: str, *args: Any, **options: Any) -> Any:
        """One that it has not."""
        return recorded(name.strip("_"), getattr(np.ndarray, name), (self, *args), options)


for _name, _view in PROPERTIES.items():
    setattr(Traced, _name, property(_view))
for _name in METHODS:
    setattr(Traced, _name, partialmethod(Traced.by_function, _name))
for _name in OWN:
    setattr(Traced, _name, partialmethod(Traced.by_method, _name))


def replaced(old: Any, key: Any, new: Any) -> Any:
    """A copy with new entries."""
    changed = np.array(old, np.result_type(old, new))
    changed[key] = new
    return changed


def traced(value: Any, tape: list[Node], node: Node) -> Traced:
    """The value of a new node at the end of the tape."""
    tape.append(node)
    array = np.array(value, copy=True).view(Traced)
    array.tape, array.place = tape, len(tape) - 1
    return array


def written(target: Any, result: Any) -> Any:
    """The target with the result in its place. Raises Untraceable where the target is no traced array."""
    if not isinstance(target, Traced) or not isinstance(result, Traced) or target.shape != result.shape:
        raise Untraceable
    target.view(np.ndarray)[...] = result.view(np.ndarray)
    target.tape, target.place = result.tape, result.place
    return target


def recorded(name: str, function: Callable[..., Any], args: Arguments, options: dict[str, Any]) -> Any:
    """function(*args, **options), and a node for it where the result is numbers."""
    found: list[Traced] = []
    form = opened((tuple(args), options), found)
    tape = found[0].tape
    if tape is None or any(array.tape is not tape for array in found):
        raise Untraceable

    def apply(*values: Any) -> Any:
        places = count()
        args, options = filled(form, values, places)
        return function(*args, **options)

    values = [array.view(np.ndarray).copy() for array in found]
    result = apply(*values)
    if isinstance(result, (list, tuple)):
        return type(result)(_one(name, lambda *v, k=k: apply(*v)[k], found, values, part)
                            for k, part in enumerate(result))
    return _one(label(name, args, options), apply, found, values, result)


def _one(text: str, apply: Callable[..., Any], found: list[Traced], values: list[Real], result: Any) -> Any:
    if not isinstance(result, np.ndarray | np.generic):
        return result
    tape = found[0].tape
    assert tape is not None
    given = tuple(values)
    node = Node(f"{text}", None, np.array(result), tuple(array.place for array in found), apply, given, site())
    return traced(result, tape, node)


def made(tape: list[Node], name: str, function: Callable[..., Any], args: Arguments, options: dict[str, Any]) -> Any:
    """What a function returns that makes an array: of recorded ones, of which it is a step, or of none."""
    found: list[Traced] = []
    opened((tuple(args), options), found)
    if found:
        return recorded(name, function, args, options)
    value = function(*args, **options)
    if name not in EMPTY or value.dtype.kind != "f":
        return value
    return traced(value, tape, Node(name, None, np.array(value), (), lambda: value, (), site()))


def site() -> tuple[str, int, int] | None:
    """File, line and instruction of the user's code that is running."""
    for frame, line in walk_stack(None):
        if not frame.f_code.co_filename.startswith((*PACKAGES, "<__array_function__")):
            return frame.f_code.co_filename, line, frame.f_lasti
    return None


@dataclass(frozen=True)
class Hole:
    """Where a traced array stood among the arguments."""


HOLE = Hole()


def opened(part: Any, found: list[Traced]) -> Any:
    """The arguments with holes where the traced arrays are, which are put on the list."""
    if isinstance(part, Traced):
        found.append(part)
        return HOLE
    if isinstance(part, (list, tuple)):
        return type(part)(opened(each, found) for each in part) if type(part) in (list, tuple) else part
    if isinstance(part, dict):
        return {key: opened(each, found) for key, each in part.items()}
    return part.copy() if isinstance(part, np.ndarray) else part


def filled(form: Any, values: Arguments, places: Any) -> Any:
    """The arguments with values in the holes, in their order."""
    if form is HOLE:
        return values[next(places)]
    if type(form) in (list, tuple):
        return type(form)(filled(each, values, places) for each in form)
    if isinstance(form, dict):
        return {key: filled(each, values, places) for key, each in form.items()}
    return form


def label(name: str, args: Arguments, options: dict[str, Any]) -> str:
    """tanh(X @ W.T + b)"""
    words = [word(arg) for arg in args]
    if name in INFIX and len(words) == 2:
        return f" {INFIX[name]} ".join(f"({w})" if " " in w else w for w in words)
    if name == "transpose" and len(words) == 1:
        return f"({words[0]}).T" if " " in words[0] else f"{words[0]}.T"
    return f"{name.removesuffix('.reduce')}({', '.join([*words, *(f'{k}={v!r}' for k, v in options.items())])})"


def word(arg: Any) -> str:
    """An argument as it is written, and … where that is long."""
    text = arg.tape[arg.place].label if isinstance(arg, Traced) and arg.tape else \
        "…" if isinstance(arg, (np.ndarray, list)) else f"{arg:.4g}" if isinstance(arg, float) else str(arg)
    return text if len(text) <= LONG else "…"


def trace(function: Function, names: tuple[str, ...]) -> list[Node] | None:
    """The inputs and every step from them to f(x), f(x) last; None where f is not NumPy code throughout."""
    tape: list[Node] = []
    try:
        with quiet(), replaced_by(partial(made, tape)):
            x = [traced(a, tape, Node(name, name, a, (), np.array))
                 for name, a in zip(names, function.split(function.x), strict=True)]
            function.evaluations += 1
            y = function.f(*x)
    except Exception:       # whatever code may raise that meets an array of a type it does not know
        return None
    same = isinstance(y, Traced) and y.tape is tape and y.size == function.y.size
    if not same or not np.allclose(y.view(np.ndarray).ravel(), function.y, rtol=SAME, atol=0):
        return None
    size = sum(node.value.size * given.size for node in tape for given in node.given)
    return tape[:y.place + 1] if y.place > 0 and size <= LARGEST else None
