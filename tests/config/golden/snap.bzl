# 16:13: `SnapcraftBuilder.add_invocation`: `snapcraft` is not run: run it in the folder that is written

load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "licences")
load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "app",
    interpreter = True,
)

licences(
    name = "app/licences",
)

install(
    name = "snap",
    targets = {"app": ":app", "COPYING.txt": ":app/licences"},
    contents = {
        "snap/snapcraft.yaml": "name: app\nversion: \"1.0\"\nsummary: \"an app\"\ndescription: |\n  It does\n  this and that.\napps:\n  app:\n    command: bin/app\n    plugs:\n      - network\n      - home\nbase: core22\nconfinement: strict\ngrade: stable\nparts:\n  app:\n    plugin: dump\n    source: .\n    stage-packages: []\n",
    },
    program = "app",
)
