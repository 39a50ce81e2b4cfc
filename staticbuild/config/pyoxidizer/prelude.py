"""The helpers that rewritten files call, in Starlark. Knows how calls go to Python and back, not what they do.

A function of the config never reaches Python: it stays in a list here, and its number goes. A method that wants to call one
answers with a request (`__call__`), which is carried out here; the method then goes on (`__py_resume`). Nothing is re-entered.
"""

from __future__ import annotations

from typing import Final

# Callables of Python: __py_get, __py_set, __py_noted, __py_call, __py_global, __py_resume, __py_type, __py_has, __py_dir,
# __py_str, __py_names, __py_truths, __py_print, __py_register, __py_begin, __py_done, __py_wanted.
PRELUDE: Final = """
__own_type = type
__own_hasattr = hasattr
__own_getattr = getattr
__own_dir = dir
__own_str = str
__own_repr = repr
__functions = []
__targets = {}
__FREQUENT = {"add_python_resource": True}

# Strings and truth values cross as JSON text, objects of Python as they are. So names of attributes, True and False are those.
__NAMES = __py_names()
__TRUE, __FALSE = __py_truths()

def __outward(value):
    kind = __own_type(value)
    if kind == "bool":
        return __TRUE if value else __FALSE
    if kind == "function":
        __functions.append(value)
        return {"__function__": len(__functions) - 1}
    return value

def __inward(answer):
    for _ in range(2000000000):
        if __own_type(answer) != "dict":
            return answer
        if not answer:
            return None
        if "__call__" not in answer:
            return answer
        functions = [__functions[number] for number in answer["__call__"]]
        for arguments in answer["arguments"]:
            for function in functions:
                function(*arguments)
        answer = __py_resume()

def __c(value, name, /, *args, **kwargs):
    if __own_type(value) != "opaque_python_object":
        return __own_getattr(value, name)(*args, **kwargs)
    args = [__outward(each) for each in args]
    kwargs = {key: __outward(each) for key, each in kwargs.items()}
    # Telling where a call stands costs as much as the call: not for what is called for each resource.
    stack = [] if name in __FREQUENT else call_stack(strip_frames = 1)
    return __inward(__py_call(stack, value, __NAMES.get(name, name), args, kwargs))

def __call_global(name, args, kwargs):
    args = [__outward(each) for each in args]
    kwargs = {key: __outward(each) for key, each in kwargs.items()}
    return __inward(__py_global(call_stack(strip_frames = 2), name, args, kwargs))

def __g(value, name):
    if __own_type(value) != "opaque_python_object":
        return __own_getattr(value, name)
    answer = __py_get(value, __NAMES.get(name, name))
    if __own_type(answer) == "dict" and "__method__" in answer:
        return lambda *args, **kwargs: __c(value, name, *args, **kwargs)
    return answer

def __s(value, name, new):
    if __own_type(value) != "opaque_python_object":
        fail("a %s has no attributes to assign to" % __own_type(value))
    if __py_set(value, __NAMES.get(name, name), __outward(new)):
        __py_noted(call_stack(strip_frames = 1))

def __a(value, name, operator, new):
    old = __g(value, name)
    if operator == "+":
        old += new
    elif operator == "-":
        old -= new
    elif operator == "*":
        old *= new
    elif operator == "//" or operator == "/":
        old //= new
    elif operator == "%":
        old %= new
    elif operator == "|":
        old |= new
    elif operator == "&":
        old &= new
    __s(value, name, old)

def __type(value):
    return __py_type(value) if __own_type(value) == "opaque_python_object" else __own_type(value)

def __hasattr(value, name):
    return __py_has(value, name) if __own_type(value) == "opaque_python_object" else __own_hasattr(value, name)

def __getattr(value, name, *default):
    if __own_type(value) != "opaque_python_object":
        return __own_getattr(value, name, *default)
    if default and not __py_has(value, name):
        return default[0]
    return __g(value, name)

def __dir(value):
    return __py_dir(value) if __own_type(value) == "opaque_python_object" else __own_dir(value)

def __str(value):
    return __py_str(value) if __own_type(value) == "opaque_python_object" else __own_str(value)

def __repr(value):
    return __py_str(value) if __own_type(value) == "opaque_python_object" else __own_repr(value)

def print(*args):
    __py_print(call_stack(strip_frames = 1), " ".join([__str(each) for each in args]))

def register_target(*args, **kwargs):
    args = [__outward(each) for each in args]
    kwargs = {key: __outward(each) for key, each in kwargs.items()}
    registered = __py_register(call_stack(strip_frames = 1), args, kwargs)
    __targets[registered[0]] = __functions[registered[1]]

def __resolve(name, stack):
    state = __py_begin(name, stack)
    if state[0]:
        return state[1]
    arguments = [__resolve(each, stack) for each in state[1]]
    return __py_done(name, __targets[name](*arguments))

def resolve_target(target):
    return __resolve(target, call_stack(strip_frames = 1))

def resolve_targets():
    for name in __py_wanted():
        __resolve(name, call_stack(strip_frames = 1))
"""


def globals_text(functions: tuple[str, ...], constants: tuple[str, ...]) -> str:
    """The definitions of the dialect's functions and constants, which Python knows by their names."""
    lines = [f"def {name}(*args, **kwargs):\n    return __call_global({name!r}, args, kwargs)\n" for name in functions]
    lines += [f"{name} = __py_constant({name!r})\n" for name in constants]
    return "\n".join(lines)


# Comes after the file's own text, on a line of its own: what the command line wants and the file did not resolve.
EPILOGUE: Final = "resolve_targets()\n"
