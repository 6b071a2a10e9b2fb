// A typed client with Apollo Client.
//
//     npm ci && npm run build && node build/apollo.js http://127.0.0.1:8000/graphql TOKEN
//
// Queries and mutations go by HTTP, subscriptions over a WebSocket, which carries the token itself.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client/core';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
  AskDocument,
  FollowChangesDocument,
  PortfolioDocument,
  RateTheAnswerDocument,
} from './__generated__/operations.js';

const [url, token] = process.argv.slice(2);
if (url === undefined || token === undefined) throw new Error('give an address and a token');
const authorization = `Bearer ${token}`;
const socket = createClient({
  url: url.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: authorization },
});
const client = new ApolloClient({
  link: ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(socket),
    new HttpLink({ uri: url, headers: { authorization } }),
  ),
  cache: new InMemoryCache(),
});

function present<Data>(data: Data | undefined): Data {
  if (data === undefined) throw new Error('no data');
  return data;
}

const asked = await client.query({
  query: AskDocument,
  variables: { question: 'what does it cost to share?' },
});
const { ask } = present(asked.data);
console.log(ask.outcome, ...ask.citations.map(({ faqNumber }) => faqNumber ?? 'later page'));

const found = await client.query({ query: PortfolioDocument, variables: { first: 1 } });
const { facilities } = present(found.data);
const [facility] = facilities.nodes; // none where the token sees none
console.log(facility?.name, facility?.whatApplies.workflow.state);
console.log(facility?.whatApplies.workflow.nextActions[0]?.title ?? 'nothing to do');

const input = { question: 'What is a VCC?', faqNumber: 23, passageId: '23.what-it-is', helpful: true };
const rated = await client.mutate({ mutation: RateTheAnswerDocument, variables: { input } });
console.log(present(rated.data).answerRate.__typename);

await new Promise<void>((resolve, reject) => {
  const following = client.subscribe({ query: FollowChangesDocument }).subscribe({
    next: ({ data, error }) => {
      if (error) return reject(error);
      console.log(data?.portfolioEvents.__typename);
      following.unsubscribe();
      resolve();
    },
    error: reject,
  });
});
client.stop();
await socket.dispose();
