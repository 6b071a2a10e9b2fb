// graphql-request, as scripts and small front ends use it.
import { GraphQLClient } from 'graphql-request';
import * as ops from './operations.mjs';

const client = new GraphQLClient(ops.url, { headers: ops.headers });
let wrong = 0;
try {
  await client.request(ops.WRONG);
} catch (error) {
  wrong = error.response.errors.length;
}
ops.report(
  ops.summary({
    query: await client.request(ops.QUERY),
    variables: await client.request(ops.WITH_VARIABLES, { number: 9 }),
    wrong,
    mutation: await client.request(ops.MUTATION, ops.rating),
  }),
);
