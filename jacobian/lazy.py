"""Public names that load when they are first asked for (as in Scientific Python's SPEC 1)."""

from importlib import import_module
from types import ModuleType
from typing import Any


class LazyPackage(ModuleType):
    """A package that says in `_HOME` which module holds each public name: ``sys.modules[__name__].__class__ = …``.

    The import of a module binds it in its package; where a public name is the same, as jacobian.numeric, users get what
    the name means.
    """

    _HOME: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        if name not in self._HOME:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        setattr(self, name, getattr(import_module(self._HOME[name]), name))
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in self._HOME):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted(self._HOME)
