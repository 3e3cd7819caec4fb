"""Arrays that code makes for itself: while its steps are recorded, they are recorded arrays too.

NumPy asks the arguments of a function how to go about it; zeros(shape) has none to ask, and array([a, b]) does not ask
the entries of a list. So these functions are replaced, for one thread and as long as f runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock, get_ident
from typing import Any

import numpy as np

EMPTY = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")    # to be written into
FILLED = ("array", "asarray", "ascontiguousarray", "asanyarray")        # with what is there
PACKAGES = tuple(str(Path(module).parent) for module in (np.__file__, __file__))      # they are not user code
LOCK = RLock()

Maker = Callable[..., Any]      # of the name of a function, the function, its arguments and its options


@contextmanager
def replaced_by(maker: Maker) -> Iterator[None]:
    """Within it, maker(name, function, args, options) stands for each of these functions of NumPy in user code."""
    with LOCK:
        functions = {name: getattr(np, name) for name in (*EMPTY, *FILLED)}
        try:
            for name, function in functions.items():
                setattr(np, name, asking(maker, name, function, get_ident()))
            yield
        finally:
            for name, function in functions.items():
                setattr(np, name, function)


def asking(maker: Maker, name: str, function: Callable[..., Any], thread: int) -> Callable[..., Any]:
    """The function, and the maker in its place where this thread calls it in user code."""
    def called(*args: Any, **options: Any) -> Any:
        inside = sys._getframe(1).f_code.co_filename.startswith(PACKAGES)
        return function(*args, **options) if inside or get_ident() != thread else maker(name, function, args, options)

    return called
