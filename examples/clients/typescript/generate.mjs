// Writes src/__generated__/operations.ts by GraphQL Code Generator: types and documents for the operations of
// docs/queries. The plugins are the same for its command; here they need fewer packages.
import { codegen } from '@graphql-codegen/core';
import * as documentNodes from '@graphql-codegen/typed-document-node';
import * as operationTypes from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const text = (path) => readFileSync(new URL(path, root), 'utf8');
const documents = ['brand', 'chatbot', 'helpdesk'].flatMap((group) =>
  readdirSync(new URL(`docs/queries/${group}/`, root))
    .filter((name) => name.endsWith('.graphql'))
    .map((name) => `docs/queries/${group}/${name}`)
    .map((location) => ({ location, document: parse(text(location)) })),
);
const scalars = { CountryCode: 'string', Date: 'string', DateTime: 'string', JSON: 'unknown', Markdown: 'string' };
const generated = await codegen({
  filename: 'operations.ts',
  schema: parse(text('schema.graphql')),
  documents,
  pluginMap: { operationTypes, documentNodes },
  plugins: [{ operationTypes: {} }, { documentNodes: {} }],
  config: { scalars, strictScalars: true, enumType: 'string-literal', useTypeImports: true },
});
const folder = new URL('src/__generated__/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('operations.ts', folder), generated);
