"""Lines of plans for lists: one function answers all objects, and looks up once what they share."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_INFO = re.compile(r"\(state\.infos\[(\d+)\] or state\.info\(\d+\)\)")


class ObjectLines(NamedTuple):
    """Lines that put what is selected of `source` into `answer`.

    Those in `shared` are the same for all objects of the type, and come first.
    """

    shared: Sequence[str]
    own: Sequence[str]


def info(number: int) -> str:
    """The expression of an info by its number."""
    return f"(state.infos[{number}] or state.info({number}))"


def lines_of_each(lines: ObjectLines, function: str) -> Sequence[str]:
    """The lines that answer a list of `sources`, in a function of that name.

    Objects that come later are answered one by one, when they are there.
    """
    later = f"lambda source, state: {function}((source,), state)[0]"
    infos = sorted({number for line in lines.own for number in _INFO.findall(line)})
    return [
        "if not sources: return []",
        f"if hasattr(sources[0], '__await__'): return items(sources, state, {later}, False)",
        *lines.shared,
        *(f"info_{number} = {info(number)}" for number in infos),
        "answers = []",
        "for source in sources:",
        *("    " + _INFO.sub(r"info_\1", line) for line in lines.own),
        "    answers.append(answer)",
        "return answers",
    ]
