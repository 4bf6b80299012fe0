"""A program that sends messages through litellm, for the tests: ``litellm_program.py KIND URL``."""

from __future__ import annotations

import asyncio
from typing import Any

import configargparse
import litellm

from cecli.analytics import add_arguments, resolve
from cecli.analytics.integrations.litellm import callback


def main() -> None:
    parser = configargparse.ArgumentParser()
    add_arguments(parser)
    parser.add_argument("kind")
    parser.add_argument("url")
    args = parser.parse_args()
    analytics = resolve(args, parser, strict=True)
    litellm.callbacks.append(callback(analytics))
    way, _, how = args.kind.partition(" ")
    streamed = "stream" in way
    options: dict[str, Any] = {
        "messages": [{"role": "user", "content": "Explain Zanzibar."}],
        "stream": streamed,
    }
    if how == "mock":
        options |= {"model": "gpt-4o", "mock_response": "SECRET answer"}
    elif how == "mock failure":
        failure = litellm.RateLimitError("SECRET", "openai", "gpt-4o")
        options |= {"model": "gpt-4o", "mock_response": failure}
    elif how == "nobody's model":
        options |= {"model": "acme-secret-model"}
    else:
        model = "openai/gpt-4o" if how == "public" else "openai/acme-secret-model"
        options |= {"model": model, "api_base": args.url, "api_key": "sk-SECRET", "max_retries": 0}
        if how == "usage asked for":
            options["stream_options"] = {"include_usage": True}
    try:
        if way.startswith("async"):
            asyncio.run(acomplete(options, streamed))
        elif streamed:
            list(litellm.completion(**options))
        else:
            litellm.completion(**options)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is shown
        print(type(error).__name__)
    if how == "mock":
        litellm.embedding(model="text-embedding-3-small", input=["x"], mock_response=[0.1])


async def acomplete(options: dict[str, Any], streamed: bool) -> None:
    answer = await litellm.acompletion(**options)
    if streamed:
        async for _ in answer:
            pass


if __name__ == "__main__":
    main()
