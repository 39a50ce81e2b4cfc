"""A build backend of a few lines, so that a test needs no package of an index: compiles, links and zips as real ones do."""

import base64
import glob
import hashlib
import json
import os
import subprocess
import sysconfig
import zipfile


def build_wheel(folder, config_settings=None, metadata_directory=None):
    """Compile what `project.json` says: modules, each of sources, and a static library that all are linked with."""
    with open("project.json") as file:
        project = json.load(file)
    include, suffix = sysconfig.get_path("include"), sysconfig.get_config_var("EXT_SUFFIX")
    archives = []
    for source in project["library"]:
        subprocess.run(["cc", "-fPIC", "-O2", "-g", "-c", source, "-o", source + ".o"], check=True)
        subprocess.run(["ar", "rcs", "libown.a", source + ".o"], check=True)
        archives = ["-L.", "-lown"]
    for module, source in project["modules"].items():
        compiler = "c++" if source.endswith(".cpp") else "cc"
        subprocess.run([compiler, "-fPIC", "-O2", "-I", include, "-c", source, "-o", source + ".o"], check=True)
        target = module.replace(".", "/") + suffix
        subprocess.run([compiler, "-shared", source + ".o", *archives, *project["flags"], "-o", target], check=True)
    name = f"{project['name']}-1.0"
    files = {
        path: open(path, "rb").read() for path in glob.glob(project["name"] + "/**", recursive=True) if os.path.isfile(path)
    }
    files[f"{name}.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n".encode()
    files[f"{name}.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp313-cp313-linux_x86_64\n"
    rows = []
    with zipfile.ZipFile(os.path.join(folder, name + "-cp313-cp313-linux_x86_64.whl"), "w") as archive:
        for path, data in sorted(files.items()):
            archive.writestr(path, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(data)}\n")
        archive.writestr(f"{name}.dist-info/RECORD", "".join(rows) + f"{name}.dist-info/RECORD,,\n")
    return name + "-cp313-cp313-linux_x86_64.whl"
