"""Sheets for everyone: contrast, headings, landmarks, words for formulas, a phone, both papers, room to write."""

import re
import shutil
import subprocess
import zlib
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from browser import BROWSER, handed_back

import jacobian as jac
from jacobian.worksheet.document import Document, Exercise, Table
from jacobian.worksheet.render.html import html
from jacobian.worksheet.render.pdf import pdf, source
from jacobian.worksheet.topics import TOPICS

LEAST = 4.5             # WCAG 2.2, success criterion 1.4.3: contrast of text with its ground
STYLE = files("jacobian.worksheet.render")
FEW = {"backprop", "gradients"}
ALL = [topic if topic in FEW else pytest.param(topic, marks=pytest.mark.slow) for topic in TOPICS]
PARTS = ["sheet", "key"]
IN_BROWSER = pytest.mark.skipif(BROWSER is None, reason="a browser is a program of its own, and not installed")


@cache
def document(topic: str, part: str) -> Document:
    return getattr(jac.worksheet(topic, seed=7, hints="beside"), part)


class Elements(HTMLParser):
    """The elements of a page in order, with their attributes, as they are written."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


# ---- colours -------------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[k:k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted(map(luminance, (a, b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_every_colour_of_words_stands_out_on_every_ground_of_a_page() -> None:
    style = STYLE.joinpath("style.css").read_text("utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", style))
    words = {colours[name] for name in re.findall(r"[ {]color: var\(--([\w-]+)\)", style)}
    grounds = {"#ffffff", *(colours[name] for name in re.findall(r"background: var\(--([\w-]+)\)", style))}
    assert len(words) >= 3
    assert len(grounds) >= 2
    assert min(contrast(word, ground) for word in words for ground in grounds) >= LEAST
    assert set(re.findall(r"[ {]color: ([^;]+);", style)) - {f"var(--{name})" for name in colours} <= {"#000"}


def test_every_colour_of_words_stands_out_on_the_paper() -> None:
    style = STYLE.joinpath("pdf.typ").read_text("utf-8")
    colours = dict(re.findall(r'#let (\w+) = rgb\("(#[0-9a-f]{6})"\)', style))
    words = {name for name in colours if re.search(rf"text\([^)]*\b{name}\b|apart\.with\({name}\)", style)}
    assert words == {"quiet", "green"}
    assert min(contrast(colours[name], "#ffffff") for name in words) >= LEAST


# ---- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", ALL)
@pytest.mark.parametrize("part", PARTS)
def test_a_page_has_language_title_landmarks_and_headings_in_order(topic: str, part: str) -> None:
    page = html(document(topic, part))
    found = Elements(page).found
    tags = [tag for tag, _ in found]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
    assert dict(found)["html"] == {"lang": "en"}
    assert re.search(r"<title>[^<]+</title>", page)
    assert [tags.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(levels) > sum(isinstance(block, Exercise) for block in document(topic, part).blocks)
    assert all(attrs.get("alttext", "").strip() for tag, attrs in found if tag == "math")
    assert all(attrs.get("aria-label") for _, attrs in found if attrs.get("role") == "img")
    assert all(attrs.get("scope") == "col" for tag, attrs in found if tag == "th")


# The page in a frame as wide as a phone: its elements, its widths, and words that stand out too little.
PHONE = """
const tags = [...document.documentElement.querySelectorAll("*")].map(e => e.localName).slice(0, -1);
const frame = document.createElement("iframe");
frame.style = "width: 375px; height: 812px; border: 0";
document.currentScript.remove();
frame.srcdoc = document.documentElement.outerHTML;
frame.onload = () => {
  const page = frame.contentDocument, root = page.documentElement, style = e => frame.contentWindow.getComputedStyle(e);
  const rgb = colour => colour.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = rgb(style(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [...page.body.querySelectorAll("*")].filter(e => [...e.childNodes].some(n => n.nodeType === 3 &&
    n.data.trim())).filter(e => {
      const [a, b] = [light(rgb(style(e).color)), light(ground(e))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05) < 4.5;
    }).map(e => e.textContent);
  const cut = [...page.querySelectorAll(".table")].filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent);
  const starts = [...page.querySelectorAll("main p, main li")].filter(e => {
    const lines = new Map();
    const words = page.createTreeWalker(e, NodeFilter.SHOW_TEXT), range = page.createRange();
    for (let node; node = words.nextNode();) for (let k = 0; k < node.data.length; k++) {
      range.setStart(node, k), range.setEnd(node, k + 1);
      const {left, bottom, width} = range.getBoundingClientRect();
      if (width && left - e.getBoundingClientRect().left < 1 && /[,.:;?!)]/.test(node.data[k])) lines.set(bottom, node);
    }
    return lines.size;
  }).map(e => e.textContent);
  handBack({tags: ["html", ...tags], width: root.clientWidth, scroll: root.scrollWidth, faint, cut, starts});
};
document.body.append(frame);
"""


@IN_BROWSER
@pytest.mark.parametrize("topic", ALL)
@pytest.mark.parametrize("part", PARTS)
def test_a_browser_has_nothing_to_mend_and_a_phone_nothing_to_scroll(topic: str, part: str, tmp_path: Path) -> None:
    """The elements that a browser makes of a page are those that are written: none closed or moved by its parser."""
    page = html(document(topic, part))
    seen = handed_back(page, PHONE, tmp_path, "--virtual-time-budget=4000")
    assert seen["tags"] == [tag for tag, _ in Elements(page).found]
    assert seen["width"] == 375
    assert seen["scroll"] <= 375
    assert seen["faint"] == []
    assert (seen["cut"], seen["starts"]) == ([], [])        # whole tables; signs stay behind formulas


# ---- PDF -----------------------------------------------------------------------------------------------------------


def inside(made: bytes) -> str:
    """All that stands in a PDF, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    return "".join([made.decode("latin-1"), *(zlib.decompressobj().decompress(s).decode("latin-1") for s in streams
                                              if s[:1] == b"x")])


@pytest.mark.extra
@pytest.mark.parametrize("topic", ALL)
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_a_pdf_is_tagged_and_every_formula_and_picture_has_words(topic: str, part: str, paper: str) -> None:
    whole = inside(pdf(document(topic, part), paper))
    assert re.search(r"pdfuaid:part(?:>|=\")1", whole)
    assert re.search(r"/Lang ?\(en", whole)
    said = [entry for entry in whole.split("endobj") if re.search(r"/S ?/(Formula|Figure)", entry)]
    assert len(said) >= len(re.findall(r'", \$', source(document(topic, part), paper)))
    assert all("/Alt" in entry for entry in said)
    levels = {int(level) for level in re.findall(r"/S ?/H(\d)", whole)}
    assert levels == set(range(1, max(levels) + 1))


@pytest.mark.extra
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is a program of its own, and not installed")
@pytest.mark.parametrize("topic", ALL)
@pytest.mark.parametrize(("part", "paper"), [("sheet", "letter"), ("key", "a4")])
def test_no_page_ends_within_a_question_and_no_words_are_left_over(topic: str, part: str, paper: str,
                                                                    tmp_path: Path) -> None:
    """A title, all of its question, and the beginning of its answer share a page; the closing words are a footnote."""
    made = document(topic, part)
    (tmp_path / "made.pdf").write_bytes(pdf(made, paper))
    run = subprocess.run(["pdftotext", "-layout", tmp_path / "made.pdf", "-"], capture_output=True, check=True)
    pages = [" ".join(page.split()) for page in run.stdout.decode().split("\f")[:-1]]
    asked = [block for block in made.blocks if isinstance(block, Exercise)]
    for exercise in asked:
        title = f"{exercise.number} {exercise.title} {exercise.credit}"
        [below] = [page.partition(title)[2] for page in pages if title in page]
        words = ("THE RULE",) if part == "sheet" else ("THE RULE", "ANSWER", "point")
        assert all(word in below for word in words)
    assert "level " in pages[-1] or "point" in pages[-1]
    assert "Every derivative on this sheet" in pages[0]


@pytest.mark.parametrize("topic", ALL)
def test_there_is_room_to_write_below_questions_and_no_more_than_a_page(topic: str) -> None:
    sheet = document(topic, "sheet")
    asked = [block for block in sheet.blocks if isinstance(block, Exercise)]
    lines = [block.lines for block in asked]
    assert [int(n) for n in re.findall(r"room\((\d+)\)", source(sheet))] == lines
    assert html(sheet).count("<span></span>") == sum(lines)
    assert max(lines) <= 24
    assert all(block.lines or any(isinstance(piece, Table) for piece in block.question) for block in asked)
