"""A whole class: the verdict on every answer, marks as CSV, misconceptions by how often they come, a picture."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape

from jacobian.worksheet.answers.grade import grade
from jacobian.worksheet.answers.sheet import Sheet
from jacobian.worksheet.answers.verdict import Verdict

MARKS = {"accepted": "✓", "wrong": "✗", "unclear": "?", "": "–"}
COLOURS = {"accepted": "#2f7d5b", "wrong": "#b8433a", "unclear": "#d9a520", "": "#d8d8d8"}
EMPTY = Verdict("", "nothing was written")


@dataclass(frozen=True)
class Student:
    """One row: the verdict on each question of the sheet, and the points."""

    name: str
    verdicts: tuple[Verdict, ...]
    points: float


@dataclass(frozen=True)
class Classroom:
    """The graded answers of a class."""

    sheet: Sheet
    students: tuple[Student, ...]

    def misconceptions(self, k: int) -> list[tuple[str, int]]:
        """Those of one question, the most common first."""
        found = Counter(s.verdicts[k].mistake for s in self.students if s.verdicts[k].verdict == "wrong")
        return [(name or "not known", count) for name, count in found.most_common()]

    def counts(self, k: int) -> Counter[str]:
        """How many answers to a question are accepted, wrong, unclear."""
        return Counter(s.verdicts[k].verdict for s in self.students)


def classroom(sheet: Sheet, answers: Iterable[tuple[str, dict[str, str]]],
              shown: Callable[[Iterable[tuple[str, dict[str, str]]]], Iterable[tuple[str, dict[str, str]]]] = iter,
              ) -> Classroom:
    """Every answer graded; the same text for the same question once. `shown` may show how far it is."""
    known: dict[tuple[str, str], Verdict] = {}
    students = []
    for name, given in shown(answers):
        verdicts = []
        for item in sheet.items:
            text = given.get(item.name, "")
            key = item.name, text
            if key not in known:
                known[key] = grade(item.question, text) if text.strip() else EMPTY
            verdicts.append(known[key])
        points = sum(item.points for item, v in zip(sheet.items, verdicts, strict=True) if v.ok)
        students.append(Student(name, tuple(verdicts), points))
    return Classroom(sheet, tuple(students))


def marks(room: Classroom) -> str:
    """CSV: for each student the points, and verdict, misconception and feedback of each answer."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    names = [item.name for item in room.sheet.items]
    writer.writerow(["student", "points", *(f"{name}: {part}" for name in names
                                            for part in ("verdict", "misconception", "feedback"))])
    for s in room.students:
        cells = [part for v in s.verdicts for part in (v.verdict, v.mistake or "", v.feedback)]
        writer.writerow(map(_cell, [s.name, f"{s.points:g}", *cells]))
    return out.getvalue()


def _cell(text: str) -> str:
    """The text so that a spreadsheet does not take it for a formula."""
    number = text[1:].replace(".", "").isdigit()
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not number else text


def picture(room: Classroom) -> str:
    """SVG: a bar for each question, accepted, unclear, wrong and empty side by side, its misconceptions below it."""
    width, left, height = 720, 190, 0
    parts: list[str] = []
    total = max(len(room.students), 1)
    scale = (width - left - 60) / total
    y = 50
    for k, item in enumerate(room.sheet.items):
        parts.append(_text(left - 10, y + 14, _short(item.name), "end", 14))
        x, counts = float(left), room.counts(k)
        for verdict in ("accepted", "unclear", "wrong", ""):
            n = counts[verdict]
            if n:
                parts.append(f'<rect x="{x:.1f}" y="{y}" width="{n * scale:.1f}" height="20" '
                             f'fill="{COLOURS[verdict]}"/>')
                parts.append(_text(x + n * scale / 2, y + 14, f"{MARKS[verdict]} {n}", "middle", 12,
                                   "#000" if verdict in ("", "unclear") else "#fff"))
            x += n * scale
        y += 26
        for name, count in room.misconceptions(k)[:3]:
            parts.append(_text(left, y + 11, f"{count} × {name}", "start", 12, "#444"))
            y += 16
        y += 12
    height = y + 10
    title = _text(20, 28, f"{_short(room.sheet.title, 60)}: {len(room.students)} students", "start", 17)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="sans-serif" role="img" aria-label="{escape(room.sheet.title)}">\n'
            f'<rect width="100%" height="100%" fill="#fff"/>\n{title}\n' + "\n".join(parts) + "\n</svg>\n")


def _short(text: str, most: int = 24) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return printable if len(printable) <= most else f"{printable[:most - 1]}…"


def _text(x: float, y: float, text: str, anchor: str, size: int, colour: str = "#111") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">'
            f"{escape(text)}</text>")
