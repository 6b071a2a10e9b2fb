"""Subscriptions: each viewer gets the events that it may see, once and in order.

feed        events in the order in which they became visible, read from the tables
waking      wakes the process when something was committed, here or in another process
bus         one reader for each process, which hands events on to its listeners
following   one subscription: replays what was missed since a cursor, then follows live
cursors     positions in the feed, sealed so that they reveal nothing
"""
