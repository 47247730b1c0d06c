# What the scripts have in common that install what suites need (spec/suites/interop, spec/suites/proxies): each thing in a folder of
# $cache, again only when what it is made of has changed. Sourced; the script has $suite, $here and $cache, and for each
# name it knows toolchain_version, which fails where the toolchain is missing, and install_<name>.

digest() { # of files and folders, by name and content, and of the toolchain's version
  version=$1
  shift
  { echo "$version"; find "$@" -type f | LC_ALL=C sort | while read -r file; do cksum "$file"; done; } | cksum
}

# install NAME FILES…: runs install_NAME, with `set -e`, for an empty folder $cache/NAME, unless that is as it should be for
# these files and the script itself; tells why when it cannot be.
install() {
  name=$1
  shift
  if ! version=$(toolchain_version "$name"); then
    echo "$suite: $name: its toolchain is missing or broken: $version" >&2
    rm -f "$cache/$name/.installed"
    return 1
  fi
  wanted=$(digest "$version" "$@" "$here/install.sh" "$here/../../support/install.sh")
  if [ -f "$cache/$name/.installed" ] && [ "$(cat "$cache/$name/.installed")" = "$wanted" ]; then
    return
  fi
  echo "$suite: installing $name" >&2
  rm -rf "${cache:?}/$name"
  mkdir -p "$cache/$name"
  # In the background and waited for, since `set -e` does nothing inside a condition.
  (set -e; "install_$name") >"$cache/$name.log" 2>&1 &
  if wait $!; then
    echo "$wanted" >"$cache/$name/.installed"
    return
  fi
  echo "$suite: $name could not be installed:" >&2
  tail -n 30 "$cache/$name.log" >&2
  return 1
}

# use_debian TYPES: from here on `apt` knows Debian's archive alone, and keeps what it reads below the folder we are in.
# What is downloaded is checked against the archive's signature, so it does not matter as whom apt runs.
use_debian() {
  debian=$PWD/apt
  mkdir -p "$debian/lists/partial" "$debian/cache/archives/partial"
  cat >"$debian/debian.sources" <<SOURCES
Types: $1
URIs: http://deb.debian.org/debian
Suites: $(. /etc/os-release && echo "$VERSION_CODENAME")
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
  apt() {
    apt-get -q -o Dir::Etc::sourcelist="$debian/debian.sources" -o Dir::Etc::sourceparts=/dev/null \
      -o Dir::State::lists="$debian/lists" -o Dir::Cache="$debian/cache" "$@"
  }
  apt update
}

# unpack_debian NAMES: downloads what `apt install … --print-uris` has listed in the file NAMES, and unpacks it into root/.
unpack_debian() {
  mkdir -p debs root
  names=$PWD/$1
  # shellcheck disable=SC2046 # the names are words
  (cd debs && apt download $(sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p" "$names"))
  for deb in debs/*.deb; do dpkg -x "$deb" root; done
}
