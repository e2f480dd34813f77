"""The report: one valid file without foreign parts, everything escaped, from any state of a search."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from netwright.errors import InputError
from netwright.insight.report import render, write_report

VOID = {"meta", "br", "img", "input", "link", "hr"}


class Checker(HTMLParser):
    """Collects tags, ids and links, and sees that every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.ids |= {value or ""} if name == "id" else set()
            self.links += [value or ""] if name in ("href", "src") else []
            self.handlers += [name] if name.startswith("on") else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    return checker


@pytest.fixture(scope="module")
def html(finished) -> str:  # type: ignore[no-untyped-def]
    path: Path = write_report(finished.directory, finished.store)
    assert path == finished.directory / "report.html"
    return path.read_text(encoding="utf-8")


def test_it_is_well_formed_and_its_contents_exist(html: str) -> None:
    checker = checked(html)
    anchors = {link[1:] for link in checker.links if link.startswith("#")}
    assert {"comparison", "plots", "networks", "decisions", "trials", "ledger", "reproduce"} <= anchors
    assert anchors <= checker.ids


def test_it_loads_nothing(html: str) -> None:
    checker = checked(html)
    assert all(link.startswith("#") for link in checker.links)
    assert not {"img", "link", "iframe", "object", "embed"} & set(checker.tags)
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", html)


def test_hostile_text_is_text(html: str) -> None:
    checker = checked(html)
    assert checker.tags.count("script") == 1
    assert checker.handlers == []
    assert "&lt;script&gt;" in html
    assert "lenet <b>" not in html


def test_it_tells_the_result(html: str) -> None:
    for text in ("Beats the hand-designed baselines", "lenet &lt;b&gt;", "random search", "CC BY 4.0", "2.13.0"):
        assert text in html
    assert html.count('class="nw-plot"') == 7  # six plots and the intervals
    assert 1 <= html.count('class="nw-net"') <= 5


def test_the_command_can_be_pasted(html: str) -> None:
    command = unescape(html.split("<pre>")[1].split("</pre>")[0])
    words = shlex.split(command)
    assert words[:5] == ["netwright", "search", "photos of 'mine'/", "--space", "mobile"]
    assert words[-2:] == ["--constraint", "params<300k"]


def test_an_empty_and_an_unfinished_search_have_a_report(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    empty = render(search.store, search.directory)
    checked(empty)
    assert "nothing to judge" in empty
    search.explore(5)
    unfinished = render(search.store, search.directory)
    checked(unfinished)
    assert "No verdict yet" in unfinished
    assert "Too few comparable trials" in unfinished


def test_many_trials_are_capped_with_a_note(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    search.explore(110)
    text = render(search.store, search.directory)
    rows = text.split('id="trials"')[1].split("</section>")[0].count("<tr") - 1
    assert rows == 200
    assert "200 of 222 trials" in text


def test_the_same_search_gives_the_same_report(finished, html: str) -> None:  # type: ignore[no-untyped-def]
    assert render(finished.store, finished.directory) == html


def test_a_folder_without_a_search_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no search"):
        write_report(tmp_path)
