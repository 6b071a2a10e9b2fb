// Relay: documents compiled against schema.graphql, a store, and pages of a connection.
import { Environment, Network, RecordSource, Store, commitMutation, fetchQuery } from 'relay-runtime';
import FacilitiesQuery from './__generated__/relayOperationsFacilitiesQuery.graphql.js';
import FeesQuery from './__generated__/relayOperationsFeesQuery.graphql.js';
import RateMutation from './__generated__/relayOperationsRateMutation.graphql.js';
import * as ops from './operations.mjs';

const network = Network.create(async ({ text }, variables) => {
  const answer = await fetch(ops.url, {
    method: 'POST',
    headers: {
      ...ops.headers,
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
    },
    body: JSON.stringify({ query: text, variables }),
  });
  return answer.json();
});
const environment = new Environment({ network, store: new Store(new RecordSource()) });
const mutated = new Promise((onCompleted, onError) => {
  commitMutation(environment, { mutation: RateMutation, variables: ops.rating, onCompleted, onError });
});

const { viewer } = await fetchQuery(environment, FeesQuery, {}).toPromise();
const { facilities } = await fetchQuery(environment, FacilitiesQuery, { first: 2 }).toPromise();
ops.report({
  query: viewer.role,
  nodes: facilities.edges.map(({ node }) => node.name),
  mutation: (await mutated).answerRate.__typename,
});
