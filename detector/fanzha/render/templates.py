"""The templates of the HTML report, and what every value goes through before it stands in one.

In: any value. Out: text that is escaped, and in which nothing is hidden. Values are escaped by jinja2 wherever they
stand; only the package's own style, script and finished parts are marked as safe, in the templates.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import jinja2

# What a reader would not see, or what would turn the text around: control characters and direction overrides; and
# halves of pairs, from the name of a file that is no UTF-8.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)


def environment(**names: object) -> jinja2.Environment:
    """Return the templates of the package, which may use these names. Raises ModuleNotFoundError without jinja2."""
    try:
        import jinja2
    except ImportError:
        raise ModuleNotFoundError("写 HTML 报告要装 jinja2: pip install 'fanzha[report]'", name="jinja2") from None
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        finalize=visible,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(names)
    return made


def asset(name: str) -> str:
    """Return a file of the package, its lines ended as the hashes of the policy expect them."""
    return (files("fanzha.render") / "report" / name).read_text("utf-8").replace("\r\n", "\n")


def hash_source(text: str) -> str:
    """Name a style or script as a content security policy does."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def visible(value: object) -> object:
    """Return text in which nothing is hidden: a direction override becomes ⟨U+202E⟩; other values stay as they are."""
    if type(value) is not str or not _HIDDEN.search(value):  # Markup is escaped already
        return value
    return _HIDDEN.sub(_named_character, value.replace("\r\n", "\n"))


def _named_character(found: re.Match[str]) -> str:
    return "\ufffd" if "\ud800" <= found[0] <= "\udfff" else f"⟨U+{ord(found[0]):04X}⟩"
