# Shared by ./run, ./test and .ci/run: saying what is done, and finding or installing what is missing.
# shellcheck shell=bash

# The Debian packages that the program is built from.
# shellcheck disable=SC2034
build_packages=(pkg-config liblua5.4-dev libsqlite3-dev zlib1g-dev libzstd-dev libedit-dev libcurl4 ca-certificates)

say() { printf '== %s\n' "$*"; }

# fail WHAT WHAT_TO_DO: the form of every error of the program itself.
fail() {
  printf 'moonwatch: %s (%s)\n' "$1" "$2" >&2
  exit 4
}

# require_packages NAME…: installs with apt-get those that are missing; says nothing where none is.
require_packages() {
  local missing=() name
  if ! command -v dpkg-query >/dev/null; then
    fail "this system does not use Debian packages" \
      "install the equivalents of: $*; then build with swift build -c release"
  fi
  for name in "$@"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$name" 2>/dev/null | grep -q '^ii' || missing+=("$name")
  done
  ((${#missing[@]})) || return 0

  local apt=(apt-get -y -q -o "DPkg::Lock::Timeout=300") by_hand="apt-get install ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "missing packages, and neither root nor sudo to install them" "as root run: $by_hand"
    apt=(sudo env DEBIAN_FRONTEND=noninteractive "${apt[@]}")
    by_hand="sudo $by_hand"
  fi
  say "installs ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  local log
  log=$(mktemp)
  if ! "${apt[@]}" install --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    # A fresh machine has no package lists yet, or old ones.
    if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } \
      >"$log" 2>&1; then
      tail -n 15 "$log" >&2
      rm -f "$log"
      fail "could not install ${missing[*]}" "see the lines above, then run: $by_hand"
    fi
  fi
  rm -f "$log"
}

# require_swift: a toolchain of version 6.2 or later on PATH.
require_swift() {
  local where="install it from https://www.swift.org/install/linux/ and put its usr/bin on PATH"
  command -v swift >/dev/null || fail "swift was not found" "$where"
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
  [[ -n $version ]] || fail "swift --version does not answer" "$where"
  printf '6.2\n%s\n' "$version" | sort -C -V ||
    fail "Swift $version is too old, 6.2 or later is needed" "$where"
}

# What scripts that measure take unless another is named: the release build that ./run makes.
# shellcheck disable=SC2034
release_program=.build-release/release/moonwatch

# require_program PROGRAM HOW_TO_NAME_ANOTHER
require_program() {
  [[ -x $1 ]] || fail "there is no program '$1'" "build it with ./run, or $2"
}

# logged LOG COMMAND…: on a terminal shows the command's own progress; otherwise stays quiet and
# prints the end of its output only where it fails.
logged() {
  local log=$1
  shift
  if [[ -t 1 ]]; then
    "$@"
  else
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 || {
      local status=$?
      # The compiler names each error by file and line; other failures only have their last words.
      grep -E '^[^ ]+: (error|warning):' "$log" | sort -u | head -n 40 >&2 ||
        tail -n 20 "$log" >&2
      return "$status"
    }
  fi
}
