"""What is HTTP and WebSocket, and not GraphQL."""
