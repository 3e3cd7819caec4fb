"""The command line: a module for each command says what it understands and runs it."""

from __future__ import annotations

from collections.abc import Sequence

import jacobian as jac
from mlp.cli import check, train, worksheet

COMMANDS = {"train": train, "check": check, "worksheet": worksheet}


def parser() -> jac.Parser:
    """What is understood after `mlp`."""
    return jac.Parser.of("mlp", "Networks whose backward steps are Jacobian products.", COMMANDS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Bad input is an InputError."""
    options = parser().parse_args(arguments)
    return COMMANDS[options.command].run(options)
