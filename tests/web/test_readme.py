"""The README tells the truth."""

import json
import re
from pathlib import Path

from tests.web.asking import Client

README = (Path(__file__).parents[2] / "README.md").read_text()


async def test_the_query_of_the_readme_gets_the_answer_of_the_readme(client: Client):
    query = re.search(r"```graphql\n(.*?)```", README, re.DOTALL)
    answer = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert query is not None
    assert answer is not None
    assert await client.ask(query[1]) == json.loads(answer[1])
