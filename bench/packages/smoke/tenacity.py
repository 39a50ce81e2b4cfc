"""What fails is tried again."""

from tenacity import retry, stop_after_attempt

calls: list[int] = []


@retry(stop=stop_after_attempt(3))
def third() -> int:
    calls.append(1)
    if len(calls) < 3:
        raise ValueError
    return len(calls)


assert third() == 3
