"""Signers of code. Knows whom a config trusts with what, not how anything is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from staticbuild.config.pyoxidizer.model import (
    BOOL,
    FUNCTION,
    STR,
    Choice,
    Function,
    Parameter,
    Property,
    Status,
    Thing,
    method,
)

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation

_WINDOWS: Final = "certificates of Windows' store are there on Windows only; nothing is signed"
_UNSIGNED: Final = "nothing is signed during a build; sign the results, for example with `osslsigncode`"
_STORES: Final = Choice(("my", "root", "trust", "ca", "userds"))


class CodeSigner(Thing):
    """A key and a certificate to sign with."""

    @method(status=Status.CHANGED, note=_UNSIGNED)
    def activate(self, run: Evaluation) -> None:
        """Has all that is built from here on signed."""
        del run

    @method(Parameter("path", STR))
    def chain_issuer_certificates_pem_file(self, run: Evaluation, *, path: str) -> None:
        """Adds the certificates of those who issued the signer's."""
        del run, path

    @method()
    def chain_issuer_certificates_macos_keychain(self, run: Evaluation) -> None:
        """Adds certificates of macOS' keychain."""
        del run

    @method(Parameter("url", STR, other_names=("path",)))
    def set_time_stamp_server(self, run: Evaluation, *, url: str) -> None:
        """Sets the server that says when something was signed."""
        del run, url

    @method(Parameter("func", FUNCTION))
    def set_signing_callback(self, run: Evaluation, *, func: Function) -> None:
        """Has `func(request)` asked before something is signed."""
        del run, func


class CodeSigningRequest(Thing):
    """What a callback of a signer is asked about."""

    properties = (
        Property("action", STR, "", "What is being done.", writable=False),
        Property("filename", STR, "", "The name of the file.", writable=False),
        Property("path", STR, None, "The path of the file.", writable=False),
        Property("defer", BOOL, None, "Leave it to a later action.", readable=False),
        Property("prevent_signing", BOOL, None, "Do not sign it.", readable=False),
    )


# --- functions ---


@method(Parameter("path", STR), Parameter("password", STR))
def code_signer_from_pfx_file(run: Evaluation, *, path: str, password: str) -> CodeSigner:
    """A signer with the key and the certificate of a PKCS #12 file."""
    del run, path, password
    return CodeSigner()


@method(Parameter("thumbprint", STR), Parameter("store", _STORES, "my"), status=Status.CHANGED, note=_WINDOWS)
def code_signer_from_windows_store_sha1_thumbprint(run: Evaluation, *, thumbprint: str, store: str) -> CodeSigner:
    """A signer with a certificate of Windows' store, by its thumbprint."""
    del run, thumbprint, store
    return CodeSigner()


@method(Parameter("subject", STR), Parameter("store", _STORES, "my"), status=Status.CHANGED, note=_WINDOWS)
def code_signer_from_windows_store_subject(run: Evaluation, *, subject: str, store: str) -> CodeSigner:
    """A signer with a certificate of Windows' store, by a part of its subject."""
    del run, subject, store
    return CodeSigner()


@method(status=Status.CHANGED, note=_WINDOWS)
def code_signer_from_windows_store_auto(run: Evaluation) -> CodeSigner:
    """A signer with a certificate of Windows' store."""
    del run
    return CodeSigner()
