# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of run.sh
# Where the program comes from. Sets poollint to the program, and origin to a word about it.

# target_of_runner: the target of the release's archive for this runner; nothing where there is none.
target_of_runner() {
  case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
  esac
}

version_of() {
  local said
  said=$("$1" --version 2>/dev/null) || return 1
  said=${said##* }
  printf '%s' "${said%$'\r'}"
}

sha256() {
  if command -v sha256sum > /dev/null; then sha256sum -- "$1"; else shasum -a 256 -- "$1"; fi | sed -e 's/^\\//' -e 's/ .*//'
}

# checksum_in FILE NAME: what a list in the form of sha256sum says of a file.
checksum_in() {
  NAME=$2 awk '{ sub(/\r$/, "") } { name = $2; sub(/^\*/, "", name) } name == ENVIRON["NAME"] { print $1 }' "$1" |
    grep -Ex '[0-9a-f]{64}' | head -n 1
}

# download URL FILE: prints nothing; 22 where the server has no such file.
download() {
  # Anything but https is for mirrors that the workflow names itself.
  local protocols='=https'
  case "$1" in file://* | http://127.0.0.1:*) protocols='=https,file,http' ;; esac
  curl --proto "$protocols" --tlsv1.2 --fail --silent --show-error --location --retry 3 --connect-timeout 20 --max-time 300 \
    --output "$2" -- "$1" 2> "$work/curl.log"
}

# archive_suffix TARGET
archive_suffix() { case "$1" in *windows*) echo zip ;; *) echo tar.gz ;; esac }

# from_release VERSION: 1 where the release or its archive cannot be had. A wrong checksum ends the run.
from_release() {
  local version=$1 target archive folder url expected actual lock="$here/release.lock" vouched
  target=$(target_of_runner)
  if [ -z "$target" ]; then
    why="no release has an archive for ${RUNNER_OS:-an unknown system} ${RUNNER_ARCH:-}"
    return 1
  fi
  folder="poollint-$target-v$version"
  archive="$folder.$(archive_suffix "$target")"
  if [ -n "${POOLLINT_RELEASES:-}" ]; then
    url=$POOLLINT_RELEASES
  elif [ -n "${GITHUB_ACTION_REPOSITORY:-}" ]; then
    url="https://github.com/$GITHUB_ACTION_REPOSITORY/releases/download"
  else
    why='the action is used from a checkout, which has no releases'
    return 1
  fi
  url="$url/v$version"
  if ! download "$url/$archive" "$work/$archive"; then
    why="$archive cannot be downloaded: $(tail -n 1 "$work/curl.log")"
    return 1
  fi
  expected=''
  if [ -f "$lock" ]; then expected=$(checksum_in "$lock" "$archive" || true); fi
  if [ -n "$expected" ]; then
    vouched="checksum of the action's own commit"
  else
    # The version was chosen by the workflow: only the release itself can say what its files are.
    if ! download "$url/SHA256SUMS" "$work/SHA256SUMS"; then
      die "v$version has no SHA256SUMS, so $archive cannot be verified"
    fi
    expected=$(checksum_in "$work/SHA256SUMS" "$archive" || true)
    [ -n "$expected" ] || die "SHA256SUMS of v$version does not name $archive"
    vouched="checksum of the release"
  fi
  actual=$(sha256 "$work/$archive")
  [ "$actual" = "$expected" ] || die "$archive is not what was released: its checksum is $actual, expected is $expected"
  if [ "$vouched" = 'checksum of the release' ]; then
    if [ -n "$POOLLINT_ACTION_TOKEN" ] && [ -n "${GITHUB_ACTION_REPOSITORY:-}" ] && command -v gh > /dev/null; then
      GH_TOKEN=$POOLLINT_ACTION_TOKEN gh attestation verify "$work/$archive" --repo "$GITHUB_ACTION_REPOSITORY" \
        > "$work/attestation.log" 2>&1 ||
        die "$archive has no valid attestation of $GITHUB_ACTION_REPOSITORY: $(tail -n 1 "$work/attestation.log")"
      vouched='checksum and attestation of the release'
    else
      notice "v$version is verified by the checksums of its own release alone; pin the action's commit to have it name them"
    fi
  fi
  mkdir -p "$work/unpacked"
  case "$archive" in
    *.zip) unzip -q "$work/$archive" -d "$work/unpacked" ;;
    *) tar -xzf "$work/$archive" -C "$work/unpacked" ;;
  esac || die "$archive cannot be unpacked"
  poollint="$work/unpacked/$folder/poollint"
  [ -f "$poollint" ] || poollint="$poollint.exe"
  [ -f "$poollint" ] || die "$archive holds no program"
  [ "$(version_of "$poollint")" = "$version" ] || die "$archive does not hold poollint $version"
  origin="release, $vouched"
}

# from_source: the action's checkout is the source.
from_source() {
  if ! command -v cargo > /dev/null; then
    why='there is no cargo here'
    return 1
  fi
  say 'building from source'
  # In the action's own directory: cargo and rustup take settings, programs to run among them, from where they stand,
  # and the workspace may be somebody else's pull request. A target of the job's would be another directory.
  (unset CARGO_BUILD_TARGET && cd "$root" && quietly built cargo build --release --locked --target-dir "$store/build" && exit "$built") || {
    why='cargo could not build it'
    return 1
  }
  poollint="$store/build/release/poollint"
  [ -f "$poollint" ] || poollint="$poollint.exe"
  [ -f "$poollint" ] || die "cargo ended well and left no program in $store/build/release: does its configuration name a target?"
  origin='built from the source of the action'
}

# from_system WANTED
from_system() {
  local found version
  if ! found=$(command -v poollint); then
    why='there is no poollint on the PATH'
    return 1
  fi
  version=$(version_of "$found" || true)
  if [ -n "$1" ] && [ "$version" != "$1" ]; then
    why="the poollint on the PATH is ${version:-of no version that it tells}, not $1"
    return 1
  fi
  poollint=$found
  origin='found on the PATH'
}

install_poollint() {
  local own wanted why='' reasons=''
  root=$(cd "$here/.." && pwd)
  own=$(sed -n 's/^version = "\(.*\)"\r*$/\1/p' "$root/Cargo.toml" | head -n 1)
  wanted=${POOLLINT_ACTION_VERSION:-$own}
  case "$POOLLINT_ACTION_INSTALL" in
    system)
      from_system "$POOLLINT_ACTION_VERSION" || die "$why"
      return
      ;;
    release)
      matches "$wanted" '^[0-9]+\.[0-9]+\.[0-9]+$' ||
        die "the action's commit is $own, which is no release; name one with the input version, or use a tag of the action"
      from_release "$wanted" || die "$why"
      return
      ;;
    source)
      [ "$wanted" = "$own" ] || die "the source of the action is $own, not $wanted"
      from_source || die "$why"
      return
      ;;
  esac
  # Between releases every commit has the same version: only the source is the commit's own.
  if matches "$wanted" '^[0-9]+\.[0-9]+\.[0-9]+$' && from_system "$wanted"; then return; fi
  # A commit that names no checksums is its own source and nothing else.
  if [ -n "$POOLLINT_ACTION_VERSION" ] || { [ -f "$here/release.lock" ] && grep -q -- "-v$wanted\\." "$here/release.lock"; }; then
    if from_release "$wanted"; then return; fi
    reasons=$why
    notice "no release is used: $why"
  fi
  if [ "$wanted" = "$own" ]; then
    if from_source; then return; fi
    reasons="${reasons:+$reasons; }$why"
  else
    reasons="${reasons:+$reasons; }the source of the action is $own"
  fi
  die "poollint $wanted cannot be had ($reasons): use a released version of the action, install Rust in a step before, or put poollint on the PATH and say install: system"
}
