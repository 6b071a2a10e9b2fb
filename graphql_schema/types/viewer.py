"""Who is asking."""

import strawberry

from graphql_schema.presenter import presents
from kb.services.access import matrix
from kb.services.access.matrix import Role


@presents(matrix.Viewer, "Who is asking.")
class Viewer:
    """The caller."""

    role: Role = strawberry.field(description="In what capacity.")
    may_read_facilities: bool = strawberry.field(description="Whether facilities are open to them.")
