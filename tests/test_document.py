"""Sheets in every format: each thing once, no answer where none is given, nothing breaks out or comes in."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib import import_module
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from jacobian.errors import MissingRule
from jacobian.printing.boxes import Fraction, Grid, Name, Number, Row, Symbol, Words
from jacobian.worksheet import document as sheet
from jacobian.worksheet.document import (
    Block,
    Bullets,
    Display,
    Document,
    Exercise,
    Heading,
    Mark,
    Paragraph,
    Picture,
    Remark,
    Table,
)
from jacobian.worksheet.made import Made
from jacobian.worksheet.pictures import network
from jacobian.worksheet.render.html import html
from jacobian.worksheet.render.latex import latex
from jacobian.worksheet.render.markdown import markdown
from jacobian.worksheet.render.moodle import moodle
from jacobian.worksheet.render.pdf import source
from jacobian.worksheet.render.text import text as plain_text
from jacobian.worksheet.sheet import HINTS, Worksheet

KINDS = [kind for kind in vars(sheet).values()
         if isinstance(kind, type) and issubclass(kind, Block) and kind is not Block]
FORMATS = {"html": html, "markdown": markdown, "latex": latex, "pdf": source, "text": plain_text}    # with rows
ALL = {**FORMATS, "moodle": moodle}
VOID = {"meta", "br", "path", "circle", "mspace", "hr"}
HOSTILE = ["<script>alert(1)</script>", "a | b", "*a* _b_ `c` ~~d~~", "# no heading", "- no item", "1. no item",
           "= x", "$a$ and $$b$$", "[text](javascript:x) ![i](u)", "&copy; & <b>", "\\", "a\n\n---\n\nb", "> quote",
           '" onload="x']
MARKS = [f"mark{letter}" for letter in "abcdefghijklmnopqrst"]


def everything(words, answer: bool = True) -> Document:
    """A document with each kind of block, saying each of twenty words once."""
    word = iter(words)
    w = [next(word) for _ in range(20)]
    solution = (Paragraph((w[14],)), Display(Name(w[15]))) if answer else None
    return Document(w[0], w[1], "en", (
        Heading(1, (w[2],)),
        Paragraph((w[3], Name("x"), w[4])),
        Display(Name(w[5]), "7"),
        Table(((w[6],), (Name("n"),)), (((w[7],), (Grid(((Number("1"), Number("-2")),)),)),), w[8]),
        Bullets(((w[9],), ("is ", Fraction(Name("a"), Name("b"))))),
        Remark(w[10], (Paragraph((w[11],)), Display(Row((Symbol("−"), Name("x")))))),
        network((2, 3, 1)),
        Exercise(1, w[12], 4, (Paragraph((w[13],)),), solution, 5),
        Exercise(2, w[16], 1, (Paragraph((w[17],)),), None, 3),
        Heading(2, (w[18],)),
    ), w[19])


class Page(HTMLParser):
    """The elements of a page, and whether they nest."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data if not self.open or self.open[-1] not in ("style", "title") else ""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("form", FORMATS)
def test_every_block_has_a_row_in_every_format(form, kind):
    block = import_module(f"jacobian.worksheet.render.{form}").block
    assert block.dispatch(kind) is not block.dispatch(Block)


@pytest.mark.parametrize("form", ALL)
def test_a_block_without_a_row_is_named(form):
    class Film(Block):
        pass

    with pytest.raises(MissingRule, match="Film has no row in jacobian/worksheet/render"):
        ALL[form](Document("title", "", "en", (Film(),)))


@pytest.mark.parametrize("form", FORMATS)
def test_everything_stands_on_the_sheet_once(form):
    text = ALL[form](everything(MARKS))
    text = re.sub(r"<title>.*?</title>|alttext=\"[^\"]*\"|\"[^\"]*\"(?=, \$)", "", text)     # what is heard, not seen
    assert {mark: text.count(mark) for mark in MARKS} == dict.fromkeys(MARKS, 1)


@pytest.mark.parametrize("form", ALL)
def test_a_sheet_without_answers_holds_nothing_of_them(form):
    text = ALL[form](everything(MARKS, answer=False))
    assert not re.search(f"{MARKS[14]}|{MARKS[15]}|>Answer<|\\*Answer", text)


@pytest.mark.parametrize("form", ALL)
def test_the_same_document_is_the_same_text(form):
    assert ALL[form](everything(MARKS)) == ALL[form](everything(MARKS))


@pytest.mark.parametrize("words", [MARKS, *([hostile] * 20 for hostile in HOSTILE)], ids=["marks", *HOSTILE])
def test_a_page_nests_runs_nothing_and_asks_for_nothing(words):
    text = html(everything(words))
    page = Page(text)
    assert not page.open
    assert "script" not in {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") or name in ("src", "href") for _, attrs in page.tags for name in attrs)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg\")|@import|url\((?!\"data:)", text)


def test_a_page_tells_its_language_size_headings_and_pictures():
    page = Page(html(everything(MARKS)))
    elements = dict(page.tags)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert elements["html"] == {"lang": "en"}
    assert any(attrs.get("name") == "viewport" for tag, attrs in page.tags if tag == "meta")
    assert levels == [1, 2, 3, 3, 3]
    assert all(attrs["alttext"] for tag, attrs in page.tags if tag == "math")
    assert elements["figure"]["role"] == "img"
    assert "2 units" in elements["figure"]["aria-label"]
    assert all(attrs == {"scope": "col"} for tag, attrs in page.tags if tag == "th")
    assert sum(tag == "span" and not attrs for tag, attrs in page.tags) == 3      # room for the exercise without answer


@pytest.mark.parametrize("hostile", HOSTILE)
def test_words_stay_words_in_html(hostile):
    assert Page(html(Document("t", "", "en", (Paragraph((hostile,)),)))).text.count(hostile) == 1


def rendered(text: str) -> str:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(HOSTILE) | st.text("ab-+=*_#>|$<&\\`~[]().!1 \n", min_size=1).filter(str.strip))
def test_words_stay_words_in_markdown(words):
    plain = " ".join(words.split())
    page = Page(rendered(markdown(Document("t", "", "en", (Paragraph((words,)), Bullets(((words,),)), Table(
        ((words,),), (((words,),),)))))))
    assert [tag for tag, _ in page.tags] == ["h1", "p", "ul", "li", "table", "thead", "tr", "th", "tbody", "tr", "td"]
    assert [line for line in page.text.split("\n") if line.strip()] == ["t", *[plain] * 4]


def test_formulas_in_markdown_stand_between_dollars():
    text = markdown(everything(MARKS))
    assert r"$$\mathrm{markf} \qquad \text{(7)}$$" in text
    assert r"$x$" in text
    assert "$$- x$$" in text
    assert text.count("<br>") == 3
    assert len(set(re.findall(r"!\[.*?\]\(data:image/svg\+xml;base64,", text))) == 1


@pytest.mark.parametrize("sizes", [(1, 1), (2, 3, 4, 1), (8, 1, 8), (8,) * 6])
def test_a_network_is_drawn_whole_and_told_in_words(sizes):
    picture = network(sizes)
    root = ElementTree.fromstring(picture.svg)
    _, _, width, height = map(float, root.get("viewBox").split())
    units = [node for node in root.iter() if node.tag.endswith("circle")]
    assert len(units) == sum(sizes)
    assert all(13 < float(unit.get("cx")) < width - 13 and 13 < float(unit.get("cy")) < height - 13 for unit in units)
    assert root.find("{*}path").get("d").count("M") == sum(m * n for m, n in pairwise(sizes))
    assert f"x with {sizes[0]} unit" in picture.alt
    assert f"W{len(sizes) - 1}." in picture.alt
    assert isinstance(picture, Picture)


def test_an_equation_breaks_where_a_person_would_break_it():
    column, dot = Grid(((Number("1"),), (Number("2"),))), Symbol("·")
    box = Row((Row((Name("x"), Symbol("="), column, dot, column, Symbol("≈"), Name("y"))), Words("and"), Name("z")))
    text = html(Document("t", "", "en", (Display(box),)))
    clauses = [re.findall('alttext="(.*?)"', clause) for clause in text.split('class="clause"')[1:]]
    assert [len(clause) for clause in clauses] == [4, 1]
    assert clauses[0][0] == "x"
    assert clauses[0][3] == "is about y"
    assert clauses[1] == ["and z"]


def test_names_of_layers_may_carry_indices_either_way():
    assert network((2, 1), ("x", "a1")).svg == network((2, 1), ("x", "a₁")).svg


# ---- marks, levels and hints ---------------------------------------------------------------------------------------

STEP = Exercise(1, "Slope", 5, (Paragraph(("question",)),), (
    Mark(2, (Display(Name("first")),), ("because of ", Name("w"))),
    Mark(3, (Display(Name("second")), Paragraph(("so",))))), level=2, hints=(("nudgeword",), ("ruleword",)))


@pytest.mark.parametrize("form", ALL)
def test_a_step_of_an_answer_says_its_points_and_why_it_holds(form):
    text = ALL[form](Document("t", "", "en", (STEP,)))
    assert text.count("because of ") == 1
    assert [text.count(f"{points} points") for points in (2, 3)] == [1, 1]
    assert text.index("first") < text.index("because of ") < text.index("second")


@pytest.mark.parametrize("form", FORMATS)
def test_a_level_is_a_number_with_words(form):
    assert "level 2, one rule · 5 points" in re.sub(r"\$\\cdot\$", "·", ALL[form](Document("t", "", "en", (STEP,))))


def test_a_mark_is_for_something():
    with pytest.raises(ValueError, match="give the blocks"):
        Mark(1, (), ("why",))


def test_the_points_of_a_mark_are_shared_by_its_blocks():
    assert [points for _, points in STEP.earned] == [2, 1.5, 1.5]
    assert sum(points for _, points in STEP.earned) == STEP.points
    assert [points for _, points in replace(STEP, answer=STEP.answer[0].blocks).earned] == [5]


@pytest.mark.parametrize("form", ALL)
def test_hints_are_said_where_they_are_wanted_only(form):
    said = {}
    for place in HINTS:
        made = Worksheet("slopes", 0, Made("Slopes", (), (), (STEP,)), place)
        said[place] = [ALL[form](document).count(word) for document in (made.sheet, made.key)
                       for word in ("nudgeword", "ruleword")]
    assert said == {"none": [0, 0, 1, 1], "beside": [1, 1, 1, 1], "end": [1, 1, 1, 1]}


def test_hints_are_folded_without_a_script_on_the_sheet_and_open_on_the_key():
    made = Worksheet("slopes", 0, Made("Slopes", (), (), (STEP,)), "beside")
    sheet_, key = Page(html(made.sheet)), Page(html(made.key))
    assert [tag for tag, _ in sheet_.tags if tag in ("details", "summary")] == ["details", "summary"] * 2
    assert not {"details", "summary"} & {tag for tag, _ in key.tags}
    assert "::details-content" in html(made.sheet)                  # printed all the same
