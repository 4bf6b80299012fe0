"""Which model names are public, and what stands in for those that aren't.

Owns the list in ``data/model-names.txt`` (made by ``tools/model_names.py``) and its exact match.
A name that isn't public may be a company's, a deployment's or a path: of it only a known
provider's prefix is kept.
"""

from __future__ import annotations

import functools
import os.path
import re
import sys
from types import ModuleType

from cecli.analytics.facts import public_code

REDACTED = "REDACTED"

_DATA = os.path.join(os.path.dirname(__file__), "data", "model-names.txt")
_LITELLM_TABLE = "model_prices_and_context_window_backup.json"
_END_OF_HEADER = b"\n\n"
_LONGEST = 100
_SHAPE = r"[A-Za-z0-9][A-Za-z0-9._:@+-]*(?:/[A-Za-z0-9@][A-Za-z0-9._:@+-]*){0,5}"
_NO_MODEL = frozenset({"sample_spec", "fallback_generalizations"})


def public(name: str) -> str:
    """Return *name* if it is public, else ``provider/REDACTED`` or ``REDACTED``.

    >>> public("gpt-4o"), public("openai/secret-project-7b"), public("/srv/models/ours.gguf")
    ('gpt-4o', 'openai/REDACTED', 'REDACTED')
    """
    if len(name) > _LONGEST:
        return REDACTED
    return _look_up(name, "litellm" in sys.modules)


def of(model: object) -> str | None:
    """Return the public name of a name or of a program's model object; None if it is neither."""
    name = model
    if not issubclass(type(model), str):
        name = _attribute(model, "name")
        if not issubclass(type(name), str):
            return None
    # str.__str__ gives the plain text of a subclass without asking the subclass.
    return public(str.__str__(name))


def carried(model: object, attribute: str) -> str | None:
    """Return the public name of another model that a model object carries; None without one."""
    return of(_attribute(model, attribute))


def looks_public(name: str) -> bool:
    """Tell whether *name* has the shape of a public name: no path, URL, fine-tune or wildcard.

    >>> [looks_public(name) for name in ("gpt-4o", "ft:gpt-4o:us", "http://x/y", "/m", "b/*/c")]
    [True, False, False, False, False]
    """
    return (
        len(name) <= _LONGEST
        and re.fullmatch(_SHAPE, name) is not None
        and "ft:" not in name
        and name not in _NO_MODEL
    )


def _attribute(model: object, name: str) -> object:
    if model is None or issubclass(type(model), (str, bytes, int, float, list, tuple, dict)):
        return None
    try:
        return getattr(model, name, None)
    except Exception:  # noqa: BLE001 - a program's attribute may be code, and may raise anything
        return None


@functools.lru_cache(maxsize=256)
def _look_up(name: str, ask_litellm: bool) -> str:
    if _is_listed(name) or (ask_litellm and _in_litellm(name)):
        return name
    # A provider is known when its stand-in is a line of the list.
    stand_in = f"{name.partition('/')[0]}/{REDACTED}"
    return stand_in if _is_listed(stand_in) else REDACTED


def _is_listed(name: str) -> bool:
    line, text = f"\n{name}\n".encode(errors="surrogatepass"), _list()
    return "\n" not in name and text.find(line, text.find(_END_OF_HEADER) + 1) >= 0


@functools.lru_cache(maxsize=1)
def _list() -> bytes:
    """Return the file of the list as it is: to search it so takes less than to split it."""
    try:
        with open(_DATA, "rb", buffering=0) as file:
            text = file.read()
    except OSError:
        return b""  # nothing is public then
    return text if _END_OF_HEADER in text else b""


def _in_litellm(name: str) -> bool:
    """Tell whether the table that a loaded litellm came with has *name*.

    Its file is searched rather than ``litellm.model_cost``: into that one, programs and
    users register private models of their own.
    """
    litellm = sys.modules.get("litellm")
    if type(litellm) is not ModuleType or not looks_public(name):
        return False
    origin = vars(litellm).get("__file__")
    # As it comes from a package index, not one that a project calls so.
    if type(origin) is not str or public_code.module_of(origin) != "litellm":
        return False
    try:
        with open(os.path.join(os.path.dirname(origin), _LITELLM_TABLE), "rb") as file:
            return f'\n    "{name}": {{'.encode() in file.read()
    except (OSError, ValueError):
        return False
