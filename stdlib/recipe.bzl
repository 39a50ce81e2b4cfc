"""One recipe: a pinned source, and the script that turns it into a prefix tree of static libraries.

Knows how a recipe's private folder is laid out. Knows nothing of any particular library.
"""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//platforms.bzl", "platforms")

# What every script starts with. `library NAME FLAGS FILES...` compiles files of source/ into out/lib/libNAME.a.
_PRELUDE = r"""
ROOT=$PWD
for folder in toolchain/bin programs/*/bin; do
    PATH="$ROOT/$folder:$PATH"
done
export PATH
JOBS=$(nproc)
mkdir -p build out/lib out/include out/licenses

library() {
    name=$1 flags=$2
    shift 2
    printf '%s\n' "$@" | xargs -P "$JOBS" -I '{}' sh -euc \
        'cc $0 -c "source/$1" -o "build/$(printf %s "$1" | tr / _).o"' "$flags" '{}'
    ar qcsD "out/lib/lib$name.a" $(for file do printf 'build/%s.o ' "$(printf %s "$file" | tr / _)"; done)
}
"""

def _licences(name, files):
    """The shell lines that gather a source's licence texts into the one file that the archive carries."""
    if not files:
        return ""
    paths = " ".join(["source/" + file for file in files])
    return "\ncat %s >out/licenses/LICENSE.%s.txt\n" % (paths, name)

def _description(describe, fields):
    """The shell line that writes what the tree is made of."""
    return "\nprintf '%%s\\n' '%s' >out/SOURCE.json\n" % json.encode(fields) if describe else ""

def _changed(script, changes):
    """The script with each of `changes` made, and each must have been there to be made."""
    for old, new in changes.items():
        if old not in script:
            fail("the script has no %r" % old)
        script = script.replace(old, new)
    return script

def _pkgconfig(version, modules):
    """The shell lines that write a pkg-config file for each of `modules`, a dict of names to what `pkgconfig.module` returned."""
    lines = ["mkdir -p out/lib/pkgconfig"] if modules else []
    for name, module in modules.items():
        lines += ["cat >out/lib/pkgconfig/%s.pc <<'EOF'" % name] + pkgconfig.lines(name, version, module) + ["EOF"]
    return "".join(["\n" + line for line in lines]) + ("\n" if lines else "")

def _declare(
        name,
        version,
        sha256,
        places,
        license,
        script,
        license_files = ["LICENSE"],
        libraries = [],
        deps = [],
        programs = [],
        inputs = {},
        describe = False,
        modules = {},
        target = None,
        source = None,
        platform = platforms.musl,
        glibc = {},
        weight = 2):
    """Declares `<target>_source` (unless there is a `source`) and `<target>`, and returns what the archive and an SBOM must know of them.

    For glibc, `<target>` is `2.17/<target>`, and it is built of the same source.

    Args:
      name: the component, as in `licenses/LICENSE.<name>.txt`.
      version: upstream's version.
      sha256: of the tarball at every place that does not name its own.
      places: where the tarball may be had, in order: upstream first, then `debian:` and a path in that archive.
      license: an SPDX expression.
      script: shell lines, run after the prelude; they read source/ and deps/<dep>/ and write out/.
      license_files: files of the source that hold the licence's text.
      libraries: names of the static libraries (`ssl` for libssl.a) that the script writes to out/lib.
      deps: other recipes, staged at deps/<dep>/.
      programs: recipes of programs that the script runs; of the host's it has sh, coreutils, findutils, grep, sed and awk.
      inputs: more trees, as path in the private folder to label.
      describe: whether out/SOURCE.json says what this is, for trees that are used without the archive.
      modules: pkg-config's names for the libraries, each with a `pkgconfig.module`.
      target: the target's name, where the component has several.
      source: another target, whose source this one is made of, too.
      platform: what the libraries are for, one of `platforms`.
      glibc: parts of the script that read otherwise where the platform is glibc, each with what stands in its place.
      weight: about how many seconds the script takes; the engine starts long chains first.
    """
    target = target or name
    if not platform.folder and not source:
        native.source_archive(
            name = target + "_source",
            version = version,
            sha256 = sha256,
            places = places,
            license = license,
            license_files = license_files,
        )
    staged = dict(platform.toolchain)
    staged["source"] = "@stdlib//recipes:%s_source" % (source or target)
    for dep in deps:
        staged["deps/" + dep] = ":" + platform.folder + dep
    for program in programs:
        staged["programs/" + program] = "@stdlib//recipes:" + program
    staged.update(inputs)
    script = _changed(script, glibc if platform.libc == "glibc" else {})
    native.run_action(
        name = platform.folder + target,
        script = _PRELUDE + script + _licences(name, license_files) + _pkgconfig(version, modules) + _description(describe, {
            "name": name,
            "version": version,
            "license": license,
        }),
        inputs = staged,
        output_trees = ["out"],
        weight = weight,
    )
    return struct(
        name = name,
        version = version,
        sha256 = sha256,
        license = license,
        places = places,
        libraries = libraries,
    )

def _describe(platform, library, modules):
    """Declares `<name>-dev`: the tree of a recipe that writes neither pkg-config files nor what it is, with both.

    Args:
      platform: what the library was declared for.
      library: what `declare` returned.
      modules: as for `declare`.
    """
    native.run_action(
        name = platform.folder + library.name + "-dev",
        script = "cp -RL library/. out/\nchmod -R u+w out\n" + _pkgconfig(library.version, modules) + _description(True, {
            "name": library.name,
            "version": library.version,
            "license": library.license,
        }),
        inputs = {"library": ":" + platform.folder + library.name},
        output_trees = ["out"],
    )

recipe = struct(declare = _declare, describe = _describe)
