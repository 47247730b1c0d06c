#!/bin/sh
# Installs what `npm run bench:test` measures `stubless test` beside into .cache/bench-test: grpctestify and hurl from
# crates.io. hurl is made with libclang and libxml2, which come from Debian's archive and are unpacked there, not installed.
# What has not changed since is left alone.
#
# usage: spec/suites/bench/install.sh

set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/bench-test
mkdir -p "$cache"
suite=bench:test
. "$here/../../support/install.sh"

PATH=$PATH:${HOME:-/root}/.cargo/bin
# The newest that this Rust compiles: 1.10 wants 1.97.
GRPCTESTIFY=1.6.2
HURL=8.0.1

toolchain_version() { # empty if the toolchain is missing
  cargo --version 2>&1
}

install_grpctestify() {
  cargo install --quiet --locked --root "$cache/grpctestify" --target-dir "$cache/cargo" "grpctestify@$GRPCTESTIFY"
}

install_hurl() {
  cd "$cache/hurl"
  use_debian deb
  apt install --no-install-recommends --print-uris --reinstall -y libclang1-14 libclang-common-14-dev libxml2-dev >wanted
  unpack_debian wanted
  LIBCLANG_PATH=$cache/hurl/root/usr/lib/llvm-14/lib
  PKG_CONFIG_PATH=$(dirname "$(find "$cache/hurl/root" -name libxml-2.0.pc)")
  PKG_CONFIG_SYSROOT_DIR=$cache/hurl/root
  BINDGEN_EXTRA_CLANG_ARGS=-I$(dirname "$(find "$cache/hurl/root" -name stddef.h)")
  export LIBCLANG_PATH PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR BINDGEN_EXTRA_CLANG_ARGS
  cargo install --quiet --locked --root "$cache/hurl" --target-dir "$cache/cargo" "hurl@$HURL"
}

failed=
for name in grpctestify hurl; do
  install "$name" "$here/install.sh" || failed="$failed $name"
done
if [ -n "$failed" ]; then
  echo "bench:test: not installed:$failed" >&2
  exit 1
fi
