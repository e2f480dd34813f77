"""Where the store of a search's folder is: the file `search.sqlite` in it, or the database that `search.url` names."""

from __future__ import annotations

from pathlib import Path

from netwright.errors import InputError
from netwright.store.opening import is_url
from netwright.store.store import Store, open_store

FILE = "search.sqlite"
LINK = "search.url"


def holds_search(directory: Path) -> bool:
    return (directory / FILE).exists() or (directory / LINK).exists()


def open_in(directory: Path) -> Store:
    """The store of the search in a folder. Raises InputError where there is none."""
    if (directory / LINK).is_file():
        return open_store(_linked(directory / LINK))
    if not (directory / FILE).is_file():
        raise InputError(f"{directory} holds no search", "give the folder that `netwright search --out` wrote")
    return open_store(directory / FILE)


def create_in(directory: Path, url: str = "") -> Store:
    """Makes the store of a new search: in its folder, or in the database of a URL, which the folder then names without
    the password."""
    if not url:
        return open_store(directory / FILE, create=True)
    store = open_store(url, create=True)
    (directory / LINK).write_text(f"{store.place}\n", "utf-8")
    return store


def check_free(url: str) -> None:
    """Raises InputError unless a new search can be kept in the database of a URL."""
    if not is_url(url):
        raise InputError(f"cannot keep a search at {url}", "write it like postgresql://USER@HOST/DATABASE?search=NAME")
    with open_store(url, create=True) as store:
        taken = store.get("settings") is not None
        place = store.place
    if taken:
        raise InputError(f"{place} holds another search", "give this one a name of its own: ?search=NAME")


def _linked(path: Path) -> str:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error})", "it should hold one line, the store's URL") from None
    if not is_url(text):
        raise InputError(f"{path} names no store", "it should hold one line like postgresql://USER@HOST/DATABASE")
    return text
