// urql, as a dashboard sets it up: queries and mutations by fetch, subscriptions by WebSocket and,
// with its own transport, by server-sent events.
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import * as ops from './operations.mjs';

const options = { url: ops.url, preferGetMethod: false, fetchOptions: { headers: ops.headers } };
const socket = createClient({
  url: ops.webSocketUrl,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: ops.headers.authorization },
});
const client = new Client({
  ...options,
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
      }),
    }),
  ],
});
const overFetch = new Client({
  ...options,
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
});

const first = (source) =>
  new Promise((resolve, reject) => {
    source.subscribe((result) => (result.error ? reject(result.error) : resolve(result.data)));
  });
const data = async (operation) => {
  const result = await operation.toPromise();
  if (result.error) throw result.error;
  return result.data;
};

const wrong = (await client.query(ops.WRONG, {}).toPromise()).error;
ops.report({
  ...ops.summary({
    query: await data(client.query(ops.QUERY, {})),
    variables: await data(client.query(ops.WITH_VARIABLES, { number: 9 })),
    wrong: wrong.graphQLErrors.length,
    mutation: await data(client.mutation(ops.MUTATION, ops.rating)),
    subscription: await first(client.subscription(ops.SUBSCRIPTION, {})),
  }),
  streamed: (await first(overFetch.subscription(ops.SUBSCRIPTION, {}))).portfolioEvents.__typename,
});
