// A typed client with urql.
//
//     npm ci && npm run build && node build/urql.js http://127.0.0.1:8000/graphql TOKEN
//
// Queries and mutations go by HTTP, subscriptions over a WebSocket, which carries the token itself.
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import type { OperationResult } from '@urql/core';
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
const client = new Client({
  url,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization } },
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
      }),
    }),
  ],
});

function dataOf<Data>({ data, error }: OperationResult<Data>): Data {
  if (error || data == null) throw error ?? new Error('neither data nor an error');
  return data;
}

const { ask } = dataOf(await client.query(AskDocument, { question: 'what does it cost to share?' }));
console.log(ask.outcome, ...ask.citations.map(({ faqNumber }) => faqNumber ?? 'later page'));

const { facilities } = dataOf(await client.query(PortfolioDocument, { first: 1 }));
const [facility] = facilities.nodes; // none where the token sees none
console.log(facility?.name, facility?.whatApplies.workflow.state);
console.log(facility?.whatApplies.workflow.nextActions[0]?.title ?? 'nothing to do');

const input = { question: 'What is a VCC?', faqNumber: 23, passageId: '23.what-it-is', helpful: true };
const { answerRate } = dataOf(await client.mutation(RateTheAnswerDocument, { input }));
console.log(answerRate.__typename);

await new Promise<void>((resolve, reject) => {
  const following = client.subscription(FollowChangesDocument, {}).subscribe(({ data, error }) => {
    if (error) return reject(error);
    console.log(data?.portfolioEvents.__typename);
    following.unsubscribe();
    resolve();
  });
});
await socket.dispose();
