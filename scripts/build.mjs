// Builds the two programs: bundles in dist/ and launchers in bin/, ready to run from the checkout or a package.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildPage } from './buildPage.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * No compilers (regular expressions that become machine code cost 5 MB alone), a small young generation and no worker
 * pool: the daemon's tick needs none of them, and they are what makes a Node process grow over days.
 */
const daemonFlags = [
  '--jitless',
  '--optimize-for-size',
  '--max-semi-space-size=1',
  '--semi-space-growth-factor=1',
  '--v8-pool-size=0',
  // For what the daemon collects itself: see `keepHeapSmall`.
  '--expose-gc',
];

/**
 * Few threads, one arena, and a C heap that gives back what a start took of it: 1 MB of a daemon's memory (measured).
 * Left alone, glibc raises its thresholds with each large block that is freed (mallopt(3), M_MMAP_THRESHOLD).
 */
const daemonEnvironment = {
  UV_THREADPOOL_SIZE: '2',
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_TOP_PAD_: '16384',
};

/** Bundles that another one loads only when a command needs them, or never: each source and the file that it becomes. */
const apart = {
  './foreground.ts': './daemon.cjs',
  './configCommands.ts': './configCommands.cjs',
  './fleet.ts': './fleet.cjs',
  './logs.ts': './logs.cjs',
  './replay.ts': './replay.cjs',
  './completion.ts': './completion.cjs',
  './tryKind.ts': './tryKind.cjs',
  '../serve/web.ts': './web.cjs',
  './main.ts': './planctonctl.cjs',
};
const keptApart = {
  name: 'kept-apart',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\.?\// }, ({ path, kind }) =>
      path in apart && kind === 'dynamic-import' ? { path: apart[path], external: true } : undefined,
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
      PLANCTON_NODE_ENVIRONMENT: JSON.stringify(daemonEnvironment),
      'import.meta.dirname': '__dirname',
    },
    plugins: [keptApart],
    logLevel: 'warning',
  });
}

/** A launcher in sh: it finds Node where cron and systemd have no PATH, and gives a daemon its flags. */
function launcher(name, flagsFor) {
  const text = `#!/bin/sh
# Starts ${name} with the Node that PLANCTON_NODE names, or the one that is found.
set -eu
self=$0
# A link (npm makes one for a global installation) is followed; without one no other program has to be started.
[ ! -L "$self" ] || self=$(readlink -f "$self")
case $self in */*) here=\${self%/*} ;; *) here=. ;; esac
node=\${PLANCTON_NODE:-}
if [ -z "$node" ] && command -v node >/dev/null; then node=node; fi
for candidate in /usr/local/bin/node /usr/bin/node /opt/node/bin/node; do
  if [ -z "$node" ] && [ -x "$candidate" ]; then node=$candidate; fi
done
[ -n "$node" ] || { echo "${name}: Node.js is not found: install Node.js 20.19 or later, or set PLANCTON_NODE to its program" >&2; exit 1; }
program=${name}
flags=
${flagsFor}exec "$node" $flags "$here/../dist/$program.cjs" "$@"
`;
  writeFileSync(join(root, 'bin', name), text);
  chmodSync(join(root, 'bin', name), 0o755);
}

const whenDaemon = `value=
for word in "$@"; do
  # The command is the first word that is neither an option nor an option's value.
  if [ -n "$value" ]; then value=; continue; fi
  case $word in
    --confdir|--logdir|--rundir|--statedir|--pidfile) value=next ;;
    -*) ;;
    nodaemon)
      program=daemonMain
      flags='${daemonFlags.join(' ')}'
      export ${Object.entries(daemonEnvironment)
        .map((pair) => pair.join('='))
        .join(' ')}
      break ;;
    *) break ;;
  esac
done
`;

// Written over, never removed first: what runs from here meanwhile goes on finding its files.
for (const folder of ['dist', 'bin']) mkdirSync(join(root, folder), { recursive: true });
await bundle('src/cli/main.ts', 'planctonctl');
await bundle('src/cli/foreground.ts', 'daemon');
await bundle('src/cli/daemonMain.ts', 'daemonMain');
await bundle('src/cli/configCommands.ts', 'configCommands');
await bundle('src/cli/fleet.ts', 'fleet');
await bundle('src/cli/logs.ts', 'logs');
await bundle('src/cli/replay.ts', 'replay');
await bundle('src/cli/completion.ts', 'completion');
await bundle('src/cli/tryKind.ts', 'tryKind');
await bundle('src/cli/configReader.ts', 'configReader');
await bundle('src/cli/fleetReader.ts', 'fleetReader');
await bundle('src/serve/web.ts', 'web');
await bundle('src/cli/bootstrap/main.ts', 'plancton-bootstrap');
await buildPage(root);
launcher('planctonctl', whenDaemon);
launcher('plancton-bootstrap', '');
