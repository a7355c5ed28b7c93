#!/usr/bin/env bash
# Installs the tools that the tests play against and passes every test.
# Needs a Linux with apt (Debian, Ubuntu, WSL2), and a Rust toolchain.
set -euo pipefail
cd "$(dirname "$0")/.."

# command:package; the four netcats are four packages.
wanted=(strace:strace ss:iproute2 ip:iproute2 unshare:util-linux nsenter:util-linux
    nc.openbsd:netcat-openbsd nc.traditional:netcat-traditional ncat:ncat socat:socat
    cc:gcc curl:curl perl:perl python3:python3 setpriv:util-linux tmux:tmux
    tcpdump:tcpdump tshark:tshark capinfos:wireshark-common setcap:libcap2-bin
    fish:fish zsh:zsh man:man-db mandoc:mandoc chromium:chromium
    gcc:gcc node:nodejs npm:npm x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64-win32)
missing=()
for pair in "${wanted[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
done
if ((${#missing[@]})); then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    export DEBIAN_FRONTEND=noninteractive
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# What tells whether a page keeps anybody out; the browser is given it from there.
npm install --silent --no-save --no-audit --no-fund --prefer-offline \
    --prefix "${CARGO_TARGET_DIR:-target}/tmp" axe-core@4.14.1

# What is too large to be installed for one test: command:test.
skipped=()
for pair in go:snippets::go go:client_in_go go:foreign::go javac:snippets::java \
    javac:foreign::java redis-server:foreign::redis; do
    if ! command -v "${pair%%:*}" >/dev/null; then
        echo "tests/all.sh: no ${pair%%:*} here: --skip ${pair#*:}" >&2
        skipped+=(--skip "${pair#*:}")
    fi
done

cargo test --locked -- --include-ignored "${skipped[@]}"

# 32 bits and another architecture: by the compiler alone, where it has the target.
for target in i686-unknown-linux-gnu armv7-unknown-linux-gnueabihf \
    aarch64-unknown-linux-gnu; do
    if [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
        cargo check --locked --tests --target "$target"
    else
        echo "not checked: rustup target add $target"
    fi
done
