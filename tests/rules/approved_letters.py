"""Letters that people have read and approved, one file each; `scripts/approved`."""

from __future__ import annotations

from pathlib import Path

from kb.content.records import Library
from kb.rules.evidence import KnowledgeLayer
from kb.rules.inputs import FacilityProfile, Ternary
from tests.rules.letters import demo_letter, write

FOLDER = Path(__file__).parent / "approved" / "letters"

# One demo facility for each situation that differs in more than a sentence.
DEMO = {
    "01-nothing-declared": 1,
    "02-shared-with-a-brand": 2,
    "03-profile-to-be-submitted": 5,
    "04-linked-in-an-earlier-cycle-whose-data-is-shared": 10,
    "05-on-track": 15,
    "06-assessed-and-not-on-the-gateway": 17,
    "07-on-the-gateway": 19,
    "08-shared-after-a-virtual-compliance-check": 23,
    "09-self-assessment-missed": 24,
    "10-link-missed": 26,
    "11-report-stays-on-the-portal": 30,
    "12-enrolled-and-out-of-scope": 33,
}


def letters(library: Library) -> dict[str, str]:
    """File name to letter."""
    letters = {name: demo_letter(library, number).text for name, number in DEMO.items()}
    verifier_body = FacilityProfile(country="VN", enrolled=Ternary.NO, in_scope=Ternary.NO)
    letters["13-verifier-body"] = write(library, verifier_body)[1]
    letters["14-waiting-for-the-country"] = write(
        library, FacilityProfile(country="PK", enrolled=Ternary.YES)
    )[1]
    letters["15-only-the-country-is-known"] = write(library, FacilityProfile(country="BR"))[1]
    letters["16-shared-faqs-alone"] = write(
        library,
        FacilityProfile(country="VN", enrolled=Ternary.YES),
        layers=frozenset({KnowledgeLayer.SHARED_FAQS_2021}),
    )[1]
    for locale in ("bn", "id", "vi"):
        letters[f"17-in-{locale}"] = demo_letter(library, 2, locale).text
    return {f"{name}.md": text for name, text in letters.items()}
