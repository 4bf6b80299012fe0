from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cecli.config_file import ConfigFile, StrictYaml


def parse(path: Path) -> tuple[dict[str, str | list[str] | None], list[str]]:
    yaml = StrictYaml()
    return yaml.parse(ConfigFile(str(path))), yaml.problems


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "c.yml"


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "~\n", "\ufeff"])
def test_an_empty_file_says_nothing(config: Path, text: str) -> None:
    config.write_text(text, encoding="utf-8")
    assert parse(config) == ({}, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010", "010"),
        ("no", "no"),
        ("'no'", "no"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-11-22", "2026-11-22"),
        ("'~'", "~"),
        ("''", ""),
        ("é\u2028", "é"),
        ("[a, 1, no]", ["a", "1", "no"]),
        ("\n  - a\n  - b", ["a", "b"]),
        ("|\n  two\n  lines", "two\nlines\n"),
        ("a b", "a b"),
    ],
)
def test_a_value_is_the_text_that_stands_there(
    config: Path, text: str, value: str | list[str]
) -> None:
    config.write_text(f"key: {text}\n", encoding="utf-8")
    assert parse(config) == ({"key": value}, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "line 2: is no valid YAML"),
        ("a: b: c", "line 1: is no valid YAML"),
        ("a: *b", "is no valid YAML|anchors and aliases"),
        ("a: &x b", "line 1: anchors and aliases aren't supported"),
        ("a: &x [b]\nc: *x", "line 1: anchors and aliases aren't supported"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: tags aren't supported"),
        ("a: !!str b", "line 1: tags aren't supported"),
        ("a: {b: c}", "line 1: expected 'option: value'"),
        ("a:\n  b: c", "line 2: expected 'option: value'"),
        ("a: [[b]]", "line 1: expected 'option: value'"),
        ("- a", "line 1: expected 'option: value'"),
        ("just words", "line 1: expected 'option: value'"),
        ("? [a]\n: b", "line 1: expected 'option: value'"),
        ("? {a: b}\n: b", "line 1: expected 'option: value'"),
        ("~: b", "line 1: an option's name is missing"),
        ("'': b", "line 1: an option's name is missing"),
        ("a: b\nc: d\na: b", "line 3: 'a' is given twice"),
        ("a-b: c\na_b: c", "line 2: 'a-b' is given twice"),
        ("a: b\n---\nc: d", "line 2: expected"),
        ("a: \x00", "holds a character that YAML doesn't allow"),
        ("a: \x1b[2J", "holds a character that YAML doesn't allow"),
        ("\ta: b", "line 1: is no valid YAML"),
        ("a: b\n" + "[" * 5000, "is no valid YAML|expected"),
        ("a: " + "[" * 5000, "line 1: (is no valid YAML|expected)"),
        ("a: " + "{a: " * 5000, "line 1: (is no valid YAML|expected)"),
    ],
)
def test_anything_more_is_a_problem_with_its_line_and_nothing_is_read(
    config: Path, text: str, problem: str
) -> None:
    config.write_text(text, encoding="utf-8")
    items, problems = parse(config)
    assert items == {}
    assert len(problems) == 1
    import re

    assert re.search(problem, problems[0]), problems[0]
    assert problems[0].isprintable()


def test_aliases_that_would_grow_into_gigabytes_cost_nothing(config: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    config.write_text("\n".join(lines))
    assert parse(config)[1] == [
        f"config file {config}: line 1: anchors and aliases aren't supported"
    ]


def test_a_file_over_the_limit_is_not_read(config: Path) -> None:
    config.write_bytes(b"#" * 1_000_001)
    assert "is larger than 1,000,000 bytes" in parse(config)[1][0]


def test_a_file_at_the_limit_is_read(config: Path) -> None:
    config.write_bytes(b"#" * 1_000_000)
    assert parse(config) == ({}, [])


@pytest.mark.parametrize("raw", [b"a: \xff\n", "a: b".encode("utf-16"), b"a: b\n\xc3\x28"])
def test_a_file_that_is_not_utf_8_is_a_problem(config: Path, raw: bytes) -> None:
    config.write_bytes(raw)
    assert "is not UTF-8" in parse(config)[1][0]


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("missing", "no such file or directory"),
        ("folder", "is a folder"),
        ("fifo", "is no regular file"),
        ("device", "is no regular file"),
        pytest.param(
            "unreadable",
            "input/output error",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
        ),
        ("dangling link", "no such file or directory"),
        ("loop", "too many levels of symbolic links"),
        ("NUL in its name", "embedded null"),
    ],
)
def test_what_is_no_regular_file_is_a_problem_and_hangs_nobody(
    config: Path, kind: str, problem: str
) -> None:
    if kind == "folder":
        config.mkdir()
    elif kind == "fifo":
        os.mkfifo(config)
    elif kind in ("dangling link", "loop"):
        config.symlink_to("nothing" if kind == "dangling link" else config.name)
    path = {
        "device": Path("/dev/zero"),
        "unreadable": Path("/proc/self/mem"),  # even for root
        "NUL in its name": Path("a\0b"),
    }.get(kind, config)
    items, problems = parse(path)
    assert (items, len(problems)) == ({}, 1)
    assert problem in problems[0]


def is_read_or_a_named_problem(config: Path, text: str) -> bool:
    config.write_bytes(text.encode())
    items, problems = parse(config)
    assert all(isinstance(key, str) for key in items)
    return all(problem.isprintable() for problem in problems) and not (items and problems)


@given(text=st.text())
@example(text="a: b\r\nc: d\r")
def test_no_text_makes_the_reader_do_anything_but_read_or_name_a_problem(
    config: Path, text: str
) -> None:
    assert is_read_or_a_named_problem(config, text)


@given(text=st.text(alphabet="ab:-_ \n[]{}&*!?|>'\"#,~%@`\t0123\\", max_size=60))
def test_what_looks_like_yaml_is_read_or_a_named_problem(config: Path, text: str) -> None:
    assert is_read_or_a_named_problem(config, text)


@given(items=st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=20)))
def test_what_a_yaml_writer_quotes_comes_back(config: Path, items: dict[str, str]) -> None:
    import yaml

    config.write_text(yaml.safe_dump(items, default_style='"', allow_unicode=False))
    assert parse(config) == (items, [])


_NAMES = st.from_regex(r"[a-z](?:[a-z-]{0,7}[a-z])?", fullmatch=True)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(items=st.dictionaries(_NAMES, _TEXTS | st.lists(_TEXTS, max_size=3)))
@example(items={"a": "no", "b": "010", "c": "~", "d": "# x", "e": "a: b", "f": "* x\n\ty"})
@example(items={"a": "\x07\ufeff\u2028", "b": ["", "null"], "null": "null"})
def test_what_is_written_comes_back(config: Path, items: dict[str, object]) -> None:
    with ConfigFile(str(config), "w") as file:
        file.write(StrictYaml().serialize(items))
    assert parse(config) == (items, [])


def test_a_switch_and_a_number_are_written_as_words(config: Path) -> None:
    config.write_text(StrictYaml().serialize({"a": True, "b": 7, "c": ("x", False)}))
    assert parse(config) == ({"a": "true", "b": "7", "c": ["x", "false"]}, [])


@pytest.mark.parametrize("value", [[["a"]], {"a": "b"}, ["a", {}]])
def test_what_the_reader_would_refuse_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"^name: one word or a list of words was expected"):
        StrictYaml().serialize({"name": value})


def test_half_a_character_is_not_written() -> None:
    with pytest.raises(ValueError, match=r"^name: it holds a character that no config file can"):
        StrictYaml().serialize({"name": "\udcff"})


def test_a_file_that_is_written_is_its_owners_alone_and_whole_or_as_before(config: Path) -> None:
    config.write_text("a: before\n")
    config.chmod(0o644)
    with pytest.raises(RuntimeError), ConfigFile(str(config), "w") as file:
        file.write("a: aft")
        raise RuntimeError
    assert config.read_text() == "a: before\n"
    with ConfigFile(str(config), "w") as file:
        file.write("a: after\n")
    assert (config.read_text(), config.stat().st_mode & 0o777) == ("a: after\n", 0o600)
    assert os.listdir(config.parent) == [config.name]


def test_a_file_that_is_written_through_a_link_stays_behind_it(config: Path) -> None:
    real = config.with_name("real.yml")
    config.symlink_to(real)
    with ConfigFile(str(config), "w") as file:
        file.write("a: b\n")
    assert (config.is_symlink(), real.read_text()) == (True, "a: b\n")


def test_a_stream_of_text_is_read_like_a_file() -> None:
    yaml = StrictYaml()
    stream = io.StringIO("a: b\n")
    stream.name = "method arg"
    assert (yaml.parse(stream), yaml.problems) == ({"a": "b"}, [])
