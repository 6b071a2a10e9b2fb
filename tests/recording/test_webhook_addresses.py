"""Where a webhook may lie: anywhere in public, and nowhere behind the server's own walls."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kb.services.messages.channels import DeliveryError, OutgoingMessage, Webhook

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MESSAGE = OutgoingMessage(
    "1", "KIND", "F1", "Mill", None, None, "Subject", "Text", date(2026, 11, 23), NOW
)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",  # 127.0.0.1 as one number
        "0x7f000001",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[fd00::1]",
        "[fec0::1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",  # by NAT64
        "[64:ff9b:1::10.0.0.1]",
        "[2002:a9fe:a9fe::]",  # 169.254.169.254 by 6to4
        "[2001:db8::1]",
    ],
)
async def test_an_address_that_leads_to_a_private_network_is_not_asked(host: str) -> None:
    webhook = Webhook(f"http://{host}:9/", "a secret", private=False)
    with pytest.raises(DeliveryError, match="in a private network"):
        await webhook.send(MESSAGE, NOW)
