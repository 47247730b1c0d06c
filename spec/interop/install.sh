#!/bin/sh
# Installs what spec/interop's servers in Go, Python and Java need into .cache/interop, through the
# registries' ordinary clients (Go proxy, PyPI, Maven Central). A server whose inputs and toolchain have
# not changed since is left alone. Builds the others even when one cannot be built; fails at the end then.
# (The grpc-js server needs nothing: it is compiled with the specs and uses the project's node_modules.)
#
# usage: spec/interop/install.sh [go] [python] [java]

set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.cache/interop
mkdir -p "$cache"

digest() { # of files and folders, by name and content, and of the toolchain's version
  version=$1
  shift
  { echo "$version"; find "$@" -type f | LC_ALL=C sort | while read -r file; do cksum "$file"; done; } | cksum
}

toolchain_version() { # empty if the toolchain is missing
  case $1 in
    go) go version ;;
    python) python3 -c 'import sys, platform; print(sys.version, platform.platform())' ;;
    java) java -version && javac -version && mvn -v ;;
  esac 2>&1
}

# Each of these runs in a subshell with `set -e`, into an empty folder $cache/<name>.
install_go() {
  cd "$here/servers/go"
  go build -trimpath -mod=readonly -o "$cache/go/server" .
}

install_python() {
  python3 -m venv "$cache/python/venv"
  "$cache/python/venv/bin/python" -m pip install -q --disable-pip-version-check -r "$here/servers/python/requirements.txt"
  mkdir "$cache/python/gen"
  "$cache/python/venv/bin/python" -m grpc_tools.protoc -I "$here/protos" \
    --python_out="$cache/python/gen" --grpc_python_out="$cache/python/gen" \
    "$here"/protos/grpc/testing/*.proto
}

install_java() {
  mvn --batch-mode --quiet --no-transfer-progress -f "$here/servers/java/pom.xml" \
    "-Dinterop.directory=$cache/java" compile
}

failed=
for name in ${*:-go python java}; do
  case $name in
    go | python | java) ;;
    *) echo "interop: no server is called $name" >&2; exit 2 ;;
  esac
  if ! version=$(toolchain_version "$name"); then
    echo "interop: $name: its toolchain is missing or broken: $version" >&2
    rm -f "$cache/$name/.installed"
    failed="$failed $name"
    continue
  fi
  wanted=$(digest "$version" "$here/servers/$name" "$here/protos" "$here/install.sh")
  if [ -f "$cache/$name/.installed" ] && [ "$(cat "$cache/$name/.installed")" = "$wanted" ]; then
    continue
  fi
  echo "interop: installing the $name server" >&2
  rm -rf "${cache:?}/$name"
  mkdir -p "$cache/$name"
  # In the background and waited for, since `set -e` does nothing inside a condition.
  (set -e; "install_$name") >"$cache/$name/install.log" 2>&1 &
  if wait $!; then
    echo "$wanted" >"$cache/$name/.installed"
  else
    echo "interop: the $name server could not be installed:" >&2
    tail -n 30 "$cache/$name/install.log" >&2
    failed="$failed $name"
  fi
done

if [ -n "$failed" ]; then
  echo "interop: not installed:$failed" >&2
  exit 1
fi
