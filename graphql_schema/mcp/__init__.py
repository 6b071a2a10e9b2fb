"""The Model Context Protocol: tools for assistants, each a published operation of the schema.

Needs the extra `mcp`. A tool is a file of ``docs/queries/tools``: it takes the variables of its
operation and answers with the operation's data. Rights, limits, cost and audit are those of
GraphQL, because the same schema executes it.
"""
