"""What is told as it happens: subscriptions, and how they travel over WebSocket and SSE."""
