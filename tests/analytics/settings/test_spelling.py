from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.analytics.program import DEFAULT_HOST, read_host, read_key
from cecli.analytics.settings import spelling


@pytest.mark.parametrize("key", ["a b", "a\nb", "", " ", "é", "x" * 65, "a\x00b", ["a"]])
def test_a_key_that_is_none_is_refused_and_never_shown(key: object) -> None:
    with pytest.raises(ValueError, match="is no project API key") as caught:
        read_key(key)
    assert key in ("", " ") or str(key) not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("posthog.example.com", "https://posthog.example.com"),
        ("https://posthog.example.com/", "https://posthog.example.com"),
        ("HTTPS://Example.com:8000//", "https://example.com:8000"),
        ("HTTP://LocalHost:8000//", "http://localhost:8000"),
        ("http://127.1.2.3", "http://127.1.2.3"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:80", "https://example.com:80"),
        ("localhost:8000", "https://localhost:8000"),
        ("https://example.com/ingest/v2/", "https://example.com/ingest/v2"),
        ("http://[::1]:80", "http://[::1]"),
        (DEFAULT_HOST, DEFAULT_HOST),
    ],
)
def test_a_host_is_read_as_a_url(given: str, read: str) -> None:
    assert read_host(given) == read


@pytest.mark.parametrize(
    "given",
    [
        "",
        "a b",
        "ftp://example.com",
        "https://",
        "https://user:password@example.com",
        "https://example.com?x=1",
        "https://example.com#x",
        "https://example.com:99999",
        "https://ex\u0430mple.com",
        "javascript:alert(1)",
        "example.com\nevil.com",
        "-example.com",
        "file:///etc/passwd",
        ["https://example.com"],
    ],
)
def test_what_is_no_url_of_a_host_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match=r"is no http or https URL|where one value"):
        read_host(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("posthog", "a name with a dot was expected"),
        ("https://posthog:8000", "a name with a dot was expected"),
        ("http://posthog.example.com", "https was expected"),
        ("http://10.0.0.1", "https was expected"),
        ("http://127.999.0.1", "https was expected"),
        ("http://127.0.0.01", "https was expected"),
        ("http://localhost.example.com", "https was expected"),
        ("http://[fe80::1]", "https was expected"),
    ],
)
def test_a_host_that_others_could_listen_to_is_refused(given: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        read_host(given)


@pytest.mark.parametrize("key", ["phx_0123456789", "PHX_secret"])
def test_a_personal_key_is_refused_and_never_shown(key: str) -> None:
    with pytest.raises(ValueError, match="is a personal API key") as caught:
        read_key(key)
    assert key not in str(caught.value)


@given(st.text())
def test_no_text_makes_a_reader_do_anything_but_read_or_refuse(text: str) -> None:
    for reader in (spelling.boolean, read_key, read_host, spelling.file_name):
        try:
            reader(text)
        except ValueError as error:
            assert str(error).isprintable()
