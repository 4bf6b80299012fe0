"""Make ``cecli/analytics/facts/data/model-names.txt`` from the tables that litellm publishes.

    python tools/model_names.py PATH/TO/site-packages/litellm [...]

Several releases may be given; a name that any of them lists is public. Names are facts; nothing
else is taken from the tables.
"""

from __future__ import annotations

import ast
import datetime
import json
import sys
from pathlib import Path

from cecli.analytics.facts.model_names import REDACTED, looks_public

TARGET = Path(__file__).parents[1] / "cecli" / "analytics" / "facts" / "data" / "model-names.txt"
TABLE = "model_prices_and_context_window_backup.json"
MODES = {None, "chat", "completion", "embedding", "responses"}
"""What a coding assistant calls; the table's other rows are prices of pictures and searches."""


def providers(package: Path) -> set[str]:
    """Return litellm's route prefixes, read from the source of its ``LlmProviders``."""
    tree = ast.parse((package / "types" / "utils.py").read_text(encoding="utf-8"))
    [enum] = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "LlmProviders"
    ]
    return {
        str(statement.value.value)
        for statement in enum.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
    }


def names(package: Path) -> set[str]:
    """Return the public names of one release, bare ones with their provider's prefix too."""
    known = providers(package)
    found = {f"{provider}/{REDACTED}" for provider in known}
    table = json.loads((package / TABLE).read_text(encoding="utf-8"))
    for name, facts in table.items():
        if not (looks_public(name) and facts.get("mode") in MODES):
            continue
        found.add(name)
        # Tables that split a provider's models by family: vertex_ai-anthropic_models.
        provider = str(facts.get("litellm_provider")).partition("-")[0]
        if "/" not in name and provider in known:
            found.add(f"{provider}/{name}")
    return found


def version(package: Path) -> str:
    """Return the release that is installed as *package*."""
    [metadata] = package.parent.glob("litellm-*.dist-info")
    return metadata.name.removeprefix("litellm-").removesuffix(".dist-info")


def main(packages: list[str]) -> None:
    """Rewrite the list from the installed litellm folders that are named."""
    if not packages:
        sys.exit(__doc__)
    folders = [Path(package) for package in packages]
    found = set[str]().union(*(names(folder) for folder in folders))
    releases = " and ".join(sorted(version(folder) for folder in folders))
    header = (
        "# Public model names, one a line; a known provider's line ends in /REDACTED.\n"
        f"# Source: litellm {releases}, {TABLE} (MIT).\n"
        f"# Made {datetime.date.today()} by tools/model_names.py; not edited by hand.\n\n"
    )
    TARGET.write_text(header + "".join(f"{name}\n" for name in sorted(found)), encoding="ascii")
    print(f"{TARGET.name}: {len(found)} names from litellm {releases}")


if __name__ == "__main__":
    main(sys.argv[1:])
