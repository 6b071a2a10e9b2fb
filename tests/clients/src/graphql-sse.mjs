// graphql-sse in its mode of a connection for each operation.
import { createClient } from 'graphql-sse';
import * as ops from './operations.mjs';

const client = createClient({ url: ops.url, headers: ops.headers });
const first = async (query, variables) => {
  for await (const result of client.iterate({ query, variables })) return result;
};
let wrong = 0;
try {
  wrong = (await first(ops.WRONG)).errors.length;
} catch (error) {
  wrong = error.length ?? error.errors?.length ?? String(error);
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
