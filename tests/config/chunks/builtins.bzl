What every file has.
--- glob
x = glob(3)  ### "10: `glob` wants a list of strings, got int `3`"
y = glob("*.py")  ### "10: `glob` wants a list of strings, got string `"*.py"`; put it in brackets: `["*.py"]`"
z = glob(include = ["a", 3])  ### "26: `glob` wants a string, got int `3`"
w = glob(["../*.py"])  ### "11: `glob` cannot look for `../*.py`; a pattern is relative to the package's folder and stays inside it"
v = glob(["*"], exclude = ["/etc/*"])  ### "28: `glob` cannot look for `/etc/*`"
--- glob without patterns
x = glob()  ### "5: `glob` lacks the argument `include`"
--- variables
a = config.var("MISSING", "x") + config.var("MISSING", None or "y")
b = config.var("MISSING")  ### "5: the variable `MISSING` is not set; give it with `--var MISSING=VALUE`, or a default: `config.var("MISSING", "")`"
c = config.var(3)  ### "16: `config.var` wants the name of a variable as a string, got int `3`"
--- config has two fields
x = config.targt  ### "has no attribute `targt`; did you mean `target`?"
--- json
a = json.decode(json.encode({"a": [1, None, True, "é"], "b": struct(c = (1, 2))}))
a["b"]["c"] == [1, 2] or fail("!")
json.decode("[1, 2.5]")  ### "1: `json.decode`: `2.5` is no whole number: config files have no floats"
--- json that is none
json.decode("[1")  ### "1: `json.decode`: expecting ',' delimiter: line 1 column 3 (char 2)"
--- json that panics elsewhere
json.decode("1e400")  ### "1: `json.decode`: `1e400` is no whole number"
--- json of a function
json.encode(glob)  ### "1: `json.encode`: a function cannot be written as JSON"
--- json of a value that holds itself
x = []
x.append(x)
json.encode(x)  ### "1: `json.encode`: this is nested too deeply, or holds itself"
--- json of a very deep value
x = []
for _ in range(100000):
    x = [x]
json.encode(x)  ### "1: `json.encode`: this is nested too deeply, or holds itself"
--- fail
fail("no", [1], "\n --> staticbuild.bzl:9:9")  ### "1: no [1]"
--- fail in the library points to the call
load("@stdlib//python.bzl", "must_be_even")
must_be_even(2)
must_be_even(3)  ### "1: odd: 3"
--- an error in the library points to the call
load("@stdlib//python.bzl", "third")
x = [1] + third([1, 2])  ### "11: there is no item 2; the first item is 0"
--- what there is not
x = set([1])  ### "5: `set` is not defined; Starlark here has no `set`"
--- what there is not either
x = open("/etc/passwd")  ### "5: `open` is not defined; a config cannot read files"
--- natives are for the library
native.make_dist()  ### "1: `native` is not defined; `native` exists only in files of `@stdlib`"
--- builtins are not exported
load(":defs.bzl", "glob")  ### "19: `defs.bzl` has no `glob`; it has `x`"
=== defs.bzl
x = 1
--- no way into the prelude
load("builtin", "native")  ### "6: `builtin` does not name a file to load"
