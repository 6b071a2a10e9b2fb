"""The e-mail address of a facility: who is shown it, who corrects it, and what that changes."""

from __future__ import annotations

from kb.models import AuditEntry, Facility
from tests.global_ids import number_of
from tests.mutations.conftest import FACTORY, OFFICER, SCOPES, SLCP, People, recorded

CONTACT = "query ($id: ID!) { node(id: $id) { ... on Facility { contactEmail } } }"
AUDIT = """query ($id: ID!) { audit(filter: {facilityId: $id, what: ["CONTACT_CORRECTED"]}) {
    nodes { who role before { version } after { version } } } }"""
OFFICE = "office@factory.example"


async def test_the_facility_its_programme_and_admins_correct_the_address_and_nobody_else(
    people: People,
):
    await people.register("other factory")
    id_ = await people.walk("facilityShare", contactEmail="old@factory.example")
    hidden = ("officer elsewhere", "other brand", "other factory")
    for who in (*SCOPES, FACTORY, "other factory", "anonymous"):
        before = await recorded()
        answer = await people.do(
            who, "facilityCorrectContact", facilityId=id_, contactEmail=f"{len(who)}@f.example"
        )
        if who in (FACTORY, OFFICER, "admin"):
            assert answer["facility"] == {"id": id_, "contactEmail": f"{len(who)}@f.example"}
            continue
        assert answer["__typename"] == ("NotFound" if who in hidden else "NotPermitted"), who
        assert await recorded() == before


async def test_the_address_is_shown_to_those_who_need_it_only(people: People):
    id_ = await people.walk("facilityShare", contactEmail=OFFICE)
    for who, shown in (
        (FACTORY, OFFICE),
        (OFFICER, OFFICE),
        ("helpdesk", OFFICE),
        ("admin", OFFICE),
        (SLCP, None),
        ("brand", None),
    ):
        body = await people.ask(who, CONTACT, id=id_)
        assert body["data"]["node"] == {"contactEmail": shown}, who


async def test_a_corrected_address_leaves_no_trace_but_who_corrected_it(people: People):
    id_ = await people.register()
    number = number_of(id_)
    version = (await Facility.get(id=number)).version
    for _ in range(2):  # the second time changes nothing
        done = await people.done(
            OFFICER, "facilityCorrectContact", facilityId=id_, contactEmail=f" {OFFICE} "
        )
        assert done["facility"]["contactEmail"] == OFFICE
    facility = await Facility.get(id=number)
    assert (facility.contact_email, facility.version) == (OFFICE, version)
    (entry,) = (await people.ask("admin", AUDIT, id=id_))["data"]["audit"]["nodes"]
    assert (entry["role"], entry["before"], entry["after"]) == ("PROGRAMME_OFFICER", None, None)
    assert OFFICE not in str([dict(row) for row in await AuditEntry.all()])


async def test_what_is_no_address_is_refused_by_name(people: People):
    id_ = await people.register(contactEmail=OFFICE)
    answer = await people.do(
        OFFICER, "facilityCorrectContact", facilityId=id_, contactEmail="nobody"
    )
    assert answer["__typename"] == "InvalidInput"
    assert [(problem["field"], problem["value"]) for problem in answer["problems"]] == [
        ("contactEmail", "nobody")
    ]
    (row,) = await Facility.filter(contact_email=OFFICE)
    assert row.name == "Example Garments"
