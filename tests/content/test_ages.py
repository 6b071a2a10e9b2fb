"""Facts are listed by the age of their last check, the longest unchecked first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from kb.content.ages import last_checks
from tests.rules.shipped import shipped_library


@pytest.mark.slow
def test_every_dated_fact_source_and_faq_is_listed_oldest_first():
    library = shipped_library()
    vietnam = library.countries["VN"]
    old = replace(vietnam.kinds[0], checked_on=date(2025, 1, 2))
    countries = {**library.countries, "VN": replace(vietnam, kinds=(old,))}
    checks = last_checks(replace(library, countries=MappingProxyType(countries)))
    first = checks[0]
    assert (first.checked_on, first.kind, first.key) == (date(2025, 1, 2), "countries", "VN")
    assert first.valid_from == date(2021, 10, 1)
    assert [check.checked_on for check in checks] == sorted(check.checked_on for check in checks)
    assert {check.key for check in checks if check.kind == "sources"} == set(library.sources)
    assert len([check for check in checks if check.kind == "faqs"]) == 23
    amounts = sum(len(fee.amounts) for fee in library.fees.values())
    assert len([check for check in checks if check.kind == "fees"]) == amounts
