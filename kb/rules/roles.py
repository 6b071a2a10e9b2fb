"""In what capacity somebody asks or acts."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The capacity in which somebody asks or acts; what each may do is in `kb.services.access`.

    ANONYMOUS shows no token. OPERATOR works on the machine that holds the database.
    """

    ANONYMOUS = "ANONYMOUS"
    CHATBOT = "CHATBOT"
    FACILITY = "FACILITY"
    BRAND = "BRAND"
    PROGRAMME_OFFICER = "PROGRAMME_OFFICER"
    SLCP_OFFICER = "SLCP_OFFICER"
    HELPDESK = "HELPDESK"
    ADMIN = "ADMIN"
    OPERATOR = "OPERATOR"
