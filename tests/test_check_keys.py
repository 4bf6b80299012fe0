"""A real key is found wherever it stands; those of tests and samples aren't taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.check_keys import keys

MIXED = "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX2yZ3" * 2
"""Letters and digits as in keys; put together here, so that this file holds no key."""


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        ("phc_" + MIXED[:43], "PostHog"),
        ("phx_" + MIXED[:43], "PostHog"),
        ("phs_" + MIXED[:32], "PostHog"),
        ("sk-" + MIXED[:48], "OpenAI, Anthropic, DeepSeek or OpenRouter"),
        ("sk-proj-" + MIXED[:48], "OpenAI, Anthropic, DeepSeek or OpenRouter"),
        ("sk-ant-" + "api03-" + MIXED, "OpenAI, Anthropic, DeepSeek or OpenRouter"),
        ("AKIA" + "ABCDEFGHIJKLMNOP", "AWS"),
        ("AIza" + MIXED[:35], "Google"),
        ("ghp_" + MIXED[:36], "GitHub"),
        ("github_pat_" + MIXED, "GitHub"),
        ("glpat-" + MIXED[:20], "GitLab"),
        ("gsk_" + MIXED[:52], "Groq"),
        ("hf_" + MIXED[:34], "Hugging Face"),
        ("xoxb-" + MIXED[:40], "Slack"),
        ("pypi-" + MIXED, "PyPI"),
        ("-----BEGIN RSA PRIVATE " + "KEY-----\n" + MIXED, "SSH or TLS"),
    ],
)
def test_a_key_is_found_in_its_line(tmp_path: Path, key: str, owner: str) -> None:
    file = tmp_path / "sample.yml"
    file.write_bytes(b"\xff\x00\n\nkey: '" + key.encode() + b"'\nmore\n")
    assert list(keys(file)) == [(3, owner)]


@pytest.mark.parametrize(
    "text",
    [
        "phc_your_project_api_key",
        "phc_secret_of_the_test",
        "phx_0123456789abcdef",
        "sk-secret-of-the-user",
        "-----BEGIN PRIVATE " + "KEY-----\n{token}",
        MIXED,
    ],
)
def test_what_only_stands_for_a_key_is_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "sample.yml"
    file.write_text(text)
    assert list(keys(file)) == []
