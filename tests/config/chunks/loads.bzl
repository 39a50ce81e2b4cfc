Loading files.
--- functions and values
load(":defs.bzl", "greeting", say = "greet")
load("//tools/more.bzl", "count")
load("//tools:more.bzl", again = "count")
say("you") == "hello you" or fail(say("you"))
count == again or fail()
=== defs.bzl
greeting = "hello"
def greet(name):
    return greeting + " " + name
=== tools/more.bzl
load(":most.bzl", "most")
count = most
=== tools/most.bzl
most = 3
--- a file that does not exist
load(":defz.bzl", "x")  ### "6: there is no file `defz.bzl`; did you mean `defs.bzl`?"
load("//tools:x.bzl", "x")  ### "6: there is no file `tools/x.bzl`"
=== defs.bzl
x = 1
--- texts that are no file
load("defs.bzl", "x")  ### "6: `defs.bzl` does not name a file to load; write `load(":defs.bzl", …)`"
load("//../defs.bzl", "x")  ### "6: `//../defs.bzl` does not name a file to load"
load("/etc/x.bzl", "x")  ### "6: `/etc/x.bzl` does not name a file to load; write `":file.bzl"`, `"//folder:file.bzl"` or `"@stdlib//file.bzl"`"
load("//defs.py", "x")  ### "6: `//defs.py` does not name a file to load"
load("@other//defs.bzl", "x")  ### "6: there is no repository `@other`; besides the workspace there is `@stdlib`"
load("//tools:staticbuild.bzl", "x")  ### "6: `tools/staticbuild.bzl` is a package, which cannot be loaded"
--- names that the file has not
load(":defs.bzl", "greting", "zebra", g = "greet")  ### "19: `defs.bzl` has no `greting`; did you mean `greeting`?" and "30: `defs.bzl` has no `zebra`; it has `greet`, `greeting`"
=== defs.bzl
greeting = "hello"
def greet(name):
    return name
_secret = 1
--- a rule that is in another file
load("@stdlib//python.bzl", "everything")  ### "29: `@stdlib//python.bzl` has no `everything`; it is in `@stdlib//build.bzl`"
--- two loads of one file
load(":defs.bzl", "nothing")  ### "19: `defs.bzl` has no `nothing`; it has `greeting`"
load(":defs.bzl", "greeting")
=== defs.bzl
greeting = "hello"
--- private names
load(":defs.bzl", "_secret")  ### "19: `_secret` is private to its file; names that start with `_` cannot be loaded"
=== defs.bzl
_secret = 1
--- what a file has loaded, it does not export
load(":a.bzl", "x")  ### "16: `a.bzl` has no `x`; it defines nothing"
=== a.bzl
load(":b.bzl", "x")
=== b.bzl
x = 1
--- a circle
load(":a.bzl", "a")
=== a.bzl
load(":b.bzl", "b")
a = 1
=== b.bzl
load(":a.bzl", "a")  ### "6: files load each other in a circle"
b = 1
--- a file that loads itself
load(":a.bzl", "a")
=== a.bzl
load(":a.bzl", b = "a")  ### "6: this file loads itself"
a = 1
--- mistakes of several files at once
load(":a.bzl", "a")
load(":b.bzl", "b")
=== a.bzl
a = 1.5  ### "5: `1.5` is no whole number"
=== b.bzl
b = = 2  ### "5: unexpected `=`"
--- loaded values are frozen
load(":a.bzl", "a")
a.append(1)  ### "1: this value is frozen; what comes from a loaded file cannot be changed: copy it with `list(…)` or `dict(…)`"
=== a.bzl
a = []
--- an error in a loaded file
load(":a.bzl", "a")
a(1)
=== a.bzl
def a(x):
    y = x
    return y + "b"  ### "12: `+` does not work on an int and a string; make a string of the other with `str(…)`"
