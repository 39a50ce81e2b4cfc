# std.sh - builds Rust's standard library for $CARGO_BUILD_TARGET, of the sources that came with the toolchain.
# Reads rust/, writes std/lib. Knows nothing of what will be linked with it.

PATH="$PWD/rust/bin:$PATH"
library=$PWD/rust/sysroot/lib/rustlib/src/rust/library

# cargo builds it for a project (`-Z build-std`). This one lies above it, so that the path of the private folder is in no name.
mkdir -p .cargo project std/lib
printf '[package]\nname = "project"\nversion = "0.0.0"\nedition = "2021"\n\n[lib]\npath = "project/lib.rs"\n' >Cargo.toml
echo '#![no_std]' >project/lib.rs
# Debian's package of the sources brings the crates that they need, rustup's component does not.
if [ -d "$library/vendor" ]; then
    printf '[source.crates-io]\nreplace-with = "theirs"\n[source.theirs]\ndirectory = "%s"\n' "$library/vendor" >.cargo/config.toml
fi

# As rustup's is built: one unit for each crate, and bitcode in it, which a project's `lto = "fat"` needs.
export RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 RUSTFLAGS="-C embed-bitcode=yes"
cargo build --release --offline -Z build-std=std,panic_abort -Z build-std-features=backtrace,panic-unwind
for crate in "$TMPDIR/target/$CARGO_BUILD_TARGET/release/deps/"*.rlib; do
    case ${crate##*/} in
        libproject-*) ;;
        *) cp "$crate" std/lib/ ;;
    esac
done
