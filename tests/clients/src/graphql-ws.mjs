// graphql-ws: everything over one WebSocket.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import * as ops from './operations.mjs';

const client = createClient({
  url: ops.webSocketUrl,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: ops.headers.authorization },
});
const first = (query, variables) =>
  new Promise((resolve, reject) => {
    let got;
    const next = (result) => {
      got ??= result;
      if (query === ops.SUBSCRIPTION) stop(); // the others complete by themselves
    };
    const sink = { next, error: reject, complete: () => resolve(got) };
    const stop = client.subscribe({ query, variables }, sink);
  });
let wrong = 0;
try {
  await first(ops.WRONG);
} catch (errors) {
  wrong = errors.length;
}
ops.report(
  ops.summary({
    query: (await first(ops.QUERY)).data,
    variables: (await first(ops.WITH_VARIABLES, { number: 9 })).data,
    wrong,
    mutation: (await first(ops.MUTATION, ops.rating)).data,
    subscription: (await first(ops.SUBSCRIPTION)).data,
  }),
);
