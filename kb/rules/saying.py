"""Phrases that letters, advice and answers to questions have in common, in some words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kb.rules.codes import ActionDeadline
from kb.rules.evidence import Words
from kb.rules.letter_phrases import DEADLINES, SCOPES
from kb.rules.outcomes import DataLabel, LabelScope


def said(text: str, words: Words, /, **values: object) -> str:
    """A phrase in some words, with the values for its names in braces."""
    phrase = words.get(text, text)
    for name, value in values.items():
        phrase = phrase.replace(f"{{{name}}}", str(value))
    return phrase


def label_lines(
    labels: Iterable[DataLabel], words: Words, told: Callable[[DataLabel], str]
) -> list[tuple[str, DataLabel]]:
    """What the data may be called, with the Steps and the part of them that it is said of.

    Steps of which the same is told are said in one line; it comes with the first of their labels.
    """
    steps: dict[tuple[LabelScope, str], list[DataLabel]] = {}
    for label in labels:
        steps.setdefault((label.scope, told(label)), []).append(label)
    return [
        (
            said(
                SCOPES[scope],
                words,
                steps=steps_said(tuple(dict.fromkeys(label.step for label in alike)), words),
                text=text,
            ),
            alike[0],
        )
        for (scope, text), alike in steps.items()
    ]


def steps_said(numbers: Sequence[int], words: Words) -> str:
    """Steps by their numbers: "Steps 1, 2 and 3"."""
    if len(numbers) == 1:
        return said("Step {numbers}", words, numbers=numbers[0])
    first = ", ".join(map(str, numbers[:-1]))
    listed = said("{first} and {last}", words, first=first, last=numbers[-1])
    return said("Steps {numbers}", words, numbers=listed)


def with_deadline(
    text: str,
    words: Words,
    deadline: ActionDeadline | None,
    advised: ActionDeadline | None = None,
) -> str:
    """What is to be done, with by when: the earlier moment that is advised before the last one."""
    if deadline is None:
        return text
    form = "{text} Deadline: {deadline}."
    moments = {"deadline": said(DEADLINES[deadline], words)}
    if advised is not None:
        form = "{text} Deadline: {advised}, and at the latest {deadline}."
        moments["advised"] = said(DEADLINES[advised], words)
    return said(form, words, text=text, **moments)
