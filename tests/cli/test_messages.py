"""Messages that have not left, on the command line."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_where_every_message_has_left_it_is_said_and_there_is_nothing_to_retry(kb_filled: Run):
    listed = kb_filled("messages", "list")
    assert (listed.code, listed.out) == (0, "Every message has left.\n")
    assert kb_filled("messages", "list", "--given-up").out == "No message was given up.\n"
    assert kb_filled("messages", "retry", "--given-up").out == "0 messages are due again.\n"
    missing = kb_filled("messages", "retry", "7")
    assert (missing.code, missing.out) == (2, "")
    assert missing.err.startswith("There is no message that was given up '7'.")


def test_ids_or_all_are_named_and_not_both(kb_filled: Run):
    for command in (("7", "--given-up"), ()):
        ran = kb_filled("messages", "retry", *command)
        assert (ran.code, ran.out) == (2, "")
        assert "either ids or --given-up" in ran.err
