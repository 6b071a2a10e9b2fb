"""What happens, told as it happens: to every process, to whom it may be told, once and in order.

feed        events in the order in which they became visible, read from the tables
waking      how a process learns that there is something new
bus         one reader for each process, which hands events on to its listeners
following   what one viewer is told: replay of what was missed, then live
cursors     places in the feed as viewers see them, which tell them nothing else
"""
