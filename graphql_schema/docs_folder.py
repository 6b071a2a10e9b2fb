"""Where the documentation lies, and the example operations in it.

A wheel carries it inside the package; a checkout has it beside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_IN_WHEEL = _PACKAGE / "docs"

DOCS_FOLDER = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent / "docs"
"""The folder of the Markdown files, with the operations in `queries`."""
