Numbers: never a wrong one.
--- floats
version = 3.13  ### "11: `3.13` is no whole number: config files have no floats; put it in quotes: `"3.13"`"
half = 1 / 2  ### "8: `/` gives a float, which config files have not; divide with `//`"
half //= 2
half /= 2  ### "1: `/` gives a float"
big = 1e9  ### "7: `1e9` is no whole number"
--- the float function
x = float("1")  ### "5: config files have no floats"
--- shifts that fit
x = 1 << 30
x == 1073741824 or fail(x)
8 << 20 == 8388608 or fail()
--- shifts that wrap in starlark-rust
x = 1 << 31  ### "5: `<<` is only for constants whose result is below 2147483648; write `2147483648`"
y = 33 << 28  ### "5: `<<` is only for constants whose result is below 2147483648; write `8858370048`"
n = 31
z = 1 << n  ### "5: `<<` is only for constants whose result is below 2147483648; multiply by a power of two instead, e.g. `n * 1024`"
z <<= 1  ### "1: `<<` is only for constants"
w = -1 << 31  ### "5: `<<` is only for constants"
v = 1 << 9999999999  ### "5: `<<` is only for constants"
--- whole numbers of any size
x = 2147483647 + 1
x == 2147483648 or fail(x)
y = 4294967296 * 4294967296
str(y) == "18446744073709551616" or fail(y)
y >> 32 == 4294967296 or fail()
-7 // 2 == -4 or fail()
-7 % 3 == 2 or fail()
--- division by zero
x = 1 // 0  ### "5: floor division by zero: 1 // 0"
