"""The words and facts of the knowledge base, as files that people edit. No logic.

`folder()` tells where the files are.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable


def folder() -> Traversable:
    """The folder of the content files, wherever the package is installed."""
    return files(__name__)
