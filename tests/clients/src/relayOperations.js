// Read by relay-compiler, which checks it against schema.graphql and makes src/__generated__.
import { graphql } from 'relay-runtime';

graphql`
  query relayOperationsFeesQuery {
    viewer {
      role
    }
    fees {
      code
    }
  }
`;

graphql`
  query relayOperationsFacilitiesQuery($first: Int, $after: String) {
    facilities(first: $first, after: $after) @connection(key: "portfolio_facilities") {
      edges {
        node {
          id
          name
          country {
            code
          }
        }
      }
    }
  }
`;

graphql`
  mutation relayOperationsRateMutation($input: AnswerRateInput!) {
    answerRate(input: $input) {
      __typename
    }
  }
`;
