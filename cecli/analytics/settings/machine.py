"""The config files of a machine's owner: where they are, and whether root alone has written them.

Every program heeds cecli's, which is for all that record with this package, and one of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from cecli import TYPE_CHECKING, ownership
from cecli.messages import because, shown

if TYPE_CHECKING:
    from cecli.analytics.program import Program
    from cecli.analytics.settings.listener import FileSays


def paths(program: Program, folder: str) -> list[str]:
    """Return where a machine's owner can speak to a program, the stronger place first.

    >>> from cecli.analytics.program import CECLI
    >>> paths(CECLI, "/etc")
    ['/etc/cecli/cecli.conf.yml']
    """
    names = dict.fromkeys((program.name, "cecli"))
    return [os.path.join(folder, name, f"{name}.conf.yml") for name in names]


def files(program: Program, folder: str) -> Iterator[tuple[FileSays, str | None]]:
    """Yield what each file says that is there, and why it isn't the word of the machine's owner.

    Raises:
        ProblemInFile: it can't be read.
    """
    if os.name == "nt":
        return
    for path in paths(program, folder):
        if os.path.lexists(path):
            yield _read(path), _doubt(path)


def _read(path: str) -> FileSays:
    from cecli.analytics.settings.listener import ConfigFileListener
    from cecli.analytics.settings.options import BY_NAME
    from cecli.config_file import ConfigFile, ProblemInFile, StrictYaml

    yaml = StrictYaml()
    listener = ConfigFileListener(yaml, frozenset(BY_NAME))
    listener.parse(ConfigFile(path))
    # A parser's reports name a file's other keys; of these there is no report.
    yaml.problems += [
        f"config file {shown(path)}: there is no option {key!a}; did you mean {key.lower()}?"
        for _, key in yaml.keys
        if key not in BY_NAME and key.lower() in BY_NAME
    ]
    if yaml.problems:
        raise ProblemInFile("\n".join(yaml.problems))
    return listener.files[0]


def _doubt(path: str) -> str | None:
    try:
        ownership.require_roots(path)
    except ownership.NotOwn as error:
        what, mend = error.about(path, None), f"; mend it: {error.mend}"
    except OSError as error:  # it has gone since it was read
        what, mend = f"can't be looked at: {because(error)}", ""
    else:
        return None
    return f"{shown(path)} {what}, so it decides nothing but an off{mend}"
