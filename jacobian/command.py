"""What the command lines have in common: what goes wrong is one sentence and a status, never a traceback."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from jacobian.errors import InputError

CLOSED_PIPE = 141       # 128 + SIGPIPE, what a shell reports of a program whose reader has gone


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence that says where help is."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def command(program: str, module: str) -> Callable[..., int]:
    """The entry point of a program: its module is imported, and main(arguments) there gives the exit status.

    Bad input, too little memory and files that cannot be used are a sentence and status 2, Ctrl-C is status 130, a
    closed pipe ends in silence with 141. Characters that the output cannot show are written as \\u03b4.
    """
    def run(arguments: Sequence[str] | None = None) -> int:
        try:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(errors="backslashreplace")
            try:
                return import_module(module).main(arguments)
            finally:
                _flush()
        except InputError as error:
            return _end(2, program, str(error))
        except MemoryError:
            return _end(2, program, "there is not enough memory: choose smaller sizes")
        except KeyboardInterrupt:
            return _end(130, program, "interrupted")
        except BrokenPipeError:
            return CLOSED_PIPE
        except OSError as error:
            return _end(2, program, f"{error.filename or 'the output'} cannot be used ({error.strerror})")

    return run


def _flush() -> None:
    """Write what waits. An output that fails goes nowhere from then on: Python tries it again at its end."""
    try:
        print(end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def _end(status: int, program: str, sentence: str) -> int:
    with suppress(OSError):
        if sys.stderr:
            print(f"{program}: {' '.join(sentence.split())}", file=sys.stderr)
    return status
