"""Our NamedTuple is typing's, as far as a program can see."""

from __future__ import annotations

import pickle
import typing

import pytest

from cecli import named_tuple


class Theirs(typing.NamedTuple):
    """A place."""

    host: str
    port: int = 80
    """Where it listens."""

    @property
    def text(self) -> str:
        """The two."""
        return f"{self.host}:{self.port}"


class Ours(named_tuple.NamedTuple):
    """A place."""

    host: str
    port: int = 80
    """Where it listens."""

    @property
    def text(self) -> str:
        """The two."""
        return f"{self.host}:{self.port}"


BOTH = pytest.mark.parametrize("kind", [Theirs, Ours])


@BOTH
def test_what_a_class_is(kind: type[Ours]) -> None:
    assert kind.__mro__ == (kind, tuple, object)
    assert kind.__doc__ == "A place."
    assert kind.__module__ == __name__
    assert kind._fields == ("host", "port")
    assert kind._field_defaults == {"port": 80}
    assert typing.get_type_hints(kind) == {"host": str, "port": int}


@BOTH
def test_what_an_object_is(kind: type[Ours]) -> None:
    made = kind("example.org")
    assert made == ("example.org", 80)
    assert made.text == "example.org:80"
    assert repr(made) == f"{kind.__name__}(host='example.org', port=80)"
    assert made._replace(port=81) == kind(host="example.org", port=81)
    assert pickle.loads(pickle.dumps(made)) == made
    assert not hasattr(made, "__dict__")


@BOTH
@pytest.mark.parametrize("arguments", [{}, {"host": "a", "path": "b"}])
def test_what_is_missing_or_too_much_is_a_type_error(
    kind: type[Ours], arguments: dict[str, str]
) -> None:
    with pytest.raises(TypeError):
        kind(**arguments)  # type: ignore[arg-type]
