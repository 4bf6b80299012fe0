"""The parser that all the programs have, and what they record."""

import configargparse


def bare() -> configargparse.ArgumentParser:
    """Return a parser without options, as a program's author makes it."""
    return configargparse.ArgumentParser(
        prog="program",
        auto_env_var_prefix="PROGRAM_",
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        default_config_files=["~/.program.conf.yml", ".program.conf.yml"],
    )


def with_options() -> configargparse.ArgumentParser:
    """Return a parser with as many options as cecli's analytics has."""
    parser = bare()
    parser.add_argument("--version", action="version", version="1")
    parser.add_argument("--analytics", action="store_true")
    parser.add_argument("--no-analytics", action="store_true")
    parser.add_argument("--analytics-disable", action="store_true")
    parser.add_argument("--analytics-log")
    parser.add_argument("--analytics-posthog-project-api-key")
    parser.add_argument("--analytics-posthog-host")
    return parser


def message(number: int) -> dict[str, object]:
    """Return the properties of an event."""
    return {"prompt_tokens": number, "main_model": "gpt-4o", "outcome": "stop"}
