"""The command line: a module for each command says what it understands and runs it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import jacobian as jac
from mlp.cli import check, train

COMMANDS = {"train": train, "check": check}


def parser() -> jac.Parser:
    """What is understood after `mlp`."""
    main = jac.Parser(prog="mlp", formatter_class=argparse.RawDescriptionHelpFormatter,
                      epilog="\n".join(module.EXAMPLES for module in COMMANDS.values()),
                      description="Networks whose backward steps are Jacobian products.")
    commands = main.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for word, module in COMMANDS.items():
        module.arguments(commands.add_parser(
            word, help=module.HELP, description=module.DESCRIPTION, epilog=module.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter))
    return main


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Bad input is an InputError."""
    options = parser().parse_args(arguments)
    return COMMANDS[options.command].run(options)
