"""The library that runs is known."""

import asyncio

import sniffio


async def which() -> str:
    return sniffio.current_async_library()


assert asyncio.run(which()) == "asyncio"
