"""How often Python looks for unused objects."""

import gc


def collect_seldom() -> None:
    """Look seldom: what is loaded at a start stays, and an answer makes thousands that soon go."""
    gc.set_threshold(10_000, 20, 50)
