"""A notebook: its cells of words, and the numbers of its cells of code, which must be those of the words."""

from __future__ import annotations

import json

from jacobian.worksheet.proofread.node import Unread
from jacobian.worksheet.proofread.page import Page
from jacobian.worksheet.proofread.read.markdown import lines


def notebook(source: str) -> Page:
    """The page of a file's text. Raises Unread where it is no notebook."""
    try:
        cells = json.loads(source)["cells"]
        words = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unread("it is no notebook") from error
    page = Page()
    for text in words:
        lines(page, text.split("\n"), text.startswith("**Answer**"))
    return page
