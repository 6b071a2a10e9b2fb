"""Every error raised on purpose.

KbError                      what the caller should be told, with a stable code
├── NotFoundError            NOT_FOUND: the caller named something that does not exist
├── NotCoveredError          NOT_COVERED: no fact is held for that day or in those layers
├── InvalidInputError        INVALID_INPUT: a value has the wrong form or is out of range
│   └── InvalidFieldsError     the same for several fields at once
├── UnauthenticatedError     UNAUTHENTICATED: the token is unknown, expired or revoked
├── NotPermittedError        NOT_PERMITTED: the caller may not see or do this
├── TooOftenError            RATE_LIMITED: the caller has to wait
├── TooManyError             TOO_MANY: the caller has open as much as one client may
├── IllegalTransitionError   ILLEGAL_TRANSITION: a guard of the event does not hold now
├── StaleVersionError        STALE_VERSION: the facility changed since the caller read it
├── IdempotencyConflictError IDEMPOTENCY_CONFLICT: the key was used for something else
├── ContentError             CONTENT_INVALID: files under the content folder are wrong
├── GoldenCaseError          GOLDEN_CASE_FAILED: the content is well formed but answers wrongly
├── BundleError              BUNDLE: a bundle, or the key for it, is not what it should be
└── StorageError             STORAGE_UNAVAILABLE: the database is missing, locked or unreachable
    ├── PendingMigrationError  MIGRATION_PENDING: the tables are older than the program
    ├── NewerTablesError     TABLES_NEWER: the tables are newer than the program
    ├── TamperedReleaseError  RELEASE_TAMPERED: a release is not what was published
    ├── UnreadableReleaseError RELEASE_UNREADABLE: a release is of another version of the program
    └── NothingPublishedError  NOTHING_PUBLISHED: the tables hold no knowledge release yet
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

LONGEST_SHOWN = 200
"""Characters of a wrong value that an error repeats."""


class KbError(Exception):
    """Something the caller should be told in plain words.

    `code` is stable and public; the message says what was wrong, what is allowed and what to do.
    """

    code: ClassVar[str] = "KB_ERROR"


def own_copy(error: Exception) -> Exception:
    """The same error for one of several who are told it: how each handles it is no other's."""
    copied = copy.copy(error)
    copied.__cause__ = error
    return copied


def _shown(value: object) -> str:
    """A value as an error repeats it: enough of it to be recognised."""
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


class NotFoundError(KbError):
    """The caller named something that does not exist, or that it may not know to exist."""

    code = "NOT_FOUND"
    what: str
    value: str

    def __init__(self, what: str, value: object, allowed: Iterable[object] = ()) -> None:
        self.what = what
        self.value = _shown(value)
        self.allowed = tuple(str(value) for value in allowed)
        hint = f" Known: {', '.join(self.allowed)}." if self.allowed else ""
        super().__init__(f"There is no {what} {self.value!r}.{hint}")


class NotCoveredError(KbError):
    """No fact is held for that day or in those layers; the last known value is not used instead."""

    code = "NOT_COVERED"

    def __init__(self, what: str, as_of: date, first: date | None = None) -> None:
        self.what = what
        self.as_of = as_of
        self.first = first
        known = f" The first day covered is {first.isoformat()}." if first else ""
        super().__init__(f"{what} is not covered on {as_of.isoformat()}.{known}")


class BundleError(KbError):
    """A bundle, or the key for it, is not what it should be."""

    code = "BUNDLE"


class InvalidInputError(KbError):
    """A value has the wrong form or is out of range."""

    code = "INVALID_INPUT"
    field: str
    value: str
    allowed: str

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field = field
        self.value = _shown(value)
        self.allowed = allowed
        super().__init__(f"{field}: {self.value!r} is not valid. Allowed: {allowed}.")


class InvalidFieldsError(InvalidInputError):
    """Several values have the wrong form; `problems` has one error for each, in order."""

    def __init__(self, problems: Sequence[InvalidInputError]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.field, first.value, first.allowed)
        self.args = (" ".join(str(problem) for problem in self.problems),)


class UnauthenticatedError(KbError):
    """The token is unknown, malformed, expired or revoked; it is never taken for no token."""

    code = "UNAUTHENTICATED"


class NotPermittedError(KbError):
    """The caller may not see or do this."""

    code = "NOT_PERMITTED"


def go_on_in(seconds: int) -> str:
    """When a caller who has to wait may go on, in words."""
    return f"Go on in {seconds} second{'' if seconds == 1 else 's'}"


class TooOftenError(KbError):
    """The caller has to wait; `wait` is for how many seconds."""

    code = "RATE_LIMITED"

    def __init__(self, why: str, wait: int) -> None:
        self.wait = wait
        super().__init__(f"{why} {go_on_in(wait)}.")


class TooManyError(KbError):
    """The caller has open as much as one client may have at once."""

    code = "TOO_MANY"

    def __init__(self, what: str, most: int) -> None:
        super().__init__(
            f"You have {most} {what} open, which is all that one client may have. "
            "End one of them first."
        )


class IllegalTransitionError(KbError):
    """A guard of the event does not hold now.

    `guard` is the code of the guard, `passages` the FAQ passages behind it, `allowed` the kinds of
    event that the caller may record instead.
    """

    code = "ILLEGAL_TRANSITION"
    guard: str
    reason: str

    def __init__(
        self, guard: str, reason: str, passages: Iterable[str], allowed: Iterable[str]
    ) -> None:
        self.guard = guard
        self.reason = reason
        self.passages = tuple(passages)
        self.allowed = tuple(allowed)
        instead = ", ".join(self.allowed) if self.allowed else "nothing by you"
        super().__init__(f"{reason} Possible now: {instead}.")


class StaleVersionError(KbError):
    """The facility changed since the caller read it."""

    code = "STALE_VERSION"
    expected: int
    current: int

    def __init__(self, expected: int, current: int) -> None:
        self.expected = expected
        self.current = current
        super().__init__(
            f"The facility is at version {current}, not {expected}. Read it again, then decide."
        )


class IdempotencyConflictError(KbError):
    """The idempotency key was used before, for something else."""

    code = "IDEMPOTENCY_CONFLICT"
    key: str

    def __init__(self, key: str) -> None:
        self.key = _shown(key)
        super().__init__(
            f"The idempotency key {self.key!r} was used for another change. "
            "Use a new key for a new one."
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the content: where, what, and what is allowed instead."""

    file: str
    line: int | None
    key: str
    wrong: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        stop = "" if self.wrong.endswith(".") else "."
        allowed = f" Allowed: {self.allowed}" if self.allowed else ""
        return f"{place}:{key} {self.wrong}{stop}{allowed}"


class ContentError(KbError):
    """Files under the content folder are wrong; `problems` lists all of them."""

    code = "CONTENT_INVALID"
    problems: tuple[Problem, ...]

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            f"The content has {count} problem{'s' if count != 1 else ''}; nothing was published:\n"
            + "\n".join(f"  {problem}" for problem in self.problems)
        )


class GoldenCaseError(KbError):
    """The content is well formed but a golden case answers differently; nothing was published."""

    code = "GOLDEN_CASE_FAILED"
    failures: tuple[str, ...]

    def __init__(self, failures: Sequence[str]) -> None:
        self.failures = tuple(failures)
        count = len(self.failures)
        super().__init__(
            f"{count} golden case{'s' if count != 1 else ''} failed; nothing was published:\n"
            + "\n".join(f"  {failure}" for failure in self.failures)
        )


class StorageError(KbError):
    """The database is missing, locked or unreachable."""

    code = "STORAGE_UNAVAILABLE"


class PendingMigrationError(StorageError):
    """The tables are older than the program."""

    code = "MIGRATION_PENDING"


class NewerTablesError(StorageError):
    """The tables are newer than the program."""

    code = "TABLES_NEWER"


class TamperedReleaseError(StorageError):
    """A knowledge release in the tables is not what was published."""

    code = "RELEASE_TAMPERED"


class UnreadableReleaseError(StorageError):
    """A knowledge release does not fit the program: another version of it has published it."""

    code = "RELEASE_UNREADABLE"


class NothingPublishedError(StorageError):
    """The tables hold no knowledge release yet."""

    code = "NOTHING_PUBLISHED"
