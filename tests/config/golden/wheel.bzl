# 8:5: demo_app-1.0-py3-none-linux_x86_64.whl

load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "wheel")

install(
    name = "wheel-files",
    contents = {
        "demo_app.py": "print(1)\n",
        "demo_app-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo-app\nVersion: 1.0\n",
        "demo_app-1.0.data/scripts/demo": "#!python\n",
        "demo_app-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-linux_x86_64\n",
    },
    executable = {"demo_app-1.0.data/scripts/demo": True},
)

wheel(
    name = "wheel",
    filename = "demo_app-1.0-py3-none-linux_x86_64.whl",
    info = "demo_app-1.0.dist-info",
    files = ":wheel-files",
)
