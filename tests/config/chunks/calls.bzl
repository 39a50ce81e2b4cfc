Mistakes in calls of rules.
--- all is well
load("@stdlib//python.bzl", "make_dist", "python_executable")
make_dist()
python_executable(name = "greet", entry_point = "greet:main", optimize = 2)
--- an attribute that is nearly right
load("@stdlib//python.bzl", "python_executable")
python_executable(
    name = "greet",
    optimise = 2,  ### "5: `python_executable` has no attribute `optimise`; did you mean `optimize`?"
)
--- an attribute that is like no other
load("@stdlib//python.bzl", "make_dist")
make_dist(zzz = 1)  ### "11: `make_dist` has no attribute `zzz`; it has `name`, `flavor`"
--- every mistake of a file is told, in its order
load("@stdlib//python.bzl", "make_dist", "python_executable")
make_dist(flavor = "statik")  ### "20: `flavor` wants one of `"static"`, `"dynamic"`, got string `"statik"`; did you mean `static`?"
python_executable(name = "a", optimize = 3, dist = 4)  ### "42: `optimize` wants an int from 0 to 2, got int `3`" and "52: `dist` wants a label, got int `4`; put it in quotes: `"4"`"
python_executable(  ### "1: `python_executable` needs a `name`"
    optimize = True,  ### "16: `optimize` wants an int from 0 to 2, got bool `True`"
)
--- a string is no list
load("@stdlib//build.bzl", "everything")
everything(name = "x", text = "", srcs = "main.c")  ### "42: `srcs` wants a list of strings, got string `"main.c"`; put it in brackets: `["main.c"]`"
--- the item of a list is pointed to
load("@stdlib//build.bzl", "everything")
everything(
    name = "x",
    text = "",
    srcs = [
        "a.c",
        7,  ### "9: `srcs[1]` wants a string, got int `7`; put it in quotes: `"7"`"
    ],
)
--- the value of a dict is pointed to
load("@stdlib//build.bzl", "everything")
everything(
    name = "x",
    text = "",
    env = {"A": "b", "C": None},  ### "27: `env["C"]` wants a string, got `None`"
    inputs = {"a": "../b"},  ### "20: `inputs["a"]` wants a label, got string `"../b"`; write `:name`, `//folder:name` or `@stdlib//folder:name`"
)
--- a record within a list
load("@stdlib//build.bzl", "everything")
everything(
    name = "x",
    text = "",
    places = [
        "https://example.org/x.tar.gz",
        {"place": "debian:pool/x.tar.gz", "sha256": "12"},  ### "53: `places[1]["sha256"]` wants a sha256 (64 lower-case hex digits), got string `"12"`"
    ],
)
--- a record with a wrong key
load("@stdlib//build.bzl", "everything")
everything(name = "x", text = "", places = [{"plaice": "y"}])  ### "45: `places[0]` wants a dict with the keys "place", "sha256" (optional), got dict; did you mean `place`?"
--- a required attribute is missing
load("@stdlib//build.bzl", "everything")
everything(name = "x")  ### "1: `text` is required; for example `text = ""`"
--- None is the same as leaving it out
load("@stdlib//build.bzl", "everything")
load("@stdlib//python.bzl", "make_dist")
make_dist(name = None, flavor = None)
everything(name = "x", text = None)  ### "1: `text` is required"
--- a function that was not called
load("@stdlib//build.bzl", "everything")
everything(name = "x", text = "", srcs = glob)  ### "42: `srcs` wants a list of strings, got function; call the function"
--- values of other kinds
load("@stdlib//build.bzl", "everything")
everything(name = "a", text = struct(a = 1))  ### "31: `text` wants a string, got struct"
everything(name = "b", text = "", env = {1: "a"})  ### "41: `env` wants a dict of strings to strings, got dict with keys that are no strings"
everything(name = "c", text = "", number = 1000000000 * 1000000000 * 1000)  ### "44: `number` wants an int, got huge int"
everything(name = "d", text = "", srcs = range(3))  ### "42: `srcs` wants a list of strings, got range"
--- tuples do as lists
load("@stdlib//build.bzl", "everything")
everything(name = "x", text = "", srcs = ("a", "b"))
--- lists that hold themselves
load("@stdlib//build.bzl", "everything")
me = []
me.append(me)
everything(name = "x", text = "", srcs = me)  ### "42: `srcs[0]` wants a string, got list"
--- positional arguments
load("@stdlib//python.bzl", "make_dist")
make_dist("dist")  ### "1: `make_dist` takes all its arguments by name; write `name = …` before each"
--- names that are none
load("@stdlib//python.bzl", "make_dist")
make_dist(name = "a b")  ### "18: `name` wants a name of letters, digits and `_.+=,@~-`, got string `"a b"`"
make_dist(name = "")  ### "18: `name` wants a name"
make_dist(name = 3)  ### "18: `name` wants a name"
--- attributes that do not go together
load("@stdlib//python.bzl", "python_executable")
python_executable(
    name = "x",
    entry_point = "a:b",
    file = "c.py",  ### "12: give `entry_point` or `file`, not both"
)
--- two targets of one name
load("@stdlib//python.bzl", "make_dist")
make_dist()
make_dist()  ### "1: the target `:dist` is declared twice"
--- a rule that is not loaded
python_executable(name = "x")  ### "1: `python_executable` is not defined; load it first: `load("@stdlib//python.bzl", "python_executable")`"
--- a rule that is not loaded and misspelt
python_executabel(name = "x")  ### "1: `python_executabel` is not defined; did you mean `python_executable`? load it first: `load("@stdlib//python.bzl", "python_executable")`"
--- the right call of several on one line
load("@stdlib//python.bzl", "make_dist")
make_dist(name = "a"); make_dist(name = "b", flavour = "x")  ### "46: `make_dist` has no attribute `flavour`"
--- a renamed rule
load("@stdlib//python.bzl", dist = "make_dist")
dist(flavour = "x")  ### "6: `make_dist` has no attribute `flavour`"
--- columns count characters
load("@stdlib//python.bzl", "make_dist")
x = "é😀"; make_dist(flavour = "x")  ### "21: `make_dist` has no attribute `flavour`"
--- a mistake inside of one's own function
load("@stdlib//python.bzl", "python_executable")
def tool(name):
    python_executable(name = name, optimise = 2)  ### "36: `python_executable` has no attribute `optimise`"
tool("a")
tool("b")
--- a mistake that a function of the library hands on
load("@stdlib//python.bzl", "application")
application(
    name = "x",
    optimize = 9,  ### "16: `optimize` wants an int from 0 to 2, got int `9`"
)
--- a rule cannot be called while a file is loaded
load(":defs.bzl", "x")
=== defs.bzl
load("@stdlib//python.bzl", "make_dist")
x = 1
make_dist()  ### "1: `make_dist` cannot be called while a file is loaded; put the call into a function"
glob(["*"])  ### "1: `glob` cannot be called while a file is loaded"
