"""The command line."""

from __future__ import annotations

from pathlib import Path

import click
import nacl.exceptions
import nacl.pwhash
import nacl.secret
import nacl.utils
import yaml
from rich.console import Console
from rich.table import Table

_SALT = nacl.pwhash.argon2id.SALTBYTES


@click.group()
def main() -> None:
    """Keep secrets in sealed files."""


@main.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--password", envvar="VAULT_PASSWORD", required=True)
def seal(source: Path, target: Path, password: str) -> None:
    """Seal the YAML file SOURCE into TARGET."""
    values = yaml.load(source.read_text(), yaml.CSafeLoader)
    salt = nacl.utils.random(_SALT)
    box = nacl.secret.SecretBox(_key(password, salt))
    target.write_bytes(salt + box.encrypt(yaml.dump(values, Dumper=yaml.CSafeDumper).encode()))
    click.echo(f"sealed {len(values)} values")


@main.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--password", envvar="VAULT_PASSWORD", required=True)
def show(source: Path, password: str) -> None:
    """Show what is in the sealed file SOURCE."""
    data = source.read_bytes()
    try:
        text = nacl.secret.SecretBox(_key(password, data[:_SALT])).decrypt(data[_SALT:])
    except nacl.exceptions.CryptoError:
        raise click.ClickException("the password is wrong, or the file was changed") from None
    table = Table("name", "value")
    for name, value in sorted(yaml.load(text, yaml.CSafeLoader).items()):
        table.add_row(name, str(value))
    Console().print(table)


def _key(password: str, salt: bytes) -> bytes:
    return nacl.pwhash.argon2id.kdf(
        nacl.secret.SecretBox.KEY_SIZE,
        password.encode(),
        salt,
        opslimit=nacl.pwhash.argon2id.OPSLIMIT_MIN,
        memlimit=nacl.pwhash.argon2id.MEMLIMIT_MIN,
    )
