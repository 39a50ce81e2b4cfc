"""Calls a package's build backend, as PEP 517 says. Run by the interpreter that is built for; imports nothing of staticbuild.

`python3.13 backend.py CALL.json`, in the folder of the sources. The file holds `backend` (`module:object`), `backend_path`,
`hook`, and `arguments`; what the hook returns is written to the file `result` as JSON.
"""

import importlib
import json
import os
import sys
from pathlib import Path


def main(path: str) -> None:
    """Call one hook. An optional hook that the backend does not have gives null."""
    call = json.loads(Path(path).read_text(encoding="utf-8"))
    sys.path[:0] = [os.path.join(os.getcwd(), folder) for folder in call["backend_path"]]
    module, _, attributes = call["backend"].partition(":")
    backend = importlib.import_module(module)
    for name in filter(None, attributes.split(".")):
        backend = getattr(backend, name)
    hook = getattr(backend, call["hook"], None)
    if hook is None and call["hook"] != "get_requires_for_build_wheel":
        sys.exit(f"the backend `{call['backend']}` has no `{call['hook']}`")
    result = None if hook is None else hook(*call["arguments"])
    Path(call["result"]).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
