"""The knowledge base over GraphQL: schema, web app and GraphiQL."""
