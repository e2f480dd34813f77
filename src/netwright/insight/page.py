"""What every report page is made of: templates around one frame, styles and scripts, in one file."""

from __future__ import annotations

from functools import cache
from importlib import metadata, resources

from jinja2 import ChoiceLoader, Environment, PackageLoader, Template

OWN = "netwright.insight"


@cache
def template(name: str, package: str = OWN) -> Template:
    """A package's template; those of others find the frame `page.html` here."""
    loader = ChoiceLoader([PackageLoader(one) for one in dict.fromkeys((package, OWN))])
    return Environment(loader=loader, autoescape=True, trim_blocks=True).get_template(name)


def asset(name: str, package: str = OWN) -> str:
    """The text of a package's style sheet or script."""
    return resources.files(package).joinpath("templates", name).read_text(encoding="utf-8")


def version() -> str:
    """ " 1.2.3", or nothing where netwright is not installed."""
    try:
        return f" {metadata.version('netwright')}"
    except metadata.PackageNotFoundError:
        return ""
