"""What Python and JavaScript share: tables of the grammar and of the mistakes, and functions as SymPy writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import sympy as sp

from jacobian.symbolic.elementwise import Function, function
from jacobian.worksheet.answers import compare, folding, grade, shapes
from jacobian.worksheet.answers.mistakes import MISTAKES, SENTENCES
from jacobian.worksheet.answers.seal import CODES
from jacobian.worksheet.answers.text import calls, grammar, names, tokens
from jacobian.worksheet.answers.text.words import CONSTANTS, FILLED, MAPS, WORDS, Word
from jacobian.worksheet.answers.values import arithmetic, indices, reading, value

SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"      # \s of Python, in brackets
WORD = r"\p{L}\p{N}_"
EDGE = f"(?:(?<=[{WORD}])(?![{WORD}])|(?<![{WORD}])(?=[{WORD}]))"
LIMITS = {
    "length": tokens.LENGTH, "depth": tokens.DEPTH, "deep": grade.DEEP, "repaired": grade.REPAIRED,
    "mended": grade.MENDED, "entries": value.ENTRIES, "work": value.WORK, "size": reading.SIZE,
    "power": arithmetic.POWER, "letters": indices.LETTERS, "digits": grammar.DIGITS, "primes": calls.PRIME,
    "longest": names.LONGEST, "close": compare.CLOSE, "small": compare.SMALL, "most": folding.MOST,
    "largest": shapes.SIZE,
}
READINGS = (reading.PAPER, reading.ENTRYWISE, reading.MATLAB, reading.NUMPY, reading.COLUMNS, reading.EINSTEIN,
            reading.DIVIDED, reading.FITS)


def tables() -> dict[str, Any]:
    """JSON."""
    cheapest = sorted(MISTAKES, key=lambda mistake: mistake.cost)
    return {
        "LIMITS": LIMITS, "SPACE": SPACE, "TOKENS": regex(tokens.PATTERN.pattern), "PLAIN": tokens.PLAIN,
        "LATEX": regex(tokens.LATEX.pattern), "OPERANDS": tokens.OPERANDS,
        "ARRAYS": tokens.ARRAYS,
        "SIGNS": tokens.SIGNS, "PARTNER": tokens.PARTNER, "DROPPED": sorted(tokens.DROPPED),
        "FONTS": sorted(tokens.FONTS), "COMMANDS": sorted(tokens.COMMANDS), "SUB": tokens.SUB, "GREEK": names.GREEK,
        "FILLED": FILLED, "CONSTANTS": {name: float(str(x)) for name, x in CONSTANTS.items()},
        "WORDS": {name: _word(word) for name, word in WORDS.items()},
        "READINGS": {row.name: asdict(row) for row in READINGS}, "CODES": CODES, "SENTENCES": SENTENCES,
        "CHEAPEST": [{"name": row.name, "mutate": row.mutate.__name__, "whole": row.whole, "undone": row.undone}
                     for row in cheapest],
        "FILLING": sorted(shapes.FILLING), "SPOKEN": shapes.NUMBERS,
        "SHAPES": {name: regex(pattern.pattern) for name, pattern in shapes.PATTERNS.items()},
    }


def _word(word: Word) -> dict[str, Any]:
    return asdict(word) | {"data": word.data.name if isinstance(word.data, Function) else word.data}


def regex(pattern: str) -> str:
    r"""A regular expression of Python's for JavaScript's flag u, with Python's meaning of \w, \d, \s and \b."""
    inside = False
    made, k = [], 0
    while k < len(pattern):
        piece = pattern[k:k + 2] if pattern[k] == "\\" else "(?<" if pattern.startswith("(?P<", k) else pattern[k]
        k += 4 if piece == "(?<" and pattern.startswith("(?P<", k) else len(piece)
        inside = piece == "[" or (inside and piece != "]")
        meant = {r"\w": WORD, r"\d": r"\p{Nd}", r"\s": SPACE}.get(piece)
        others = {r"\W": f"[^{WORD}]", r"\D": r"\P{Nd}", r"\b": EDGE, r"\"": '"'}
        made.append(others.get(piece, piece) if meant is None else meant if inside else f"[{meant}]")
    return "".join(made)


def script(functions: Iterable[str]) -> str:
    """The tables as JavaScript, with what stands in for abstract functions of these names."""
    text = json.dumps(tables(), ensure_ascii=False).replace("<", r"\u003c")
    return (f"const TABLES = {text};\nconst VALUES = {_family(MAPS.values())};\n"
            f"const STANDING_IN = {_family(map(function, dict.fromkeys(functions)))};\n")


def _family(functions: Iterable[Function]) -> str:
    """{name: [whether f′ is another function, f, f′, f″, f‴]}, as far as they have values."""
    return "{\n" + ",\n".join(f"  {json.dumps(f.name)}: [{', '.join((_sloped(f), *_written(f)))}]" for f in
                              {f.name: f for f in functions}.values()) + "\n}"


def _sloped(f: Function) -> str:
    return "true" if folding.sloped(f) else "false"


def _written(f: Function) -> Iterable[str]:
    for _ in range(calls.PRIME + 1):
        if not calls.has_values(f):
            return
        yield f"x => {' '.join(sp.jscode(f.form, user_functions={'erf': 'erf'}).split())}"
        f = f.prime()
