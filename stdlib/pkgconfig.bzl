"""The text of pkg-config files, through which a package's build finds a library. Knows nothing of recipes."""

def _module(description, libs, requires = [], cflags = "", version = None):
    """What one file says.

    Everything is linked statically, so what a library needs itself is said without `.private`: plain `pkg-config --libs` is enough.

    Args:
      description: one line.
      libs: the flags after `-L`, the C library's parts included: `-lpng16 -lm`.
      requires: modules of other recipes; their trees must be where pkg-config looks, too.
      cflags: more flags for the compiler than `-I`.
      version: where it is not the recipe's.
    """
    return struct(description = description, libs = libs, requires = requires, cflags = cflags, version = version)

def _lines(name, version, module):
    """The file's lines. Its paths are relative to the file itself: a tree is staged at another path in each action."""
    return [
        "prefix=${pcfiledir}/../..",
        "includedir=${prefix}/include",
        "libdir=${prefix}/lib",
        "",
        "Name: " + name,
        "Description: " + module.description,
        "Version: " + (module.version or version),
    ] + (["Requires: " + " ".join(module.requires)] if module.requires else []) + [
        "Cflags: -I${includedir}" + (" " + module.cflags if module.cflags else ""),
        "Libs: -L${libdir} " + module.libs,
    ]

pkgconfig = struct(module = _module, lines = _lines)
