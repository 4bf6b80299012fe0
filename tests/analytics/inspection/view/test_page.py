"""The page: what is in it, how it is kept safe, and how it is in a real browser."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cecli.analytics.inspection.view import page
from cecli.analytics.inspection.view.page import MOST_BYTES, MOST_EVENTS, Newest
from tests.analytics.inspection.view import logs
from tests.analytics.scene import run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("jinja2")
pytest.importorskip("pygal")

in_browser = pytest.mark.page
WIDE, NARROW = 1280, 400


def made(events: list[logs.Fields], folder: Path, *options: str) -> Path:
    """Return the page of a log."""
    log, target = logs.write(folder / "log.jsonl", events), folder / "page.html"
    ended = run("view", str(log), "--html", str(target), *options)
    assert ended.returncode == 0, ended
    assert str(target) in ended.stdout
    return target


@contextmanager
def opened(
    browser: Browser, path: Path, width: int = WIDE, scheme: str = "light", script: bool = True
) -> Iterator[Page]:
    """Open a page; fail if anything is complained about, or anything but the page is asked for."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        java_script_enabled=script,
    )
    complaints: list[str] = []
    asked: list[str] = []
    shown = context.new_page()
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto(path.as_uri())
    yield shown
    context.close()
    assert complaints == []
    assert asked == [path.as_uri()]


def texts(shown: Page, selector: str) -> list[str]:
    return [text.strip() for text in shown.locator(selector).all_text_contents()]


@pytest.fixture(scope="module")
def events() -> list[logs.Fields]:
    return logs.sessions(30)


@pytest.fixture(scope="module")
def usual(events: list[logs.Fields], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(events, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = [logs.event("launched")]
    for each in logs.HOSTILE:
        found += [
            logs.event(each, **{each: each, "list": [each, {each: each}]}),
            logs.event(f"command_{each}", **{"$session_id": each}),
            logs.message(each, edit_format=each),
            logs.event("message_send_exception", exception=each),
            logs.event("feature", outcome=each),
            logs.event("exit", reason=each) | {"user_id": each, "uuid": each},
        ]
    return made(found, tmp_path_factory.mktemp("hostile"))


def test_the_policy_forbids_all_but_the_pages_own_script_and_style(usual: Path) -> None:
    text = usual.read_text()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    hashes = [
        page._hash(re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1])  # type: ignore[index]
        for tag in ("script", "style")
    ]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src '{hashes[0]}'",
        f"style-src '{hashes[1]}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_nothing_in_the_page_names_another_place(usual: Path) -> None:
    addresses = set(re.findall(r"https?://[^\"'\s<>]+", usual.read_text()))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\s(?:src|style|on\w+)=", usual.read_text())


def test_the_page_is_its_owners_alone(usual: Path) -> None:
    assert usual.stat().st_mode & 0o077 == 0


def test_a_page_takes_an_older_ones_place(events: list[logs.Fields], tmp_path: Path) -> None:
    made(events, tmp_path)
    assert logs.event("launched")["event"] in made([logs.event("launched")], tmp_path).read_text()


def test_a_page_takes_no_other_files_place(tmp_path: Path) -> None:
    log = logs.write(tmp_path / "log.jsonl", [logs.event("launched")])
    before = log.read_bytes()
    ended = run("view", str(log), "--html", str(log))
    assert ended.returncode == 2
    assert "is there and is no page" in ended.stderr
    assert log.read_bytes() == before


@pytest.mark.parametrize(
    ("target", "why"), [("nowhere/page.html", "can't be written"), (".", "is no page")]
)
def test_a_page_that_cant_be_written_is_told(tmp_path: Path, target: str, why: str) -> None:
    log = logs.write(tmp_path / "log.jsonl", [logs.event("launched")])
    ended = run("view", str(log), "--html", str(tmp_path / target))
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert why in ended.stderr


@pytest.mark.parametrize("kind", ["another page", "a link to a page", "a FIFO"])
def test_nothing_is_replaced_but_a_page_of_its_own(tmp_path: Path, kind: str) -> None:
    log = logs.write(tmp_path / "log.jsonl", [logs.event("launched")])
    page, other = tmp_path / "page.html", tmp_path / "other.html"
    assert run("view", str(log), "--html", str(other)).returncode == 0
    if kind == "another page":
        page.write_text("<!doctype html>\n<p>mine</p>\n")
    elif kind == "a link to a page":
        page.symlink_to(other)
    else:
        os.mkfifo(page)
    before = os.lstat(page)
    assert run("view", str(log), "--html", str(page)).returncode == 2
    after = os.lstat(page)  # its access time may be another: it was looked into
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert run("view", str(log), "--html", str(other)).returncode == 0


def test_the_page_stays_small_and_whole_whatever_an_event_holds(tmp_path: Path) -> None:
    deep = "[" * 400 + "]" * 400
    raw = json.dumps(logs.event("launched"))[:-1]
    wide = [{**logs.event("exit"), "uuid": "x" * 60_000} for _ in range(200)]
    log = logs.write(tmp_path / "log.jsonl", wide)
    with log.open("a") as file:
        file.write(raw.replace('"properties": {', f'"properties": {{"deep": {deep}, ') + "}\n")
    page = tmp_path / "page.html"
    ended = run("view", str(log), "--html", str(page))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert page.stat().st_size < 6_000_000


def test_no_page_is_made_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").touch()
    ended = run("view", str(tmp_path / "log.jsonl"), "--html", str(tmp_path / "page.html"))
    assert "is empty" in ended.stderr
    assert not (tmp_path / "page.html").exists()


def test_without_the_extra_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logs.write(tmp_path / "log.jsonl", [logs.event("launched")])
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import importlib.util\nfind = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: "
        "None if name in ('jinja2', 'pygal') else find(name, *rest)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(hidden))
    ended = run("view", str(log), "--html", str(tmp_path / "page.html"))
    assert ended.returncode == 1
    assert "pip install 'cecli[view]'" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_extra_holds_what_a_page_needs() -> None:
    assert all(importlib.util.find_spec(name) for name in ("jinja2", "pygal", "rich"))


def test_the_newest_events_are_held() -> None:
    newest = Newest()
    for number in range(MOST_EVENTS + 10):
        newest.add((str(number), {}, "", 0.0, ""))
    held = [event[0] for event in newest]
    assert (len(held), held[0], newest.count) == (MOST_EVENTS, "10", MOST_EVENTS + 10)


def test_few_are_held_if_they_are_long() -> None:
    newest = Newest()
    for _ in range(200):
        newest.add(("long", {"x": "x" * 60_000}, "", 0.0, ""))
    assert 0 < len(newest) <= MOST_BYTES // 60_000


@in_browser
def test_the_totals_equal_the_logs(
    browser: Browser, usual: Path, events: list[logs.Fields]
) -> None:
    models = logs.used(events).values()
    tokens = sum(each["prompt_tokens"] + each["completion_tokens"] for each in models)
    names = logs.counted(events)
    with opened(browser, usual) as shown:
        found = {
            name: shown.locator(f"#total-{name}").inner_text()
            for name in ("events", "sessions", "messages", "tokens", "cost", "failures")
        }
    assert found == {
        "events": f"{len(events):,}",
        "sessions": f"{names['launched']:,}",
        "messages": f"{names['message_send']:,}",
        "tokens": f"{tokens:,.0f}",
        "cost": f"${sum(each['cost'] for each in models):,.2f}",
        "failures": f"{names['message_send_exception'] + names['$exception']:,}",
    }


@in_browser
def test_the_models_equal_the_logs(
    browser: Browser, usual: Path, events: list[logs.Fields]
) -> None:
    with opened(browser, usual) as shown:
        rows = texts(shown, "#table-models tbody tr")
        cells = texts(shown, "#table-models tbody tr > *")
    found = {cells[at]: cells[at + 1 : at + 5] for at in range(0, 5 * len(rows), 5)}
    assert found == {
        name: [
            f"{each['messages']:,.0f}",
            f"{each['prompt_tokens']:,.0f}",
            f"{each['completion_tokens']:,.0f}",
            f"${each['cost']:,.2f}",
        ]
        for name, each in logs.used(events).items()
    }


@in_browser
@pytest.mark.parametrize(
    ("title", "prefix"), [("Events", ""), ("Commands", "command_")], ids=["events", "commands"]
)
def test_a_charts_numbers_equal_the_logs(
    browser: Browser, usual: Path, events: list[logs.Fields], title: str, prefix: str
) -> None:
    figure = f"figure:has(h3:text-is('{title}'))"
    with opened(browser, usual) as shown:
        assert shown.locator(f"{figure} svg .rect").count() > 0
        cells = texts(shown, f"{figure} tbody tr > *")
    assert dict(zip(cells[::2], map(int, cells[1::2]), strict=True)) == {
        name.removeprefix(prefix): count
        for name, count in logs.counted(events).items()
        if name.startswith(prefix)
    }


@in_browser
def test_each_bar_of_a_day_is_as_long_as_its_tokens(
    browser: Browser, usual: Path, events: list[logs.Fields]
) -> None:
    with opened(browser, usual) as shown:
        bars = shown.evaluate(
            """() => document.querySelector("figure svg").querySelectorAll(".bar").values()
                .map((bar) => [bar.querySelector("title").textContent,
                    bar.querySelector(".rect").getBBox().height]).toArray()"""
        )
    found = [(int(title.rpartition(" ")[2].replace(",", "")), height) for title, height in bars]
    assert sum(tokens for tokens, _ in found) == sum(
        each["prompt_tokens"] + each["completion_tokens"] for each in logs.used(events).values()
    )
    most, longest = max(found)
    assert all(height == pytest.approx(longest * n / most, abs=0.1) for n, height in found)


@in_browser
def test_search_and_filters_find_what_they_should(
    browser: Browser, usual: Path, events: list[logs.Fields]
) -> None:
    def found(shown: Page) -> int:
        text = shown.locator("#found").inner_text()
        return 0 if text.startswith("No") else int(text.split()[0].replace(",", ""))

    def has(test: Callable[[logs.Fields], Any]) -> int:
        return sum(bool(test(each)) for each in events)

    with opened(browser, usual) as shown:
        assert found(shown) == len(events)
        shown.fill("#search", "O3-MINI whole")
        assert found(shown) == has(
            lambda e: (
                e["properties"].get("main_model") == "o3-mini"
                and e["properties"]["edit_format"] == "whole"
            )
        )
        shown.fill("#search", events[3]["uuid"])
        assert found(shown) == 1
        shown.fill("#search", "nothing is like this")
        assert shown.locator("#found").inner_text() == "No event is like that."
        assert shown.locator("#list li").count() == 0
        shown.fill("#search", "")
        shown.select_option("#name", "command_diff")
        assert found(shown) == has(lambda e: e["event"] == "command_diff")
        assert set(texts(shown, "#list .event")) == {"command_diff"}
        days = texts(shown, "#day option")[1:]
        counts = 0
        for day in days:
            shown.select_option("#day", day)
            counts += found(shown)
        assert counts == has(lambda e: e["event"] == "command_diff")


@in_browser
def test_more_events_are_shown_when_asked_for(
    browser: Browser, usual: Path, events: list[logs.Fields]
) -> None:
    with opened(browser, usual) as shown:
        assert shown.locator("#list li").count() == 50
        while shown.locator("#more").is_visible():
            shown.click("#more")
        assert shown.locator("#list li").count() == len(events)


@in_browser
def test_an_event_has_its_facts_with_the_catalogues_reasons(
    browser: Browser, usual: Path, events: list[logs.Fields]
) -> None:
    last = next(each for each in reversed(events) if each["event"] == "message_send")
    with opened(browser, usual) as shown:
        shown.fill("#search", last["uuid"])
        shown.locator("#list summary").press("Enter")
        detail = shown.locator("#list .detail").inner_text()
    assert "How models, tokens and costs go together." in detail
    assert "What a message costs, in US dollars." in detail
    assert "Which systems must be supported." in detail
    assert str(last["properties"]["cost"]) in detail
    assert last["user_id"] in detail


@in_browser
def test_hostile_names_and_values_are_text(browser: Browser, hostile: Path) -> None:
    with opened(browser, hostile) as shown:
        while shown.locator("#more").is_visible():
            shown.click("#more")
        shown.evaluate(
            "[...document.querySelectorAll('details')].forEach((each) => { each.open = true })"
        )
        shown.wait_for_function(
            "[...document.querySelectorAll('#list details')].every((e) => e.children.length === 2)"
        )
        assert shown.evaluate("window.obeyed") is None
        assert shown.locator("img").count() == 0
        assert shown.locator("script").count() == 2
        text = shown.locator("body").inner_text()
        names = texts(shown, "#list .event")
    assert logs.HOSTILE[0] in names
    assert r"\x1b[31mred\x1b]0;title\x07" in names
    assert r"\u202etxt.exe\nnext line\r\x9b2J" in names
    assert "{{ 7 * 7 }}" in text
    assert not {each for each in text if not each.isprintable()} - {"\n", "\t"}


TRIES = {
    "a script": """() => {
        const made = document.createElement("script");
        made.textContent = "window.obeyed = 1";
        document.body.append(made);
    }""",
    "a handler": """() => {
        document.body.setAttribute("onclick", "window.obeyed = 1");
        document.body.click();
    }""",
    "a picture": "() => { new Image().src = 'http://127.0.0.1:9/' }",
    "a request": "() => fetch('http://127.0.0.1:9/').catch(() => undefined)",
    "a beacon": "() => { navigator.sendBeacon('http://127.0.0.1:9/', 'x') }",
    "a frame": """() => {
        const made = document.createElement("iframe");
        made.src = "http://127.0.0.1:9/";
        document.body.append(made);
    }""",
}


@in_browser
@pytest.mark.parametrize("attempt", TRIES.values(), ids=TRIES)
def test_the_policy_is_in_force(browser: Browser, usual: Path, attempt: str) -> None:
    context = browser.new_context()
    shown = context.new_page()
    shown.goto(usual.as_uri())
    shown.evaluate(
        """() => { window.refused = [];
        document.addEventListener("securitypolicyviolation", (each) => refused.push(each)) }"""
    )
    shown.evaluate(attempt)
    shown.wait_for_function("window.refused.length > 0")
    assert shown.evaluate("window.obeyed") is None
    context.close()


@in_browser
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_the_sums_need_no_script(browser: Browser, usual: Path, script: bool) -> None:
    with opened(browser, usual, script=script) as shown:
        assert shown.locator("figure svg").count() == 6
        assert shown.locator("#total-events").is_visible()


@in_browser
@pytest.mark.parametrize("log", ["usual", "hostile"])
@pytest.mark.parametrize("width", [WIDE, 760, NARROW])
def test_it_is_no_wider_than_the_window(
    browser: Browser, log: str, width: int, request: pytest.FixtureRequest
) -> None:
    with opened(browser, request.getfixturevalue(log), width) as shown:
        shown.locator("#list summary").first.press("Enter")
        assert shown.evaluate("document.documentElement.scrollWidth") <= width


@in_browser
def test_in_dark_mode_it_is_dark(browser: Browser, usual: Path) -> None:
    def brightness(scheme: str) -> int:
        with opened(browser, usual, scheme=scheme) as shown:
            colour = shown.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    assert brightness("dark") < 100
    assert brightness("light") > 600


@in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("log", ["usual", "hostile"])
def test_it_is_accessible(
    browser: Browser, log: str, width: int, scheme: str, request: pytest.FixtureRequest
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, request.getfixturevalue(log), width, scheme) as shown:
        shown.locator("#list summary").first.press("Enter")
        found = Axe().run(shown)
        assert found.response["passes"]
        assert found.violations_count == 0, found.generate_report()


@in_browser
def test_the_page_of_many_events_says_that_it_holds_the_newest(
    browser: Browser, tmp_path: Path
) -> None:
    many = [logs.event("launched", logs.START + number) for number in range(MOST_EVENTS + 7)]
    with opened(browser, made(many, tmp_path)) as shown:
        assert shown.locator("#total-events").inner_text() == f"{MOST_EVENTS + 7:,}"
        assert f"The newest {MOST_EVENTS:,} of {MOST_EVENTS + 7:,} events" in shown.content()
        assert shown.locator("#found").inner_text().startswith(f"{MOST_EVENTS:,} events")


def test_numbers_too_great_for_a_browser_are_words(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps(logs.event("launched", x=1)).replace('"x": 1', '"x": 1e999') + "\n")
    assert run("view", str(log), "--html", str(tmp_path / "p.html")).returncode == 0
    assert "Infinity" not in (tmp_path / "p.html").read_text()
