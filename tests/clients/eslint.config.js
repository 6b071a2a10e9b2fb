// The recommended and Relay's presets of graphql-eslint, over the schema and the published operations.
import graphql from '@graphql-eslint/eslint-plugin';

const { configs, parser, rules } = graphql;
const inProject = {
  languageOptions: {
    parser,
    parserOptions: {
      graphQLConfig: { schema: 'schema.graphql', documents: 'docs/queries/**/*.graphql' },
    },
  },
  plugins: { '@graphql-eslint': { rules } },
};

export default [
  {
    ...inProject,
    files: ['schema.graphql'],
    rules: {
      ...configs['flat/schema-recommended'].rules,
      ...configs['flat/schema-relay'].rules,
      // Short lists are never paged, some pages hold values, and some are read forwards only.
      '@graphql-eslint/relay-edge-types': [
        'error',
        { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
      ],
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // What has an identity is a Node; a decision or a citation is a value.
      '@graphql-eslint/strict-id-in-types': 'off',
      // Answer.answered is older than this check, and names stay.
      '@graphql-eslint/no-typename-prefix': 'warn',
    },
  },
  {
    ...inProject,
    files: ['docs/queries/**/*.graphql'],
    rules: configs['flat/operations-recommended'].rules,
  },
  {
    // Assistants have no cache that would need the ids.
    files: ['docs/queries/tools/*.graphql'],
    rules: { '@graphql-eslint/require-selections': 'off' },
  },
];
