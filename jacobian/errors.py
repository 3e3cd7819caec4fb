"""What goes wrong, said for people: what was given, what was expected, how to mend it."""

from importlib import import_module
from types import ModuleType


class InputError(ValueError):
    """Something given does not fit; the command line prints it as one sentence and exits with status 2."""


class ShapeError(InputError):
    """Two things whose shapes do not fit; the message names both."""


class MissingRule(InputError):
    """A derivative for which no row stands in the tables; the message names the row to write."""


class MissingExtra(InputError, ImportError):
    """A package that comes with an extra is not installed; the message is the command that installs it."""


def extra(module: str, name: str, purpose: str) -> ModuleType:
    """The module, or a MissingExtra that names the extra: ``extra("matplotlib.pyplot", "plot", "learning curves")``."""
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtra(
            f'{purpose} needs {package}, which is not installed: python -m pip install "jacobian-toolkit[{name}]"'
        ) from error
