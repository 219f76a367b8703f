// Builds the two programs: bundles in dist/ and launchers in bin/, ready to run from the checkout or a package.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * No optimising compilers, a small young generation and no worker pool: the daemon's tick needs none of them, and
 * they are what makes a Node process grow over days.
 */
const daemonFlags = [
  '--no-opt',
  '--no-sparkplug',
  '--optimize-for-size',
  '--max-semi-space-size=1',
  '--semi-space-growth-factor=1',
  '--v8-pool-size=0',
];

/** The heavy bundle stays a file of its own, loaded by the light one when a command needs it. */
const heavyApart = {
  name: 'heavy-apart',
  setup(bundler) {
    bundler.onResolve({ filter: /\/heavy\.ts$/ }, (found) =>
      found.kind === 'entry-point' ? undefined : { path: './heavy.cjs', external: true },
    );
  },
};

async function bundle(entry, name) {
  await build({
    entryPoints: [join(root, entry)],
    outfile: join(root, 'dist', `${name}.cjs`),
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'linked',
    define: {
      PLANCTON_VERSION: JSON.stringify(version),
      PLANCTON_NODE_FLAGS: JSON.stringify(daemonFlags),
    },
    plugins: [heavyApart],
    logLevel: 'warning',
  });
}

/** A launcher in sh: it finds Node where cron and systemd have no PATH, and gives a daemon its flags. */
function launcher(name, flagsFor) {
  const text = `#!/bin/sh
# Starts ${name} with the Node that PLANCTON_NODE names, or the one that is found.
set -eu
here=$(dirname "$(readlink -f "$0")")
node=\${PLANCTON_NODE:-$(command -v node || true)}
for candidate in /usr/local/bin/node /usr/bin/node /opt/node/bin/node; do
  [ -n "$node" ] || { [ -x "$candidate" ] && node=$candidate; } || :
done
[ -n "$node" ] || { echo "${name}: Node.js is not found: install Node.js 20.19 or later, or set PLANCTON_NODE to its program" >&2; exit 1; }
flags=
${flagsFor}exec "$node" $flags "$here/../dist/${name}.cjs" "$@"
`;
  writeFileSync(join(root, 'bin', name), text);
  chmodSync(join(root, 'bin', name), 0o755);
}

const whenDaemon = `for word in "$@"; do
  case $word in nodaemon)
    flags='${daemonFlags.join(' ')}'
    # One arena and few threads: memory that a daemon would otherwise hold for nothing.
    export MALLOC_ARENA_MAX=1 UV_THREADPOOL_SIZE=2 ;;
  esac
done
`;

for (const folder of ['dist', 'bin']) {
  rmSync(join(root, folder), { recursive: true, force: true });
  mkdirSync(join(root, folder));
}
await bundle('src/cli/main.ts', 'planctonctl');
await bundle('src/cli/heavy.ts', 'heavy');
await bundle('src/cli/bootstrap/main.ts', 'plancton-bootstrap');
launcher('planctonctl', whenDaemon);
launcher('plancton-bootstrap', '');
