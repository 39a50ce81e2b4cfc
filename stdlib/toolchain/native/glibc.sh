# glibc.sh - what the drivers of packages' builds know of glibc: programs use the host's.
target=x86_64-linux-gnu
first=clang second=glibc third=linux
code="-fno-pie -fno-direct-access-external-data -ffunction-sections -fdata-sections -Werror=date-time"
mode_of_link="-no-pie -Wl,--dynamic-linker=/lib64/ld-linux-x86-64.so.2 -Wl,-z,now -Wl,-z,nocopyreloc -Wl,--as-needed"
libc="libc.so libm.so libpthread.so libdl.so librt.so libutil.so ld-linux.so libc_nonshared.a libcompiler_rt.a"
