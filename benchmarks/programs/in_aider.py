"""Runs another of these programs where aider's models are loaded, as in each session of aider."""

import runpy
import sys

import aider.models  # noqa: F401

del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
