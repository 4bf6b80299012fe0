"""A click program with analytics, for the tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import configargparse

from cecli.analytics import Catalogue, add_arguments
from cecli.analytics.integrations.click import add_options, current


@click.group()
def notes() -> None:
    """Keep notes."""


@notes.command()
@click.argument("text")
@click.option("--ending", default="")
def add(text: str, ending: str) -> None:
    """Add a note."""
    current().event("command_add")
    click.echo(f"{text}: {current().status.state}")
    if ending == "crash":
        raise ZeroDivisionError
    if ending == "abort":
        raise click.Abort
    if ending == "no input":
        input()
    if ending == "exit":
        click.get_current_context().exit(3)
    if ending == "sys.exit":
        sys.exit(3)
    if ending == "message":
        raise click.ClickException("no such note")


catalogue = Catalogue()
catalogue.declare_commands("add")
parser = configargparse.ArgumentParser(
    prog="notes", default_config_files=[str(Path.home() / "notes.conf")]
)
add_arguments(parser)
add_options(notes, parser, catalogue=catalogue)

if __name__ == "__main__":
    if os.environ.get("DEFAULTS"):
        notes(default_map={"analytics": os.environ["DEFAULTS"] == "on"})
    elif os.environ.get("CALLED"):
        try:
            notes(standalone_mode=False)
        except click.UsageError as error:
            print("UsageError", error.exit_code)
            raise
    else:
        notes(auto_envvar_prefix="CECLI")
