Texts that do not parse, and words that Python has and Starlark has not.
--- a bracket that is not closed
x = [1,
     2
y = 3  ### "1: unexpected `y`; was the `[` on line 1 never closed?"
--- a call that is not closed
load("@stdlib//python.bzl", "make_dist")
make_dist(
    flavor = "static",

def f():  ### "1: unexpected `def`; was the `(` on line 2 never closed?"
    return 1
--- a comma that is missing
x = [1 2]  ### "8: unexpected `2`; perhaps a comma is missing"
--- strings side by side
x = "a" "b"  ### "9: unexpected string literal "b"; strings are joined with `+`"
--- an else that is missing
x = 1 if True  ### "unexpected end of the line; expected `else`"
--- power
x = 2 ** 3  ### "7: unexpected `**`; Starlark has no power operator"
--- import
import os  ### "1: Starlark has no `import`; load other files: `load("//folder:file.bzl", "name")`"
--- while
while True:  ### "1: Starlark has no `while`; loop over a range: `for i in range(100)`"
    pass
--- class
class A:  ### "1: Starlark has no `class`; use `struct(field = value)`"
    pass
--- try
try:  ### "1: Starlark has no `try`; there are no exceptions"
    x = 1
except E:
    x = 2
--- is
x = 1 is 2  ### "7: Starlark has no `is`; compare with `==`"
--- return outside of a function
return 3  ### "1: `return` cannot be used outside of a `def` function"
--- load inside of a function
def f():
    load(":a.bzl", "a")  ### "5: `load` must only occur at the top of a module"
=== a.bzl
a = 1
--- a string that does not end
y = 1
x = 'abc  ### "5: unfinished string literal"
--- indentation
if True:
    x = 1
  y = 2  ### "unindent does not match any outer indentation level"
--- an argument twice
f(a = 1, a = 2)  ### "10: repeated named argument"
--- an f-string with an expression
x = f"{1 + 1}"  ### "8: not a valid identifier: `1 + 1`"
--- a type that does not fit
def f(x: int):
    return x
f("a")  ### "1: value `a` of type `string` does not match the type annotation `int` for argument `x`"
--- a name that is not defined, in a function that is not called
def f():
    return nothing  ### "12: `nothing` is not defined"
--- a name that is nearly right
packages = []
x = pakages  ### "5: `pakages` is not defined; did you mean `packages`?"
--- a method that is nearly right
x = []
x.apend(1)  ### "a list has no attribute `apend`; did you mean `append`?"
--- no loop over a number
for x in 3:  ### "1: an int cannot be looped over"
    pass
--- no change of what is looped over
x = [1]
for y in x:
    x.append(y)  ### "5: this changes what a loop is going over; loop over a copy: `for x in list(items)`"
--- missing arguments
def f(a, b):
    return a
f(1)  ### "1: `f` lacks the argument `b`"
--- arguments that a function has not
def f(a, b = 1):
    return a
f(1, c = 2, d = 3)  ### "1: `f` has no arguments `c` and `d`"
--- too many arguments
def f(a):
    return a
f(1, 2)  ### "1: `f` got 1 argument more than it takes by position"
--- keys and items
x = {"a": 1}
y = x["b"]  ### "5: there is no key "b"; `items.get(key, default)` gives a default instead"
--- things without items
x = True[0]  ### "a bool has no items"
--- an index that is none
x = [1]["a"]  ### "5: wanted here: int, got string"
--- things without order
x = struct(a = 1) < 2  ### "5: a struct and an int have no order"
--- the last expression may be anything
x = 1
lambda: x
