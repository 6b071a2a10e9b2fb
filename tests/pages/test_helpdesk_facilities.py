"""What the helpdesk's page tells of a facility, and of one that is described step by step."""

from __future__ import annotations

import pytest

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.demo.scenarios import DEMO_BRAND
from tests.pages.axe import barriers
from tests.pages.desk import ABOUT, BOX, FIRST, SHOWN, Desk, changed, copied
from tests.pages.site import Site

pytestmark = pytest.mark.browser

BRAND = {"grantee": DEMO_BRAND, "granteeKind": "BRAND"}
HOSTILE = '<img src=x onerror="globalThis.ran=1"> **b** [x](javascript:globalThis.ran=1) Mill'


def test_what_is_being_typed_stays_while_something_happens_to_the_facility(
    desk: Desk, site: Site
) -> None:
    officer = site.token(Viewer(Role.PROGRAMME_OFFICER, countries=("VN",)))
    new = {"name": "Evening Lantern Knitwear", "country": "VN"}
    changed(site, officer, "facilityRegister", "FacilityRegisterInput", new)
    desk.find("Evening Lantern Knitwear")
    desk.sees("Evening Lantern Knitwear", ABOUT)
    desk.find("who assesses it?")
    desk.sees("About Evening Lantern Knitwear")
    desk.page.evaluate("(b => { b.value = ''; b.focus(); })(document.querySelector('#box'))")
    desk.page.call("Input.insertText", text="and by w")
    id_ = desk.page.evaluate("new URLSearchParams(location.hash.slice(1)).get('facility')")
    desk.page.wait_for("document.querySelector('#shown').ariaBusy !== 'true'")
    desk.page.evaluate("document.querySelector('#shown h2').textContent = 'shown before'")
    enrol = {"facilityId": id_}
    done = changed(site, officer, "facilityEnrol", "FacilityEnrolInput", enrol)
    assert done == "FacilityRecorded"
    desk.sees("who assesses it?")
    assert desk.page.evaluate(BOX) == "and by w"


def test_another_id_or_name_is_found_while_questions_are_about_a_facility(desk: Desk) -> None:
    desk.find("DEMO-OS-000001")
    desk.sees("Demo Factory 0001", ABOUT)
    desk.find("DEMO-OS-000010")
    desk.sees("Demo Factory 0010", ABOUT)
    desk.find("factory 0004")
    desk.sees("Demo Factory 0004", ABOUT)
    desk.find("Can DEMO-OS-000007 share its data?")
    desk.sees("About Demo Factory 0007")
    desk.sees("Answered")
    desk.sees("Demo Factory 0007", ABOUT)
    desk.find("is demo factory 0012 allowed to share?")
    desk.sees("About Demo Factory 0012")
    desk.find("is it allowed to share?")
    desk.sees("is it allowed to share?")
    desk.sees("About Demo Factory 0012")
    assert "About Demo Factory 0012" in copied(desk)["text/plain"]


def test_a_name_in_small_letters_within_a_question_is_found(desk: Desk, site: Site) -> None:
    officer = site.token(Viewer(Role.PROGRAMME_OFFICER, countries=("VN",)))
    new = {"name": "Morning Lantern Knitwear", "country": "VN"}
    changed(site, officer, "facilityRegister", "FacilityRegisterInput", new)
    desk.find("who will assess morning lantern knitwear this year?")
    desk.sees("About Morning Lantern Knitwear")


def test_who_sees_no_status_is_shown_what_a_factory_is_called_and_answered_in_general(
    desk: Desk, site: Site
) -> None:
    desk.sign_in(site.token(Viewer(Role.SLCP_OFFICER)))
    desk.find("DEMO-OS-000002")
    desk.sees("Demo Factory 0002 (VN)\n\nOS ID DEMO-OS-000002")
    desk.sees("Your token shows what this factory is called, not what applies to it.")
    desk.find("what does it cost DEMO-OS-000002 to share?")
    desk.sees("costs facilities nothing.")
    assert "About" not in desk.page.evaluate(SHOWN)


def test_who_is_meant_is_asked_where_a_question_names_no_one_facility(desk: Desk) -> None:
    desk.find("DEMO-OS-000001")
    desk.sees("Demo Factory 0001", ABOUT)
    desk.find("Is demo factory 10 allowed to share?")
    desk.sees("facilities have “demo factory” in their name; 20 are shown")
    desk.press("Ask about Demo Factory 0001 (VN)")
    desk.sees("About Demo Factory 0001 (VN)")


def test_a_facility_is_left_by_its_button(desk: Desk) -> None:
    desk.find("DEMO-OS-000001")
    desk.sees("Demo Factory 0001", ABOUT)
    desk.press("Leave this facility")
    desk.page.wait_for("document.querySelector('#about').hidden")
    desk.sees(FIRST)
    desk.find("what does it cost to share?")
    desk.sees("costs facilities nothing.")
    assert "About" not in desk.page.evaluate(SHOWN)


def test_an_id_shows_what_applies_and_the_link_to_it_holds_no_token(desk: Desk, site: Site) -> None:
    desk.find("DEMO-OS-000001")
    desk.sees("Better Work assesses this factory, because it is enrolled.")
    desk.press("Copy link")
    desk.sees("Copied")
    link = desk.page.evaluate("navigator.clipboard.readText()")
    assert "#facility=" in link
    assert site.helpdesk not in link
    desk.link("")
    desk.sees(FIRST)
    desk.link(link.partition("#")[2])
    desk.sees("Demo Factory 0001 (VN)")
    assert barriers(desk.page) == []


def test_the_rules_that_were_tried_read_as_a_tree(desk: Desk) -> None:
    desk.find("DEMO-OS-000001")
    desk.sees("The rules that were tried")
    tree = desk.page.evaluate("document.querySelector('.tree').textContent")
    assert "A1 holds✓ country_kind is ROLLOUT✓ enrolled is YES" in tree
    assert "it would have to be" in tree


def test_the_letter_comes_in_the_language_and_for_the_day_that_are_chosen(desk: Desk) -> None:
    desk.find("DEMO-OS-000001")
    desk.sees("Demo Factory 0001")
    desk.link(desk.page.evaluate("location.hash.slice(1)") + "&locale=id&asOf=2021-10-01&only=1")
    desk.sees("2021-10-01")
    desk.sees("Yang berlaku")
    assert "[1]" not in desk.page.evaluate(SHOWN)


def test_a_part_of_a_name_lists_facilities_and_is_kept_nowhere(desk: Desk) -> None:
    desk.find("Factory 000")
    desk.sees("9 facilities have “Factory 000” in their name")
    desk.press("Demo Factory 0004 (BD)")
    desk.sees("Bangladesh")
    desk.link("queue=1")
    desk.sees("Questions that were not answered")
    assert "Factory 000" not in desk.page.evaluate(SHOWN)


def test_step_by_step_no_country_is_chosen_beforehand(desk: Desk) -> None:
    desk.link("guide=+")
    desk.sees("In which country is the facility?")
    chosen = "document.querySelector('#shown select').value"
    disabled = "document.querySelector('#shown button.main').disabled"
    assert desk.page.evaluate(f"[{chosen}, {disabled}]") == ["", True]


def test_step_by_step_it_ends_at_what_applies(desk: Desk) -> None:
    desk.link("guide=VN")
    desk.sees("Is the facility enrolled in Better Work?")
    desk.press("No")
    desk.sees("Back")
    desk.link("guide=VN enrolled:NO inScope:NO")
    desk.sees("No further answer would change what applies.")
    desk.sees("Verifier")


def test_markup_in_a_name_is_text(desk: Desk, site: Site) -> None:
    officer = site.token(Viewer(Role.PROGRAMME_OFFICER, countries=("VN",)))
    new = {"name": HOSTILE, "country": "VN", "betterWorkId": "BW-HOSTILE-1"}
    made = changed(site, officer, "facilityRegister", "FacilityRegisterInput", new)
    assert made == "FacilityRecorded"
    desk.find("BW-HOSTILE-1")
    desk.sees("onerror")
    assert desk.page.evaluate("document.querySelectorAll('#shown img, #shown a').length") == 0
    assert desk.page.evaluate("globalThis.ran") is None


def test_nothing_is_wider_than_a_phone_however_long_a_name(desk: Desk, site: Site) -> None:
    jordan = site.token(Viewer(Role.PROGRAMME_OFFICER, countries=("JO",)))
    new = {"name": "مصنع 12 (" + "very" * 30 + ")", "country": "JO", "betterWorkId": "BW-LONG-1"}
    changed(site, jordan, "facilityRegister", "FacilityRegisterInput", new)
    try:
        # At 320 pixels everything can be read at four times the size of 1280.
        for width, bar in ((360, 130), (320, 200)):
            size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            desk.page.call("Emulation.setDeviceMetricsOverride", **size)
            for id_, name in (("DEMO-OS-000041", "0041"), ("BW-LONG-1", "very")):
                desk.find(id_)
                desk.sees(name, ABOUT)
                assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
            # Few rows, so that what is shown is in sight.
            assert desk.page.evaluate("document.querySelector('.bar').offsetHeight") < bar
    finally:
        desk.page.call("Emulation.clearDeviceMetricsOverride")
    # What is read from the right leaves the order of the sentence around it.
    about = desk.page.evaluate("document.querySelector('#about strong').textContent")
    assert about == f"Questions are now about \u2068{new['name']}\u2069."


def test_a_facility_vanishes_the_moment_that_its_share_is_revoked(desk: Desk, site: Site) -> None:
    shared = site.facility_shared_with(DEMO_BRAND)
    desk.sign_in(site.token(Viewer(Role.BRAND, organisation=DEMO_BRAND)))
    desk.find(shared.os_id)
    desk.sees(shared.name)
    facility = site.token(Viewer(Role.FACILITY, facility_ids=(shared.id,)))
    id_ = desk.page.evaluate("new URLSearchParams(location.hash.slice(1)).get('facility')")
    unshare = {"facilityId": id_, **BRAND}
    done = changed(site, facility, "facilityUnshare", "FacilityUnshareInput", unshare)
    assert done == "FacilityRecorded"
    desk.page.wait_for(f"{SHOWN} === ''")
    assert shared.name not in desk.page.evaluate("document.body.innerText")
