"""Five factories in Viet Nam on their way to shared data, by people who each do their part.

    .venv/bin/python examples/story.py            all five stories
    .venv/bin/python examples/story.py --short    the first and the last

It serves a temporary database, or that of KB_DATABASE_URL if it is set, which must be empty. It
makes a token for everybody and plays `stories.py`: before each step everybody else tries it and is
refused, and so are the later steps, tried too early. After it, what applies must be right, and
two brands that follow their portfolios over WebSocket must be told what concerns them and nothing
else. The factories act over WebSocket, the others over HTTP. It ends with 1 if anything is wrong.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

from client import Client, Data, HttpClient, WebSocketClient
from rich.console import Console
from rich.table import Table
from served import Served, served
from stories import FACTORY, NEEDS, NOT_FOUND, OFFICER, ROLES, SLCP, STORIES, Step, Story

PEOPLE = {
    OFFICER: ("PROGRAMME_OFFICER", "--country", "VN"),
    "officer elsewhere": ("PROGRAMME_OFFICER", "--country", "BD"),
    SLCP: ("SLCP_OFFICER",),
    "helpdesk": ("HELPDESK",),
    "chatbot": ("CHATBOT",),
    "brand": ("BRAND", "--org", "Example Brand"),
    "other brand": ("BRAND", "--org", "Other Brand"),
}

REGISTER = """mutation ($input: FacilityRegisterInput!) { facilityRegister(input: $input) {
    __typename ... on FacilityRecorded { facility { id } } ... on Refusal { message }
} }"""

STANDS = """query ($id: ID!) { facility(by: {id: $id}) { whatApplies {
    workflow { state nextActions { code } }
    sharing { status }
    assessment { assessedBy }
    dataLabels { code }
} history(first: 1) { totalCount } } }"""

PORTFOLIO = """subscription { portfolioEvents {
    __typename
    ... on FacilityAppeared { facility { id } }
    ... on FacilityEvent { facility { id } }
    ... on FacilityVanished { facilityId }
} }"""

out = Console(highlight=False, soft_wrap=True)


class WrongError(Exception):
    """The product did something else than the story tells."""


def check(what: str, got: object, expected: object) -> None:
    """Raise WrongError unless what came is what was expected."""
    if got != expected:
        raise WrongError(f"{what}: {got!r}, and not {expected!r}")


def change_in(message: Data) -> Data:
    """What a message of a subscription tells."""
    check("the message", message["type"], "next")
    change: Data = message["payload"]["data"]["portfolioEvents"]
    return change


class Play:
    """One story, while it is played."""

    def __init__(
        self, story: Story, id_: str, people: dict[str, Client], portfolios: dict[str, Any]
    ) -> None:
        self.story = story
        self.id = id_
        self.people = people
        self.portfolios = portfolios
        self.taken: set[str] = set()
        self.with_brand = False
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        """Take every step, after everybody else has tried it and every later one."""
        out.rule(f"[bold]{self.story.title}", align="left")
        for place, step in enumerate(self.story.steps):
            by_role = await self._others_are_refused(step)
            too_early = await self._later_steps_are_refused(self.story.steps[place + 1 :])
            answer = await self.do(ROLES[step.does], step.does, step.details)
            check(step.does, answer["__typename"], "FacilityRecorded")
            self.taken.add(step.does)
            self.counts["steps"] += 1
            await self._the_brand_is_told(step)
            for does, details, guard in step.refused:
                await self._is_refused_by_guard(does, details, guard)
            await self._stands(step)
            out.print(
                f"  [green]{step.does}[/] by {ROLES[step.does]}: {step.then}\n    [dim]refused: "
                f"{by_role} others, {too_early} later steps, {len(step.refused)} tried in vain"
            )
        await self._ends()

    async def do(self, who: str, does: str, details: Data) -> Data:
        """What a mutation answers."""
        name = f"{does[0].upper()}{does[1:]}Input"
        query = f"""mutation ($input: {name}!) {{ {does}(input: $input) {{
            __typename
            ... on Refusal {{ code message }}
            ... on IllegalTransition {{ guard citations {{ faqNumber }} }}
        }} }}"""
        data = await self.people[who].ask(query, input={"facilityId": self.id, **details})
        answer: Data = data[does]
        return answer

    async def _others_are_refused(self, step: Step) -> int:
        others = [who for who in self.people if who != ROLES[step.does]]
        for who in others:
            answer = await self.do(who, step.does, step.details)
            expected = "NOT_PERMITTED" if self._sees(who) else NOT_FOUND
            check(f"{step.does} by {who}", answer.get("code"), expected)
        self.counts["others"] += len(others)
        return len(others)

    def _sees(self, who: str) -> bool:
        """Whether the facility is there for somebody; for a few nothing is, and they know."""
        if who == SLCP:
            return bool(self.taken & {"facilitySubmitProfile", "facilityRequestLink"})
        if who == "brand":
            return self.with_brand
        return who not in ("officer elsewhere", "other brand", "other factory")

    async def _later_steps_are_refused(self, later: tuple[Step, ...]) -> int:
        tried = {step.does: step for step in reversed(later)}
        refused = 0
        for does, step in tried.items():
            lacks = [guard for first, guard in NEEDS.get(does, ()) if not first & self.taken]
            if lacks:
                await self._is_refused_by_guard(does, step.details, lacks[0])
                refused += 1
        return refused

    async def _is_refused_by_guard(self, does: str, details: Data, guard: str) -> None:
        answer = await self.do(ROLES[does], does, details)
        check(f"{does} too early", answer.get("guard", answer.get("code")), guard)
        check(f"{does} cites its source", bool(answer.get("citations")), guard != NOT_FOUND)
        self.counts["order"] += 1

    async def _the_brand_is_told(self, step: Step) -> None:
        for kind in step.brand_sees:
            message = await asyncio.wait_for(self.portfolios["brand"].get(), 10)
            change = change_in(message)
            facility = change.get("facilityId") or change["facility"]["id"]
            check("the brand's portfolio", (change["__typename"], facility), (kind, self.id))
            self.counts["messages"] += 1
            self.with_brand = kind != "FacilityVanished"
        await self._nobody_is_told_more()

    async def _nobody_is_told_more(self) -> None:
        for who, portfolio in self.portfolios.items():
            check(f"more in the portfolio of the {who}", portfolio.qsize(), 0)
            query = "query ($id: ID!) { node(id: $id) { id } facilities { totalCount } }"
            data = await self.people[who].ask(query, id=self.id)
            seen = who == "brand" and self.with_brand
            check(f"the facility for the {who}", data["node"], {"id": self.id} if seen else None)

    async def _stands(self, step: Step) -> None:
        stands = (await self.people[OFFICER].ask(STANDS, id=self.id))["facility"]["whatApplies"]
        actions = [action["code"] for action in stands["workflow"]["nextActions"]]
        got = (stands["workflow"]["state"], stands["sharing"]["status"], *actions[:1])
        check(f"what applies after {step.does}", ", ".join(got), step.then)

    async def _ends(self) -> None:
        facility = (await self.people[OFFICER].ask(STANDS, id=self.id))["facility"]
        stands = facility["whatApplies"]
        check("the assessor", stands["assessment"]["assessedBy"], self.story.assessed_by)
        labels = tuple(label["code"] for label in stands["dataLabels"])
        check("the data labels", labels, self.story.labels)
        # One event more than steps: the registration. No refusal has left a trace.
        check("events", facility["history"]["totalCount"], len(self.story.steps) + 1)


async def register(officer: Client, story: Story) -> str:
    """Register the factory of a story, and return its id."""
    fields = {"name": story.factory, "country": "VN", "osId": story.os_id}
    answer = (await officer.ask(REGISTER, input=fields))["facilityRegister"]
    check("facilityRegister", answer["__typename"], "FacilityRecorded")
    id_: str = answer["facility"]["id"]
    return id_


async def tell(server: Served, stack: AsyncExitStack, stories: Sequence[Story]) -> list[Play]:
    """Make everybody's token, play the stories, and return them as they ended."""
    admin = HttpClient(server.http, await server.token("ADMIN"))
    keys = await asyncio.gather(*(server.token(*scope) for scope in PEOPLE.values()))
    people: dict[str, Client] = {
        who: HttpClient(server.http, key) for who, key in zip(PEOPLE, keys, strict=True)
    }
    people |= {"admin": admin, "anonymous": HttpClient(server.http)}
    for person in people.values():
        stack.push_async_callback(person.close)
    portfolios = {}
    for who in ("brand", "other brand"):
        key = keys[list(PEOPLE).index(who)]
        following = WebSocketClient.connected(server.websocket, key)
        portfolio = await (await stack.enter_async_context(following)).follow(PORTFOLIO)
        check(
            f"the start of the {who}'s portfolio",
            change_in(await portfolio.get())["__typename"],
            "CaughtUp",
        )
        portfolios[who] = portfolio
    ids = [await register(people[OFFICER], story) for story in stories]
    factories = [
        await stack.enter_async_context(WebSocketClient.connected(server.websocket, key))
        for key in await asyncio.gather(
            *(server.token("FACILITY", "--facility", story.os_id) for story in stories)
        )
    ]
    plays = []
    for place, (story, id_) in enumerate(zip(stories, ids, strict=True)):
        acting = {FACTORY: factories[place], "other factory": factories[place - 1]}
        play = Play(story, id_, {**people, **acting}, portfolios)
        await play.run()
        plays.append(play)
    return plays


async def main(stories: Sequence[Story]) -> int:
    """Play stories on a server of their own; 0 if all went as they tell."""
    async with served() as server, AsyncExitStack() as stack:
        try:
            plays = await tell(server, stack, stories)
            for command in ("verify", "rebuild"):
                out.print(
                    f"[dim]kb facilities {command}:[/] {await server.kb('facilities', command)}"
                )
        except (WrongError, RuntimeError) as error:
            out.print(f"[bold red]Wrong:[/] {error}")
            return 1
    shown = Table("Story", "Steps", "Others refused", "Order refused", "Brand told")
    columns = ("steps", "others", "order", "messages")
    for play in plays:
        shown.add_row(play.story.title, *(str(play.counts[name]) for name in columns))
    total = sum((play.counts for play in plays), Counter())
    out.print(shown)
    out.print(
        f"{len(plays)} stories: {total['steps']} steps were taken, {total['others']} refused to "
        f"others and {total['order']} out of order; the brand was told of "
        f"{total['messages']} changes."
    )
    return 0


if __name__ == "__main__":
    short = "--short" in sys.argv[1:]
    sys.exit(asyncio.run(main((STORIES[0], STORIES[-1]) if short else STORIES)))
