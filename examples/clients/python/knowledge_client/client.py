from collections.abc import AsyncIterator
from typing import Any, Optional, Union

from .ask import Ask
from .async_base_client import AsyncBaseClient
from .base_model import UNSET, UnsetType
from .input_types import AnswerRateInput
from .portfolio_changes import PortfolioChanges
from .rate_answer import RateAnswer
from .what_applies import WhatApplies


def gql(q: str) -> str:
    return q


class KnowledgeClient(AsyncBaseClient):
    async def what_applies(self, os_id: str, **kwargs: Any) -> WhatApplies:
        query = gql("""
            query WhatApplies($osId: String!) {
              facility(by: {osId: $osId}) {
                id
                name
                whatApplies {
                  assessment {
                    assessedBy
                    text
                  }
                  sharing {
                    status
                    text
                  }
                  workflow {
                    nextActions {
                      actor
                      title
                    }
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"osId": os_id}
        response = await self.execute(
            query=query, operation_name="WhatApplies", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return WhatApplies.model_validate(data)

    async def ask(self, question: str, **kwargs: Any) -> Ask:
        query = gql("""
            query Ask($question: String!) {
              ask(input: {question: $question}) {
                outcome
                text
                citations {
                  faqNumber
                }
              }
            }
            """)
        variables: dict[str, object] = {"question": question}
        response = await self.execute(
            query=query, operation_name="Ask", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return Ask.model_validate(data)

    async def rate_answer(self, input: AnswerRateInput, **kwargs: Any) -> RateAnswer:
        query = gql("""
            mutation RateAnswer($input: AnswerRateInput!) {
              answerRate(input: $input) {
                __typename
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(
            query=query, operation_name="RateAnswer", variables=variables, **kwargs
        )
        data = self.get_data(response)
        return RateAnswer.model_validate(data)

    async def portfolio_changes(
        self, after: Union[Optional[str], UnsetType] = UNSET, **kwargs: Any
    ) -> AsyncIterator[PortfolioChanges]:
        query = gql("""
            subscription PortfolioChanges($after: String) {
              portfolioEvents(after: $after) {
                __typename
                ... on CaughtUp {
                  cursor
                }
                ... on FacilityEvent {
                  cursor
                  event {
                    kind
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {"after": after}
        async for data in self.execute_ws(
            query=query,
            operation_name="PortfolioChanges",
            variables=variables,
            **kwargs,
        ):
            yield PortfolioChanges.model_validate(data)
