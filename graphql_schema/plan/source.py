"""Python source that is put together from functions, with the objects that they name."""

from collections.abc import Sequence
from typing import Any


class PythonSource:
    """Functions as lines of source; `bound` are the objects by the names that they have there."""

    def __init__(self, **bound: Any) -> None:
        self.lines: list[str] = []
        self.names = 0
        self.bound = bound

    def _function(self, head: str, lines: Sequence[str]) -> None:
        self.lines += [f"def {head}:", *(f"    {line}" for line in lines)]

    def _bind_function(self, tail: str) -> str:
        """A function of one line, by its name."""
        name = self._name("complete")
        self.lines.append(f"def {name}{tail}")
        return name

    def _bind(self, kind: str, value: Any) -> str:
        """The name of an object."""
        name = self._name(kind)
        self.bound[name] = value
        return name

    def _name(self, kind: str) -> str:
        """A name that nothing else here has."""
        self.names += 1
        return f"{kind}_{self.names}"

    def _run(self) -> int:
        """Make the functions, which then are among the objects; how long their source is."""
        source = "\n".join(self.lines)
        exec(compile(source, "<plan>", "exec"), self.bound)
        return len(source)
