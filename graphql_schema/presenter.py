"""How objects of `kb` are presented as GraphQL objects.

A class decorated with `presents` describes a GraphQL type; it is never instantiated. It names the
Python type of the objects that its resolvers are given: a class of `kb` itself, or a `Presenter`,
which adds what a class of `kb` cannot know, such as the day asked for. A field without a resolver
is the attribute of the same name: of the presenter where that has it, else of its record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import get_annotations
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast, get_args, get_origin

import strawberry
from strawberry.types.field import StrawberryField

Record_co = TypeVar("Record_co", covariant=True)
Source = TypeVar("Source")

PRESENTED = "__presented__"
"""The attribute of a GraphQL class that holds the Python type which it presents."""
LOOKS_BELOW = "looks_below"
"""Where the metadata of a field names the types whose fields below it are looked at."""
LASTING = "__lasting__"
"""The attribute of a GraphQL class that holds what of its objects follows from the knowledge."""


@dataclass(slots=True)
class Presenter(Generic[Record_co]):
    """An object of `kb` with what else its GraphQL type needs.

    None is ever changed. They are not frozen, as making thousands of those for an answer takes
    several times as long.
    """

    record: Record_co


def resolver(
    description: str,
    returns: Any = None,
    *,
    is_subscription: bool = False,
    looks_below: Sequence[str] = (),
) -> Callable[[Callable[..., object]], StrawberryField]:
    """Make a function the resolver of a field.

    `returns` is the GraphQL type of what the function returns; without it, the annotation of the
    function is. `looks_below` names the types of which the function wants to know which fields are
    asked for below; see `below`. It may be resolved twice: what a field of a query writes down, it
    hands to `Context.write`.
    """
    made: StrawberryField = strawberry.field(
        description=description,
        graphql_type=returns,
        is_subscription=is_subscription,
        metadata={LOOKS_BELOW: looks_below},
    )
    return made


@dataclass(slots=True)
class Below:
    """What is asked for of objects of some types, anywhere below a field.

    Names of types, and of fields as Python has them, each with its arguments; fields that are asked
    for with different ones come as often. In `kept` the field may keep what it makes of them.
    """

    fields: Sequence[tuple[str, str, Mapping[str, Any]]]
    kept: dict[object, Any] = field(default_factory=dict)


def below(info: strawberry.Info[Any, Any]) -> Below | None:
    """What is asked for below a field that `looks_below`; None where nobody has looked."""
    selected: Below | None = getattr(info._raw_info, "below", None)
    return selected


class Slot:
    """Stands for a value that each object has of its own, in what is the same for all of them.

    A field may answer with it as it is. Whoever looks at it any further gets an AttributeError.
    `read` gives the value of an object; without it, it is among the object's `own` values.
    """

    __slots__ = ("name", "read")

    def __init__(self, name: str, read: Callable[[Any], object] | None = None) -> None:
        self.name = name
        self.read = read

    def _refuse(self, *_: object) -> Any:
        raise AttributeError("this is another one for each object")

    __bool__ = __eq__ = __hash__ = __str__ = __repr__ = __format__ = _refuse


class Slots:
    """Stands for a mapping whose values each object has of its own."""

    def get(self, name: str) -> Slot:
        """What stands for the value under a name."""
        return Slot(name)


@dataclass(frozen=True, slots=True)
class Lasting(Generic[Source]):
    """How much of an object follows from the knowledge alone, so that answers may be kept.

    `alone` is the object without anything else: what it lacks raises AttributeError. Objects with
    the same `key` have the same `alone`; a key may hold the `id` of what `alone` holds. `own` are
    the values of an object for which `alone` has a `Slot` that does not read them, by their names.
    """

    key: Callable[[Source], object]
    alone: Callable[[Source], Source]
    own: Callable[[Source], Mapping[str, object]]


def with_only(source: Source, **kept: object) -> Source:
    """An object of the same class that has no other attributes than these."""
    if isinstance(source, tuple):
        named: Any = tuple.__new__(_partial(type(source)))
        named.__dict__.update(kept)
        return cast(Source, named)
    made: Source = object.__new__(type(source))
    for name, value in kept.items():
        object.__setattr__(made, name, value)
    return made


@lru_cache(maxsize=1_000)
def _partial(cls: Any) -> Any:
    """A class of empty tuples of the same kind, which have what is in their `__dict__` instead."""
    fields = {name for base in cls.__mro__ for name in get_annotations(base)}

    class Partial(cls):  # type: ignore[misc]  # of what it is one is not known here
        def __getattribute__(self, name: str) -> Any:
            kept = object.__getattribute__(self, "__dict__")
            if name in kept:
                return kept[name]
            if name in fields:
                raise AttributeError(f"{name} is not known of all of them")
            return super().__getattribute__(name)

    return Partial


def presents(
    source: Any, description: str, lasting: Lasting[Any] | None = None
) -> Callable[[Any], Any]:
    """Make a class the GraphQL type of objects of `source`: a class, or a presenter of a class.

    `lasting` tells what of their answers may be kept. TypeError for a field without a resolver that
    `source` has no attribute for.
    """
    presenter, record = _parts(source)

    def is_type_of(value: Any, _info: object) -> bool:
        return isinstance(value, presenter) and (record is None or isinstance(value.record, record))

    def wrap(cls: Any) -> Any:
        cls.is_type_of = is_type_of
        setattr(cls, PRESENTED, source)
        setattr(cls, LASTING, lasting)
        decorated = strawberry.type(cls, description=description)
        for field_ in decorated.__strawberry_definition__.fields:
            if (
                field_.base_resolver is None
                and _path(presenter, record, field_.python_name) is None
            ):
                raise TypeError(f"{cls.__name__}.{field_.python_name}: {source} has no such thing")
        return decorated

    return wrap


def presented_classes(graphql_class: Any) -> tuple[type[Any], type[Any] | None] | None:
    """The class of the objects that a GraphQL class presents and, for a presenter, its record's."""
    source = getattr(graphql_class, PRESENTED, None)
    return None if source is None else _parts(source)


def plain_path(graphql_class: Any, name: str) -> str:
    """The attribute, or attribute of an attribute, that a field without a resolver is."""
    classes = presented_classes(graphql_class)
    path = name if classes is None else _path(*classes, name)
    return path or name


def plain_field(graphql_class: Any, name: str) -> Callable[[Any], Any]:
    """How a field without a resolver is read from the objects of its GraphQL class."""
    return attrgetter(plain_path(graphql_class, name))


def read_plain_field(source: object, name: str) -> object:
    """A field without a resolver, of an object whose GraphQL class is not known."""
    if isinstance(source, Presenter) and not hasattr(type(source), name):
        return getattr(source.record, name)
    return getattr(source, name)


def _path(presenter: type, record: type | None, name: str) -> str | None:
    if _has(presenter, name):
        return name
    return f"record.{name}" if record is not None and _has(record, name) else None


def _has(cls: type, name: str) -> bool:
    """Whether instances have an attribute: a slot, a property, a default, or an annotated one."""
    return hasattr(cls, name) or any(name in get_annotations(base) for base in cls.__mro__)


def _parts(source: Any) -> tuple[type[Any], type[Any] | None]:
    """The class of the objects and, for a presenter, the class of its record."""
    presenter: Any = get_origin(source) or source
    if not issubclass(presenter, Presenter):
        return presenter, None
    # A generic presenter is given its record's class; another one names it as its base's.
    type_arguments = get_args(source) or get_args(presenter.__orig_bases__[0])
    return presenter, get_origin(type_arguments[0]) or type_arguments[0]
