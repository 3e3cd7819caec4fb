"""∂E/∂h, dE/dh and \\frac{∂E}{∂h} as one name, where the question has a quantity dE_dh."""

from __future__ import annotations

from collections.abc import Sequence

from jacobian.symbolic.parse.tokens import Token
from jacobian.worksheet.answers.text.names import Names

NAME, D = "name", "d…"          # any name, and one that begins with d
FORMS = (
    ("∂", NAME, "/", "∂", NAME), (D, "/", D),
    ("frac", "{", "∂", NAME, "}", "{", "∂", NAME, "}"), ("frac", "{", D, "}", "{", D, "}"),
)


def derivatives(tokens: Sequence[Token], names: Names) -> list[Token]:
    """The tokens with each derivative that has a name as that name."""
    if not any(name.startswith("d") and "_d" in name for name in names.known.values()):
        return list(tokens)
    found: list[Token] = []
    k = 0
    while k < len(tokens):
        pieces, name = next(filter(None, (_read(tokens[k:], form, names) for form in FORMS)), (1, None))
        found.append(tokens[k] if name is None else Token("name", name, tokens[k].start, tokens[k + pieces - 1].end))
        k += pieces
    return found


def _read(tokens: Sequence[Token], form: Sequence[str], names: Names) -> tuple[int, str] | None:
    """How many tokens the derivative takes, and its name."""
    pieces = tokens[:len(form)]
    if len(pieces) < len(form) or not all(map(_fits, pieces, form)):
        return None
    over, under = (piece.text.removeprefix("d") if want == D else piece.text
                   for piece, want in zip(pieces, form, strict=True) if want in (NAME, D))
    name = names.find(f"d{over}_d{under}")
    return None if name is None else (len(form), name)


def _fits(token: Token, want: str) -> bool:
    if want in (NAME, D):
        return token.kind == "name" and token.text != "∂" and (want == NAME or token.text.startswith("d"))
    return token.text == want
