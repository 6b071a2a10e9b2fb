"""The columns of a facility list: ours, and what Open Supply Hub's lists have besides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kb.rules.events import EventKind

IDS = ("os_id", "gateway_id", "better_work_id")
CONTACT = "contact_email"
ADDRESS = "address"
PLACE = "place_key"
"""Made from the address; no column of a list."""
NEW_FACILITY = "new_facility"
ANSWERS = ("enrolled", "in_scope", "capacity_available")
STEPS = "self_assessment_steps"
ASSESSMENT = "assessment_kind"

# The day on which something happened. Events of one day happened in this order.
DAYS: Mapping[str, EventKind] = MappingProxyType(
    {
        "registered_on": EventKind.FACILITY_REGISTERED,
        "enrolled_on": EventKind.ENROLLED,
        "verifier_body_on": EventKind.ROUTED_TO_VERIFIER_BODY,
        "eligibility_recorded_on": EventKind.ELIGIBILITY_RECORDED,
        "cycle_opened_on": EventKind.CYCLE_OPENED,
        "interest_declared_on": EventKind.INTEREST_DECLARED,
        "platform_set_up_on": EventKind.PLATFORM_SET_UP,
        "gateway_invited_on": EventKind.GATEWAY_INVITATION_SENT,
        "profile_submitted_on": EventKind.PROFILE_SUBMITTED,
        "profile_approved_on": EventKind.PROFILE_APPROVED,
        "link_requested_on": EventKind.LINK_REQUESTED,
        "linked_on": EventKind.LINKED,
        "self_assessed_on": EventKind.SELF_ASSESSMENT_COMPLETED,
        "assessed_on": EventKind.ASSESSED,
        "interest_next_cycle_on": EventKind.INTEREST_DECLARED,
        "report_posted_on": EventKind.REPORT_POSTED,
        "data_submitted_on": EventKind.DATA_SUBMITTED,
        "cycle_closed_on": EventKind.CYCLE_CLOSED,
    }
)

# What a day is of no use without.
DETAILS: Mapping[str, str] = MappingProxyType(
    {"self_assessed_on": STEPS, "assessed_on": ASSESSMENT}
)


def _in_export_order() -> tuple[str, ...]:
    order = ["name", "country", ADDRESS, *IDS, CONTACT, *ANSWERS]
    for day in DAYS:
        order += [day, *([DETAILS[day]] if day in DETAILS else [])]
    return tuple(order)


COLUMNS = _in_export_order()
COUNTRY_COLUMNS = ("country", "country_code", "country_name")
ADDRESS_COLUMNS = (ADDRESS, "city", "state", "postal_code", "zip")


@dataclass(frozen=True, slots=True)
class ListColumns:
    """The columns of one kind of list: `ordered` as an export has them, and all that are `read`.

    `ids` are the columns of ids, in the order in which they are looked up; `answers` those in which
    "unknown" and the like are answers. The column `new_one` says that a row is not about any of
    those known with a similar name. `of_what`, `of_many` and `ids_stay` are words of messages.
    """

    ordered: tuple[str, ...]
    ids: tuple[str, ...]
    answers: tuple[str, ...]
    new_one: str
    of_what: str
    of_many: str
    ids_stay: str

    @property
    def read(self) -> frozenset[str]:
        """Every column that is read."""
        return frozenset({*self.ordered, *COUNTRY_COLUMNS, *ADDRESS_COLUMNS, self.new_one})


FACILITY_LIST = ListColumns(
    ordered=COLUMNS,
    ids=IDS,
    answers=ANSWERS,
    new_one=NEW_FACILITY,
    of_what="facility",
    of_many="facilities",
    ids_stay="ids are never changed",
)
READ = FACILITY_LIST.read

# Where a facility stands, in reports and in what the dashboard exports: it follows from the rest.
_STANDING = frozenset(
    {
        "as_of",
        "assessed_by",
        "blockers",
        "next_action",
        "next_actor",
        "next_advised",
        "next_deadline",
        "sharing",
        "workflow_state",
    }
)

# What --errors adds: the line of a refused row, and what is wrong with it.
REFUSAL_COLUMNS = ("import_line", "import_problems")

# What Open Supply Hub's templates and downloads have besides.
NOT_KEPT = _STANDING | frozenset(
    {
        "claim_status",
        "contribution_date",
        "contributor_list",
        "contributor_type",
        "facility_type",
        "facility_type_processing_type",
        *REFUSAL_COLUMNS,
        "is_closed",
        "lat",
        "latitude",
        "lng",
        "longitude",
        "native_language_name",
        "number_of_workers",
        "parent_company",
        "processing_type",
        "processing_type_facility_type_raw",
        "product_type",
        "sector",
        "sector_product_type",
    }
)

# What spreadsheets take for a formula, in full width too.
_FORMULA = re.compile(r"'*(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")

# Text that a program has written as a formula, so that a spreadsheet keeps its zeros.
_TEXT_AS_FORMULA = re.compile(r'="([^"]*)"')

# Without width, and of no meaning in any script; some of them turn the order of what is shown.
_INVISIBLE = dict.fromkeys(
    map(
        ord,
        "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
    )
)


def column_key(header: str) -> str:
    """A header as columns are compared: "OS ID" and "os-id" are both "os_id"."""
    return "_".join(re.findall(r"\w+", tidy(header).casefold().replace("_", " ")))


def tidy(text: str) -> str:
    """Text in composed form, without invisible characters, and with single blanks only."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def escaped(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula; `unescaped` undoes it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """The text of a cell, without the apostrophe that kept it from being a formula, or `="…"`."""
    if as_formula := _TEXT_AS_FORMULA.fullmatch(text):
        return as_formula[1]
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text
