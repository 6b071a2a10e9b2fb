// Apollo Client with its usual links, and with the link for persisted queries, which sends a hash
// first and the whole query when the server does not know it.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client/core';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createHash } from 'node:crypto';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import * as ops from './operations.mjs';

const http = () => new HttpLink({ uri: ops.url, headers: ops.headers });
const socket = new GraphQLWsLink(
  createClient({
    url: ops.webSocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: ops.headers.authorization },
  }),
);
const clientWith = (link) => new ApolloClient({ link, cache: new InMemoryCache() });
const client = clientWith(
  ApolloLink.split(({ operationType }) => operationType === 'subscription', socket, http()),
);
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const persisted = (useGETForHashedQueries) =>
  clientWith(new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(http()));

const query = async (of, text, variables) => (await of.query({ query: gql(text), variables })).data;
const first = new Promise((resolve, reject) => {
  client.subscribe({ query: gql(ops.SUBSCRIPTION) }).subscribe({
    next: ({ data, error }) => (error ? reject(error) : resolve(data)),
    error: reject,
  });
});
let wrong = 0;
try {
  await query(client, ops.WRONG);
} catch (error) {
  wrong = error.errors?.length ?? String(error);
}
ops.report({
  ...ops.summary({
    query: await query(client, ops.QUERY),
    variables: await query(client, ops.WITH_VARIABLES, { number: 9 }),
    wrong,
    mutation: (await client.mutate({ mutation: gql(ops.MUTATION), variables: ops.rating })).data,
    subscription: await first,
  }),
  hashedByPost: (await query(persisted(false), ops.QUERY)).viewer.role,
  hashedByGet: (await query(persisted(true), ops.QUERY)).viewer.role,
});
