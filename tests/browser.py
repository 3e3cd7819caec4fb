"""A page in a headless browser, where one is installed: what a script at its end finds is handed back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
SCRIPT = r"""{
const handBack = found => {
  const escaped = c => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");
  const json = JSON.stringify(found).replace(/[^\x20-\x7e]|[<>&]/g, escaped);
  document.body.textContent = `RESULT${json}END`;
};
%s
}"""


def handed_back(page: str, script: str, folder: Path, *options: str) -> Any:
    """What the script gives to handBack(…), as JSON."""
    path = folder / "page.html"
    path.write_text(page.replace("</body>", f"<script>{SCRIPT % script}</script></body>"), encoding="utf-8")
    run = subprocess.run([str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *options,
                          f"--user-data-dir={folder}/me", "--dump-dom", path.as_uri()], capture_output=True, check=True,
                         timeout=300)
    return json.loads(re.search(r"RESULT([\[{].*)END", run.stdout.decode())[1])
