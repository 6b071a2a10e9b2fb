"""Subscriptions: events of facilities and new knowledge releases, as they happen."""
