#!/bin/sh
# Sets up a checkout: the right Node.js, the npm packages, the two programs built. Does only what is not done yet.
# With --no-build the programs are left as they are.
set -eu
cd "$(dirname "$0")/.."

say() { echo "==> $*"; }
fail() { echo "$*" >&2; exit 1; }

command -v node >/dev/null || fail "Node.js is not installed: install Node.js 20.19 or later (https://nodejs.org, or your distribution's package \"nodejs\") with npm"
node -e 'const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' \
  || fail "Node.js $(node --version) is too old: install Node.js 20.19 or later (https://nodejs.org)"
command -v npm >/dev/null || fail "npm is not installed: install it beside Node.js (on Debian and Ubuntu the package \"npm\")"

# npm writes .package-lock.json last, so that a broken-off installation is done again.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "Installing the npm packages"
  npm ci --no-progress --no-update-notifier --loglevel=error || fail "npm could not install the packages: see above; it needs the npm registry"
fi

[ "${1:-}" = --no-build ] && exit 0
stale=yes
if [ -x bin/planctonctl ] && [ -x bin/plancton-bootstrap ] && [ -e dist/plancton-bootstrap.cjs ]; then
  stale=$(find src scripts/build.mjs package.json package-lock.json -newer bin/plancton-bootstrap | head -n 1)
fi
if [ -n "$stale" ]; then
  say "Building Plancton"
  node scripts/build.mjs
fi
