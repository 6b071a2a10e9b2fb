"""The helpdesk's page, as somebody at the helpdesk uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from browser import Page, open_browser

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.demo.scenarios import DEMO_BRAND
from tests.pages.axe import barriers
from tests.pages.site import Site

pytestmark = pytest.mark.browser

SHOWN = "document.querySelector('#shown').innerText"
NOTICE = "document.querySelector('#notice').innerText"
ABOUT = "document.querySelector('#about').innerText"
BOX = "document.querySelector('#box').value"
FIRST = "For a start"
BRAND = {"grantee": DEMO_BRAND, "granteeKind": "BRAND"}
HOSTILE = '<img src=x onerror="globalThis.ran=1"> **b** [x](javascript:globalThis.ran=1) Mill'


class Desk:
    """The page in a browser."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.address = f"{site.url}/helpdesk"

    def sign_in(self, token: str | None) -> None:
        """Open the page anew, with this token in the tab."""
        self.page.open(f"{self.address}?{datetime.now(UTC).timestamp()}")
        self.page.wait_for("document.querySelector('#who button') !== null")
        kept = f"setItem('knowledge-api:token', '{token}')" if token else "clear()"
        self.page.evaluate(f"sessionStorage.{kept}")
        self.page.reload()
        self.page.wait_for("document.querySelector('#who button') !== null")

    def find(self, text: str) -> None:
        self.page.evaluate("(b => { b.value = ''; b.focus(); })(document.querySelector('#box'))")
        self.page.call("Input.insertText", text=text)
        self.page.enter()

    def link(self, hash_: str) -> None:
        self.page.evaluate(f"location.hash = {json.dumps(hash_)}")

    def sees(self, text: str, where: str = SHOWN) -> None:
        self.page.wait_for(f"{where}.includes({json.dumps(text)})")

    def press(self, label: str, within: str = "document") -> None:
        buttons = f"[...{within}.querySelectorAll('button')]"
        named = f"{buttons}.find((each) => each.textContent.trim() === {json.dumps(label)})"
        self.page.wait_for(f"{named} !== undefined")
        self.page.evaluate(f"{named}.click()")

    def close(self, entry: str) -> None:
        """Close a question of the queue, having thought better of it once."""
        self.page.evaluate(
            "(choice => { choice.value = 'NOT_COVERED';"
            f" choice.dispatchEvent(new Event('change')); }})({entry}.querySelector('select'))"
        )
        self.press("Close", entry)
        self.press("Cancel", entry)
        self.press("Close", entry)
        self.press("Close it for everybody", entry)
        self.page.wait_for(f"{entry} === undefined")


def changed(site: Site, token: str, name: str, kind: str, values: dict[str, str]) -> str:
    """Make a change by the API; gives the name of what it answers."""
    query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}"
    answer = httpx.post(
        f"{site.url}/graphql",
        headers={"Authorization": f"Bearer {token}"},
        json={"query": query, "variables": {"input": values}},
        trust_env=False,
    ).json()
    assert "errors" not in answer, answer
    return str(answer["data"][name]["__typename"])


@pytest.fixture(scope="module")
def opened(site: Site) -> Iterator[Desk]:
    with open_browser() as page:
        allowed = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        page.call("Browser.grantPermissions", permissions=allowed, origin=site.url)
        yield Desk(page, site)


@pytest.fixture
def desk(opened: Desk, site: Site) -> Desk:
    opened.sign_in(site.helpdesk)
    return opened


def test_a_question_is_answered_without_a_token_with_its_passages(desk: Desk) -> None:
    desk.sign_in(None)
    desk.find("what does it cost to share?")
    desk.sees("Registering in the SLCP Gateway costs facilities nothing.")
    desk.sees("Passages and sources (6)")
    assert desk.page.problems == []
    assert barriers(desk.page) == []


def copied(desk: Desk) -> dict[str, str]:
    """What "Copy as e-mail" puts on the clipboard: by type, as text."""
    desk.press("Copy as e-mail")
    desk.sees("Copied")
    values: dict[str, str] = desk.page.evaluate(
        "navigator.clipboard.read().then(async ([item]) => Object.fromEntries(await Promise.all("
        "item.types.map(async (type) => [type, await (await item.getType(type)).text()]))))"
    )
    return values


def test_the_answer_is_copied_for_an_e_mail_rich_and_plain(desk: Desk) -> None:
    desk.find("what does it cost to share?")
    mail = copied(desk)
    for kind in ("text/plain", "text/html"):
        assert "Source: FAQ 14, Shared FAQs" in mail[kind]
        assert "Related" not in mail[kind]
    assert "costs facilities nothing.</p>" in mail["text/html"]
    assert "<button" not in mail["text/html"]


def test_passages_that_an_answer_leaves_out_come_with_its_source(desk: Desk) -> None:
    desk.find("which countries have data sharing?")
    desk.sees("Passages and sources")
    passages = desk.page.evaluate(
        "[...document.querySelectorAll('#shown blockquote')].map((quote) => quote.textContent)"
    )
    mail = " ".join(copied(desk)["text/html"].split())
    for passage in passages:
        assert all(word in mail for word in passage.split()[:8])


def test_a_copied_answer_is_in_one_language(desk: Desk) -> None:
    desk.find("chi phí chia sẻ dữ liệu là bao nhiêu?")
    desk.sees("Passages and sources")
    plain = copied(desk)["text/plain"]
    assert "Nguồn: FAQ 14" in plain
    assert "Source:" not in plain


@pytest.mark.parametrize("language", ["en", "vi", "id", "bn"])
def test_who_is_new_is_shown_what_can_be_asked_and_it_is_answered(
    desk: Desk, language: str
) -> None:
    desk.page.open(f"{desk.address}?lang={language}")
    questions = "[...document.querySelectorAll('#shown section.answer li button')]"
    desk.page.wait_for(f"location.search === '?lang={language}' && {questions}.length === 3")
    for number in range(3):
        pressing = "(question => { question.focus(); question.click(); })"
        desk.page.evaluate(f"{pressing}({questions}[{number}])")
        desk.page.wait_for("document.querySelector('#shown .tag')?.className === 'tag good'")
        # Whoever pressed it by keyboard reads on from here.
        assert desk.page.evaluate("document.activeElement.id") == "shown"
        desk.page.evaluate("history.back()")
        desk.page.wait_for(f"{questions}.length === 3")


def test_back_and_forward_and_enter_once_more_show_the_same_answer(desk: Desk) -> None:
    question = "what does it cost to share?"
    desk.find(question)
    desk.sees("High confidence.")
    address = desk.page.evaluate("location.hash")
    desk.page.evaluate("history.back()")
    desk.sees(FIRST)
    assert desk.page.evaluate(BOX) == ""
    desk.page.evaluate("history.forward()")
    desk.sees("High confidence.")
    assert desk.page.evaluate(BOX) == question
    desk.page.enter()
    desk.page.wait_for("document.querySelector('#shown').ariaBusy === 'true'")
    desk.page.wait_for("document.querySelector('#shown').ariaBusy !== 'true'")
    desk.sees("High confidence.")
    assert desk.page.evaluate("location.hash") == address
    assert desk.page.evaluate("document.title").startswith(f"{question} · Helpdesk")


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


def test_where_it_takes_long_it_says_that_it_is_reading(desk: Desk) -> None:
    slow = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    desk.page.call("Network.emulateNetworkConditions", latency=3000, **slow)
    try:
        desk.find("what does it cost to share?")
        reading = "getComputedStyle(document.querySelector('#reading')).visibility"
        desk.page.wait_for(f"{reading} === 'visible'")
    finally:
        desk.page.call("Network.emulateNetworkConditions", latency=0, **slow)
    desk.sees("costs facilities nothing.")
    assert desk.page.evaluate(reading) == "hidden"


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("DEMO-OS-999999", "No facility has the id DEMO-OS-999999."),
        ("is DEMO-OS-999998 allowed to share?", "No facility has the id DEMO-OS-999998."),
        ("Sunrise Garments Ltd", "No facility has “Sunrise Garments Ltd” in its name."),
    ],
)
def test_who_is_not_known_is_no_question_that_was_not_answered(
    desk: Desk, site: Site, text: str, said: str
) -> None:
    desk.find(text)
    desk.sees(said, NOTICE)
    desk.sees("A facility that is not open to you is not found either.", NOTICE)
    desk.sign_in(None)
    if "OS" in text:
        desk.find(text)
        desk.sees("Sign in to look for facilities.", NOTICE)
    desk.sign_in(site.helpdesk)
    desk.link("queue=1")
    desk.sees("Questions that were not answered")
    assert text not in desk.page.evaluate(SHOWN)


def test_a_question_is_asked_of_today_and_its_link_has_no_day(desk: Desk) -> None:
    desk.link("q=what does it cost to share?&asOf=2021-10-01&only=1")
    desk.sees("costs facilities nothing.")
    desk.sees("Questions are answered as of today", "document.querySelector('#search').innerText")
    options = "['#as-of', '#only-faqs'].map((name) => document.querySelector(name).disabled)"
    assert desk.page.evaluate(options) == [True, True]
    assert desk.page.evaluate("location.hash") == "#q=what+does+it+cost+to+share%3F"
    desk.find("FAQ 9")
    desk.sees("FAQ 9:")
    desk.page.wait_for(f"{options}.every((disabled) => !disabled)")


def test_the_link_to_an_answer_holds_the_question_before_it(desk: Desk) -> None:
    asked = "new URLSearchParams(location.hash.slice(1)).get({})"
    desk.find("how do we tell better work that we want to share?")
    desk.sees("country programme")
    assert desk.page.evaluate(asked.format("'after'")) is None
    desk.find("and by when?")
    desk.page.wait_for(f"{asked.format(repr('after'))} !== null")
    before = "how do we tell better work that we want to share?"
    assert desk.page.evaluate(asked.format("'after'")) == before
    shown = desk.page.evaluate(SHOWN)
    desk.page.reload()
    desk.page.wait_for(f"{SHOWN} === {json.dumps(shown)}")
    # What was asked of no facility, or of another one, is not carried to this one.
    desk.find("DEMO-OS-000001")
    desk.sees("Better Work assesses this factory")
    desk.find("who assesses us?")
    desk.page.wait_for(f"{asked.format(repr('q'))} === 'who assesses us?'")
    desk.sees("Better Work assesses this factory")
    assert desk.page.evaluate(asked.format("'after'")) is None


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


def test_an_open_question_is_closed(desk: Desk) -> None:
    desk.link("q=tool and steps&ask=1")
    desk.sees("Not sure")
    desk.link("queue=1")
    entry = (
        "[...document.querySelectorAll('.entry')]"
        ".find((each) => each.textContent.includes('tool and steps'))"
    )
    desk.page.wait_for(f"{entry} !== undefined")
    assert desk.page.evaluate(f"{entry}.querySelector('select').value") == ""
    desk.press("Close", entry)  # without a reason it does nothing
    desk.close(entry)
    desk.link("faq=7")
    desk.sees("FAQ 7")
    desk.link("queue=1")
    desk.sees("Questions that were not answered")
    assert "tool and steps" not in desk.page.evaluate(SHOWN)


def test_an_answer_that_did_not_help_is_in_the_queue_until_it_is_closed(desk: Desk) -> None:
    question = "Which countries have data sharing?"
    desk.link(f"q={question}&ask=1")
    desk.sees("Did it help?")
    desk.press("No", "document.querySelector('#shown')")
    desk.sees("Thank you, it is kept.")
    desk.link("queue=1")
    desk.sees("Answers that did not help")
    entry = (
        "[...document.querySelectorAll('.entry')]"
        f".find((each) => each.textContent.includes({json.dumps(question)}))"
    )
    desk.page.wait_for(f"{entry}.innerText.includes('The answer did not help')")
    desk.close(entry)


def test_the_page_speaks_the_language_that_is_chosen(desk: Desk) -> None:
    title = desk.page.evaluate("document.querySelector('h1').textContent.trim()")
    desk.page.evaluate(
        "(choice => { choice.value = 'vi'; choice.dispatchEvent(new Event('change')); })"
        "(document.querySelector('#language'))"
    )
    desk.page.wait_for("document.documentElement.lang === 'vi'")
    assert desk.page.evaluate("document.querySelector('h1').textContent.trim()") != title
    assert "lang=vi" in desk.page.evaluate("document.querySelector('header nav a').href")
    desk.find("chi phí chia sẻ dữ liệu là bao nhiêu?")
    desk.press("Không", "document.querySelector('#shown')")  # it did not help
    desk.sees("Cảm ơn")
    why = desk.page.evaluate("document.querySelector('#shown').textContent")
    desk.link("queue=1")
    desk.sees("vi · ")
    queue = desk.page.evaluate("document.querySelector('#shown').textContent")
    for text in ("Nearest", "passage", "nearest", "words:", "stated", "helped", "release"):
        assert text not in why + queue
    assert desk.page.evaluate("document.querySelector('#unreviewed').hidden") is False


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


def test_without_a_connection_it_says_so_and_goes_on_by_itself_afterwards(desk: Desk) -> None:
    offline = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    desk.page.call("Network.emulateNetworkConditions", offline=True, **offline)
    desk.link("faq=9")
    desk.sees("The server does not answer.", NOTICE)
    desk.page.call("Network.emulateNetworkConditions", offline=False, **offline)
    desk.sees("FAQ 9")
    assert desk.page.evaluate(NOTICE) == ""


def test_an_ended_token_is_asked_for_again_and_what_was_shown_comes_back(
    desk: Desk, site: Site
) -> None:
    desk.link("q=DEMO-OS-000002&asOf=2022-01-01")
    desk.sees("Demo Factory 0002")
    desk.page.evaluate("sessionStorage.setItem('knowledge-api:token', 'kb_ended')")
    desk.page.reload()
    desk.page.wait_for("document.querySelector('dialog').open")
    assert desk.page.evaluate(SHOWN) == ""
    desk.page.evaluate(f"document.querySelector('#token').value = 'Bearer {site.helpdesk}'")
    desk.press("Sign in", "document.querySelector('dialog')")
    desk.sees("Demo Factory 0002")
    assert desk.page.evaluate("document.querySelector('#as-of').value") == "2022-01-01"


def test_when_a_token_ends_nothing_that_it_has_opened_is_left(desk: Desk, site: Site) -> None:
    token = site.token(Viewer(Role.PROGRAMME_OFFICER, countries=("ID",)))
    desk.sign_in(token)
    desk.find("DEMO-OS-000006")
    desk.sees("Demo Factory 0006", ABOUT)
    site.end_tokens_of(Role.PROGRAMME_OFFICER)
    desk.page.wait_for("document.querySelector('dialog').open")
    assert "0006" not in desk.page.evaluate("document.body.textContent + document.title")


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
