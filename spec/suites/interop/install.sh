#!/bin/sh
# Installs what spec/suites/interop's servers in Go (of gRPC, and of gRPC-Web and Connect), Python (of gRPC, and of HTTP/2) and Java need into .cache/interop, through the
# registries' ordinary clients (Go proxy, PyPI, Maven Central; for C++, which is only built when it is named,
# Debian's packages, unpacked there and not installed; tonic's likewise, from crates.io). A server whose inputs and toolchain have
# not changed since is left alone. Builds the others even when one cannot be built; fails at the end then.
# (The grpc-js server needs nothing: it is compiled with the specs and uses the project's node_modules.)
#
# The server of examples/ on grpc-go, which `npm run cli:go` installs, is no TestService, and is built only when named.
#
# usage: spec/suites/interop/install.sh [go] [python] [java] [http2] [web] [cpp] [tonic] [examples]

set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/interop
mkdir -p "$cache"
suite=interop
. "$here/../../support/install.sh"

toolchain_version() { # empty if the toolchain is missing
  case $1 in
    go | web | examples) go version ;;
    python | http2) python3 -c 'import sys, platform; print(sys.version, platform.platform())' ;;
    java) java -version && javac -version && mvn -v ;;
    tonic) cargo --version ;;
    cpp) g++ --version && apt-get --version && pkg-config --version ;;
  esac 2>&1
}

# Each of these runs in a subshell with `set -e`, into an empty folder $cache/<name>.
install_go() {
  cd "$here/servers/go"
  go build -trimpath -mod=readonly -o "$cache/go/server" .
}

install_web() {
  cd "$here/servers/web"
  go build -trimpath -mod=readonly -o "$cache/web/server" .
}

install_examples() {
  cd "$here/servers/examples"
  go build -trimpath -mod=readonly -o "$cache/examples/server" .
}

install_python() {
  python3 -m venv "$cache/python/venv"
  "$cache/python/venv/bin/python" -m pip install -q --disable-pip-version-check -r "$here/servers/python/requirements.txt"
  mkdir "$cache/python/gen"
  "$cache/python/venv/bin/python" -m grpc_tools.protoc -I "$here/protos" \
    --python_out="$cache/python/gen" --grpc_python_out="$cache/python/gen" \
    "$here"/protos/grpc/testing/*.proto
}

install_http2() {
  python3 -m venv "$cache/http2/venv"
  "$cache/http2/venv/bin/python" -m pip install -q --disable-pip-version-check -r "$here/servers/http2/requirements.txt"
}

install_java() {
  mvn --batch-mode --quiet --no-transfer-progress -f "$here/servers/java/pom.xml" \
    "-Dinterop.directory=$cache/java" compile
}

install_tonic() {
  # Where the crates were compiled before, outside of the folder that is emptied.
  cargo build --quiet --locked --release --manifest-path "$here/servers/tonic/Cargo.toml" --target-dir "$cache/cargo"
  cp "$cache/cargo/release/server" "$cache/tonic/server"
}

# Debian's C++ library, and from Debian's source of grpc the interop server, which the packages do not hold.
install_cpp() {
  cd "$cache/cpp"
  mkdir -p source gen
  use_debian 'deb deb-src'
  apt install --no-install-recommends --print-uris -y libgrpc++-dev libprotobuf-dev protobuf-compiler-grpc protobuf-compiler \
    >wanted
  unpack_debian wanted
  (cd source && apt --download-only source grpc && tar xzf grpc_*.orig.tar.gz --strip-components=1)

  libraries=$cache/cpp/root/usr/lib/$(g++ -print-multiarch)
  LD_LIBRARY_PATH=$libraries
  export LD_LIBRARY_PATH
  (cd source && ../root/usr/bin/protoc -I . -I ../root/usr/include --cpp_out=../gen --grpc_out=../gen \
    --plugin=protoc-gen-grpc=../root/usr/bin/grpc_cpp_plugin \
    src/proto/grpc/testing/empty.proto src/proto/grpc/testing/messages.proto src/proto/grpc/testing/test.proto)
  PKG_CONFIG_PATH=$libraries/pkgconfig
  export PKG_CONFIG_PATH
  # RPATH, which holds for the libraries' own libraries too; RUNPATH does not.
  # shellcheck disable=SC2046 # the flags are words
  g++ -std=c++17 -O1 -w -I gen -I source -I source/include -I root/usr/include \
    gen/src/proto/grpc/testing/*.cc source/test/cpp/interop/interop_server.cc "$here/servers/cpp/main.cc" \
    -o server -L "$libraries" -Wl,--disable-new-dtags,-rpath,"$libraries" \
    $(pkg-config --define-prefix --libs grpc++ absl_flags) -lprotobuf -lgrpc++_reflection -lgpr -pthread
}

failed=
for name in ${*:-go python java http2 web}; do
  case $name in
    go | python | java | http2 | cpp | web | tonic | examples) ;;
    *) echo "interop: no server is called $name" >&2; exit 2 ;;
  esac
  install "$name" "$here/servers/$name" "$here/protos" || failed="$failed $name"
done

if [ -n "$failed" ]; then
  echo "interop: not installed:$failed" >&2
  exit 1
fi
