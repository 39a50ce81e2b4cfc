# musl.sh - what the drivers of packages' builds know of musl: programs need nothing of the host.
target=x86_64-linux-musl
first=musl second=linux third=clang
code="-fno-pie -ffunction-sections -fdata-sections -Werror=date-time"
mode_of_link="-static -no-pie -Wl,-z,stack-size=8388608"
libc="libc.a libzigc.a libcompiler_rt.a"
