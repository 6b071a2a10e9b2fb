"""A page as PDF, by the browser of this machine.

A browser shapes every script of the answers, Bengali included, and lays out the HTML that people
print; a library for PDF would need fonts beside it, and a second layout. The page itself forbids
scripts and other addresses.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from kb.errors import KbError

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)
PATIENCE = 60
INSTEAD = "or write it with --format html and print that"


def pdf(page: str, language: str) -> bytes:
    """A page as PDF; KbError where no browser, or no font for its language, is on this machine."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise KbError(f"PDF needs a browser: install Debian's package chromium, {INSTEAD}.")
    if not _has_font(language):
        wanted = "install Debian's package fonts-noto-core"
        raise KbError(
            f"No font of this machine writes the language {language}: {wanted}, {INSTEAD}."
        )
    with tempfile.TemporaryDirectory(prefix="kb-report-") as folder:
        source, written = Path(folder, "report.html"), Path(folder, "report.pdf")
        source.write_text(page, encoding="utf-8")
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # the sandbox refuses to serve root
        command = [browser, *FLAGS, *as_root, f"--user-data-dir={folder}/profile"]
        try:
            subprocess.run(
                [*command, f"--print-to-pdf={written}", source.as_uri()],
                capture_output=True,
                timeout=PATIENCE,
                check=True,
            )
            return written.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise KbError(f"{browser} made no PDF: try again, {INSTEAD}.") from error


def _has_font(language: str) -> bool:
    fonts = shutil.which("fc-list")
    if fonts is None:
        return True
    return subprocess.run([fonts, "--quiet", f":lang={language}"], check=False).returncode == 0
