"""Tasks run at the same time, and a limit ends them."""

import anyio


async def run() -> list[int]:
    found: list[int] = []

    async def add(number: int) -> None:
        await anyio.sleep(0.001 * number)
        found.append(number)

    async with anyio.create_task_group() as group:
        for number in (3, 1, 2):
            group.start_soon(add, number)
    return found


assert sorted(anyio.run(run)) == [1, 2, 3]
