"""The command line: a module for each command says what it understands and runs it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from jacobian.cli import check, derive, grade, practice, worksheet
from jacobian.command import Parser

COMMANDS = {"derive": derive, "check": check, "worksheet": worksheet, "grade": grade, "practice": practice}
MINUS = re.compile("-[^-].")            # -x'*x is a formula and no option: a blank before it says so to argparse


def parser() -> Parser:
    """What is understood after `jacobian`."""
    return Parser.of("jacobian", "Matrix calculus with explicit, structured Jacobians.", COMMANDS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Bad input is an InputError."""
    words = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args([f" {word}" if MINUS.match(word) else word for word in words])
    return COMMANDS[options.command].run(options)
