"""A digest that may still be in the making when its owner is shown."""

from __future__ import annotations

from collections.abc import Callable


class LateDigest:
    """A field that is read as text: where it was given as a call, that is asked, and may have to be waited for.

    Descriptor-typed field of a dataclass without slots. A call must give the same text each time.
    """

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object | None, _owner: type) -> str:
        if instance is None:
            return ""  # the field's default
        given: str | Callable[[], str] = instance.__dict__[self._name]
        return given if isinstance(given, str) else given()

    def __set__(self, instance: object, given: str | Callable[[], str]) -> None:
        instance.__dict__[self._name] = given
