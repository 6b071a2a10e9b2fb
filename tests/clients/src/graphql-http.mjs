/** The audits of the specification GraphQL over HTTP, as its reference server runs them. */
import { auditServer } from 'graphql-http';

const audits = await auditServer({ url: process.argv[2], fetchFn: fetch });
const failed = audits.filter(({ status }) => status !== 'ok').map(({ id, name }) => `${id} ${name}`);
console.log(JSON.stringify({ audits: audits.length, failed }));
