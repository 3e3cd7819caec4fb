"""What the command lines have in common: what goes wrong is one sentence and a status, never a traceback."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn, TextIO

from jacobian.errors import InputError

CLOSED_PIPE = 141       # 128 + SIGPIPE, what a shell reports of a program whose reader has gone


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence that says where help is."""

    @classmethod
    def of(cls, program: str, description: str, commands: Mapping[str, Any]) -> Parser:
        """The parser of a program with a module for each command: its HELP, DESCRIPTION, EXAMPLES and arguments."""
        form = argparse.RawDescriptionHelpFormatter
        main = cls(prog=program, formatter_class=form, description=description,
                   epilog="\n".join(module.EXAMPLES for module in commands.values()))
        rows = main.add_subparsers(dest="command", metavar="COMMAND", required=True)
        for word, module in commands.items():
            module.arguments(rows.add_parser(word, help=module.HELP, description=module.DESCRIPTION,
                                             epilog=module.EXAMPLES, formatter_class=form))
        return main

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def command(program: str, module: str) -> Callable[..., int]:
    """The entry point of a program: its module is imported, and main(arguments) there gives the exit status.

    Bad input, too little memory and files that cannot be used are a sentence and status 2. Ctrl-C is status 130, or an
    end by its signal, which is the same to a shell. A closed pipe ends in silence with 141. Characters that the output
    cannot show are written as \\u03b4.
    """
    def run(arguments: Sequence[str] | None = None) -> int:
        try:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(errors="backslashreplace")
            try:
                return import_module(module).main(arguments)
            finally:
                _say("", sys.stdout)
        except InputError as error:
            return _end(2, program, str(error))
        except MemoryError:
            return _end(2, program, "there is not enough memory: choose smaller sizes")
        except KeyboardInterrupt:
            return _end(130, program, "interrupted")
        except BrokenPipeError:
            return CLOSED_PIPE
        except OSError as error:
            return _end(2, program, ": ".join(map(str, filter(None, (error.filename, error.strerror)))))

    return run


def _say(text: str, stream: TextIO | None) -> None:
    """Write what waits, and the text. A stream that fails leads nowhere then, as Python tries it again at its end."""
    if stream is None:
        return
    try:
        print(text, end="", file=stream, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


def _end(status: int, program: str, sentence: str) -> int:
    """Complain in one line, and below it where: the lines of the sentence that stand in from the edge."""
    said = [line for line in sentence.split("\n") if not line.startswith("  ")]
    place = [line.rstrip() for line in sentence.split("\n") if line.startswith("  ")]
    with suppress(OSError):
        _say("\n".join([f"{program}: {' '.join(' '.join(said).split())}", *place, ""]), sys.stderr)
    return status
