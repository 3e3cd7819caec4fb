"""Shapes as people write them: 3 x 4, (3, 4), 3 by 4, m×n matrix, ℝ^{m×n}, a vector of length 5, scalar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import prod
from unicodedata import normalize

from jacobian.worksheet.answers.mistakes import SENTENCES
from jacobian.worksheet.answers.node import Misread
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.seal import Sealed
from jacobian.worksheet.answers.text.tokens import LENGTH
from jacobian.worksheet.answers.values.value import Value
from jacobian.worksheet.answers.verdict import Verdict, accepted, wrong

Shape = tuple[int, ...]
NUMBERS = dict(zip(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), range(1, 11),
                   strict=True))
SIZE = 4096
PATTERNS = {name: re.compile(pattern) for name, pattern in {
    "reals": r"\\mathbb\s*\{?\s*R\s*\}?|\\R\b|ℝ", "times": r"\\times", "blank": r"\\(?:text|mathrm|in)\b|∈|\\[,;! ]|\$",
    "between": r"(?<=\d)[xX](?=\d)|(?<=\d)\s*[xX]\s*(?=\d)", "beside": r"\b[xX](?=\s*\d)|(?<=\d)[xX]\b",
    "both": r"(\w+)\s+rows?\b(?:(?!row)\D)*?\b(\w+)\s+col",
    "scalar": r"\bscalar\b|^\W*(just )?(a )?(single |real )?number\W*$|^\s*\(\s*\)\s*$",
    "row": r"\brow\b", "vector": r"\bvector\b", "part": r"[^\s,()\[\]{}×;:^]+",
    "piece": r"(\w+)[-·*](?:vector|d|dim|dimensional)", "glued": r"([A-Za-z]\w*|\d+)x([A-Za-z]\w*|\d+)",
    "power": r"R(\d+|[a-z])", "ends": r"([x×*,]|\bby)\s*$", "comma": r",\s*\)?$", "multiplied": r"[*·]",
    "factor": r"[A-Za-z]\w*|\d+",
}.items()}
_FILLING = """a an the shape matrix of with is it its it's in has size and array entries entry elements components
numbers dimension dimensions dim length vector column row columns rows r tensor dimensional d single just no real"""
FILLING = frozenset(_FILLING.split())


def shape(question: Question | Sealed, text: str) -> Verdict:
    """The verdict on a shape: it is right where it is so at two points, at which letters stand for other numbers.

    Raises Misread where none was written.
    """
    for point, value in list(zip(question.points, question.rights, strict=True))[:2]:
        right, sizes = _right(value), {n: int(point[n].array.item()) for n in question.sizes}
        given, kind = read_shape(text, sizes, question.names.known.values())
        if not _alike(given, right, kind):
            name = _named(given, right, kind)
            return wrong(name, SENTENCES[name])
    return accepted()


def _right(value: Value) -> Shape:
    lengths = value.array.shape
    row = value.kind == (False, True)
    return lengths if row else tuple(n for n, there in zip(lengths, value.kind, strict=True) if there)


def _alike(given: Shape, right: Shape, kind: str) -> bool:
    if len(right) == 1:
        return kind != "row" and given in (right, (*right, 1))
    if not right:
        return given in ((), (1,), (1, 1))
    return given == right


def _named(given: Shape, right: Shape, kind: str) -> str:
    """How a shape is wrong."""
    turned = given[::-1] if len(given) == 2 else given
    if (turned == right and given != right) or (len(right) == 1 and (turned == (*right, 1) or kind == "row")):
        return "layout"
    more = _axes(given) - _axes(right)
    return "axis missing" if more < 0 else "axis too many" if more else "size"


def _axes(shape: Shape) -> int:
    """The axes that are longer than 1."""
    return sum(n > 1 for n in shape)


def read_shape(text: str, sizes: Mapping[str, int], names: Iterable[str] = ()) -> tuple[Shape, str]:
    """(3, 4) of "3 x 4", and "row" of a row vector. Raises Misread with the place of what is no shape."""
    if len(text) > LENGTH:
        raise Misread(f"the answer has {len(text)} characters, but at most {LENGTH} are read", LENGTH, len(text))
    if not text.strip():
        raise Misread("nothing was written", 0, 1)
    plain = text
    for name, word in (("reals", " R "), ("times", " x "), ("blank", " ")):
        plain = PATTERNS[name].sub(word, plain)
    plain = normalize("NFKC", plain)
    for name in ("between", "beside"):
        plain = PATTERNS[name].sub(" × ", plain)
    lowered = plain.lower()
    if both := PATTERNS["both"].search(lowered):
        return tuple(_size(word, sizes, text) for word in both.groups()), "matrix"
    if PATTERNS["scalar"].search(lowered):
        return (), "scalar"
    kind = "row" if PATTERNS["row"].search(lowered) else "matrix"
    if "=" in plain:
        plain = plain.rpartition("=")[2]
    found: list[int] = []
    quantities = set(names) - set(sizes)
    for part in PATTERNS["part"].finditer(plain):
        said = part[0].strip(".!")
        pieces = PATTERNS["piece"].fullmatch(said)
        said = pieces[1] if pieces else said
        filling = said in ("", "x", "X", "by", "*", "·", "and", "-") or said.lower() in FILLING
        if (filling and said not in sizes) or said in quantities:
            continue
        glued = PATTERNS["glued"].fullmatch(said)
        r_power = PATTERNS["power"].fullmatch(said)
        for piece in (glued.groups() if glued and said not in sizes else (r_power[1],) if r_power else (said,)):
            found.append(_size(piece, sizes, text))
    if not found:
        if PATTERNS["vector"].search(lowered):
            return (SIZE + 1,), kind
        raise Misread("no shape was found here: write rows and columns, as in 7 x 2", 0, len(text))
    if len(found) > 2:
        raise Misread("a shape has at most two sizes here", 0, len(text))
    ends = PATTERNS["ends"].search(plain)
    if ends and len(found) == 1 and not PATTERNS["comma"].search(plain):
        place = len(text.rstrip()) - 1
        raise Misread(f"a size is missing after {text[place]}", place, place + 1)
    return tuple(found), kind


def _size(word: str, sizes: Mapping[str, int], text: str) -> int:
    """The number of a size: 3, three, m, mn, m*n, n^2."""
    if word.isdecimal() and len(word) <= 6:
        return int(word)
    if word.lower() in NUMBERS:
        return NUMBERS[word.lower()]
    factors = PATTERNS["factor"].findall(word) if PATTERNS["multiplied"].search(word) else [word]
    split = [c for f in factors for c in ([f] if f in sizes or f.isdecimal() else [*f])]
    if split and all(c in sizes or (c.isdecimal() and len(c) < 5) for c in split):
        return prod(sizes[c] if c in sizes else int(c) for c in split)
    if not sizes and len(word) == 1 and word.isalpha():
        return SIZE + ord(word)
    start = text.find(word)
    known = f": the sizes are called {', '.join(sizes)}" if sizes else ": write numbers, as in 7 x 2"
    raise Misread(f"{word} is no size here{known}", *((0, len(text)) if start < 0 else (start, start + len(word))))
