"""Record docs/sample-analytics.jsonl: the log of a real session, exactly as it was written.

A session of aider on a terminal, with a model's end on this machine in place of a provider; a user
asks, has a file edited, uses commands, meets a failure and leaves. Needs the extra ``aider``;
``make sample`` runs it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tools.coding_sessions import FILE, TEXT, CodingSessions
from tools.model_end import Answer, ModelEnd
from tools.user import User

EDIT = f"""
{FILE}
```python
<<<<<<< SEARCH
{TEXT}=======
{TEXT}{TEXT}>>>>>>> REPLACE
```
"""
SAMPLE = Path(__file__).parents[1] / "docs" / "sample-analytics.jsonl"


def main() -> int:
    """Write the sample; return the exit code."""
    for name in ("CI", "DO_NOT_TRACK"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as base, ModelEnd() as end:
        sessions = CodingSessions(User(Path(base)), end, Path(base))
        with sessions.receiver:
            end.answers += [Answer("It adds."), Answer(EDIT), Answer("feat: more")]
            terminal = sessions.terminal("--analytics", "--model", "gpt-4o", FILE)
            terminal.wait_for("[Yes]: ")
            terminal.type("yes\n")
            for number, line in enumerate(("What is it?", "Make it more.", "/tokens", "/diff"), 1):
                terminal.wait_for("\n> ", number)
                terminal.type(line + "\n")
            terminal.wait_for("Commit ")
            terminal.wait_for("\n> ", 5)
            end.answers.append(Answer(status=401))
            terminal.type("Go on.\n")
            terminal.wait_for("\n> ", 6)
            terminal.type("/exit\n")
            code = terminal.finish()
            sessions.arrived()
        shutil.copyfile(sessions.log, SAMPLE)
    print(f"{SAMPLE.name}: {len(SAMPLE.read_text().splitlines())} events")
    return code


if __name__ == "__main__":
    sys.exit(main())
