"""Which modules, functions and classes are public: Python's, and those of known packages.

A program may name packages of its own besides, which are public then, too.

A name is public only if it stands in the source of such a module, as the module's own loader finds
it on disk: `exec`, `type()` and a changed ``__name__`` can put any text where a name belongs, but
not there.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Set
from types import CodeType, ModuleType

import cecli
from cecli import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

KNOWN_PACKAGES = frozenset(
    {
        "aider",
        "aiohttp",
        "anthropic",
        "anyio",
        "boto3",
        "botocore",
        "click",
        "configargparse",
        "git",
        "h11",
        "h2",
        "httpcore",
        "httpx",
        "huggingface_hub",
        "litellm",
        "mistralai",
        "ollama",
        "openai",
        "packaging",
        "prompt_toolkit",
        "pydantic",
        "pydantic_core",
        "pygments",
        "requests",
        "rich",
        "starlette",
        "tenacity",
        "textual",
        "tiktoken",
        "tokenizers",
        "tree_sitter",
        "typer",
        "urllib3",
        "uvicorn",
        "websockets",
        "yaml",
    }
)
"""Third-party packages whose names of modules, functions and exception types are public."""

_namespace = vars(ModuleType)["__dict__"].__get__


def module_of(filename: str, own: Set[str] = frozenset()) -> str | None:
    """Return the loaded public module whose source is *filename*, an absolute path.

    Args:
        filename: the path.
        own: packages that the program has named as its own.
    """
    if not filename.endswith(".py"):
        return None
    below, packages = _place(filename, own)
    name = below.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__")
    if name.partition(".")[0] not in packages:
        return None
    return name if origin_of(sys.modules.get(name)) == filename else None


def _place(filename: str, own: Set[str]) -> tuple[str, Set[str]]:
    """Return a path below the folder that it is installed in, and what is public there."""
    ours = os.path.dirname(os.path.dirname(cecli.__file__)) + os.sep
    if filename.startswith(ours + "cecli" + os.sep):
        return filename[len(ours) :], {"cecli"}
    for folder in ("site-packages", "dist-packages"):
        above, found, below = filename.rpartition(os.sep + folder + os.sep)
        # A folder of that name elsewhere is a project's, and what stands in it may be, too.
        if found and (above + os.sep).startswith(_prefixes()):
            return below, KNOWN_PACKAGES | own
    standard = os.path.dirname(os.__file__) + os.sep
    if filename.startswith(standard):
        return filename[len(standard) :], sys.stdlib_module_names
    return "", frozenset()


def _prefixes() -> tuple[str, ...]:
    """Return the folders, with a final separator, below which pip installs."""
    user_base = getattr(sys.modules.get("site"), "USER_BASE", None)
    found = (sys.prefix, sys.base_prefix, user_base)
    return tuple(folder.rstrip(os.sep) + os.sep for folder in found if folder)


def _spec(module: object) -> ModuleSpec | None:
    from importlib.machinery import ModuleSpec

    if not issubclass(type(module), ModuleType):
        return None
    spec = _namespace(module).get("__spec__")
    return spec if type(spec) is ModuleSpec else None


def origin_of(module: object) -> str | None:
    """Return the file that a module was loaded from, as its loader noted it."""
    spec = _spec(module)
    origin = spec.origin if spec else None
    return origin if type(origin) is str else None


@functools.lru_cache(maxsize=64)
def code_of(module: str) -> dict[tuple[str, int], CodeType]:
    """Return each code object of a module's source by its name and its first line."""
    from importlib.machinery import SourceFileLoader

    spec = _spec(sys.modules.get(module))
    loader = spec.loader if spec else None
    if type(loader) is not SourceFileLoader or spec is None or loader.path != spec.origin:
        return {}
    try:
        code = loader.get_code(module)
    except (OSError, ImportError, SyntaxError, ValueError, EOFError):
        return {}
    found = {}
    waiting = [code]
    while waiting:
        inner = waiting.pop()
        if type(inner) is CodeType:
            found[inner.co_name, inner.co_firstlineno] = inner
            waiting.extend(inner.co_consts)
    return found
