"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether something is as it should be."""

    OK = "OK"
    WARNING = "WARNING"
    """It works, but in production it should be otherwise."""
    FAULT = "FAULT"
    """Something does not work, or is not safe."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do where it should be otherwise."""

    subject: str
    verdict: Verdict
    text: str
    remedy: str = ""


def ok(subject: str, text: str) -> Finding:
    """It is as it should be."""
    return Finding(subject, Verdict.OK, text)


def warning(subject: str, text: str, remedy: str) -> Finding:
    """It works, but should be otherwise."""
    return Finding(subject, Verdict.WARNING, text, remedy)


def fault(subject: str, text: str, remedy: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(subject, Verdict.FAULT, text, remedy)
