"""A command reads its options."""

import click
from click.testing import CliRunner


@click.command()
@click.option("--count", default=1)
@click.argument("name")
def hello(count: int, name: str) -> None:
    for _ in range(count):
        click.echo(f"hello {name}")


done = CliRunner().invoke(hello, ["--count", "2", "Ada"])
assert (done.exit_code, done.output) == (0, "hello Ada\nhello Ada\n")
