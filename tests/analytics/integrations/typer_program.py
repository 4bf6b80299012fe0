"""A typer program with analytics, for the tests: as click_program, in typer's words."""

from __future__ import annotations

import sys
from pathlib import Path

import configargparse
import typer

from cecli.analytics import Catalogue, add_arguments
from cecli.analytics.integrations.click import add_options, current

app = typer.Typer()


@app.callback()
def main() -> None:
    """Keep notes."""


@app.command()
def add(text: str, ending: str = "") -> None:
    """Add a note."""
    current().event("command_add")
    print(f"{text}: {current().status.state}")
    if ending == "crash":
        raise ZeroDivisionError
    if ending == "abort":
        raise typer.Abort
    if ending == "no input":
        input()
    if ending == "exit":
        raise typer.Exit(3)
    if ending == "sys.exit":
        sys.exit(3)
    if ending == "message":
        raise typer.BadParameter("no such note")


catalogue = Catalogue()
catalogue.declare_commands("add")
parser = configargparse.ArgumentParser(
    prog="notes", default_config_files=[str(Path.home() / "notes.conf")]
)
add_arguments(parser)
notes = typer.main.get_command(app)
add_options(notes, parser, catalogue=catalogue)

if __name__ == "__main__":
    notes()
