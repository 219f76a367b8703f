import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { type GitRepositories, makeRepositories } from './gitServer.ts';

/** The configuration on the branch `main` of the repository `conf`. */
export const goodConfiguration = 'docker_image: busybox\nmax_ttl: 600\n';

/** How a run of `plancton-bootstrap` went; `output` is both its streams. */
interface BootstrapRun {
  readonly code: number | null;
  readonly output: string;
}

/** A run that goes on. */
interface StartedBootstrap {
  readonly child: ChildProcess;
  readonly ended: Promise<BootstrapRun>;
}

/** The bundled program, repositories to fetch from, and a home folder and a PATH for it, new in each test. */
export interface BootstrapRig {
  /** Where `plancton-bootstrap` and `planctonctl` are. */
  readonly bin: string;
  readonly repositories: GitRepositories;
  /** A new home folder, and a PATH with nothing but git. */
  renew(): void;
  /** A folder of this test: `home` and `programs` (the PATH) are in it, and it is the working folder. */
  folder(): string;
  home(): string;
  /** A file of the configuration folder, or that folder. */
  conf(file?: string): string;
  /** Starts the program with `--user`; where `systemd` is given, it believes that of this machine. */
  start(args: readonly string[], more?: { systemd?: boolean; record?: string }): StartedBootstrap;
  remove(): void;
}

const sources = resolve(import.meta.dirname, '../../src/cli/bootstrap');
/** The program as it is, but told by a variable whether systemd runs here: a test machine may have either. */
const toldWhatRuns = `
import { realMachine } from './realMachine.ts';
import { startUp } from './startUp.ts';
const isSystemd = (path) => path === '/run/systemd/system';
const exists = (path) => isSystemd(path) ? process.env['TEST_SYSTEMD'] === 'true' : realMachine.exists(path);
void startUp({ ...realMachine, exists });
`;

/** Bundles the program and makes the repository `conf` with a branch for each case. */
export async function makeBootstrapRig(): Promise<BootstrapRig> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'plancton-bootstrap-')));
  const bin = join(base, 'bin');
  await bundle(bin);
  const repositories = makeRepositories();
  repositories.add('conf', {
    main: { 'config.yaml': goodConfiguration, 'extra/notes.txt': 'x' },
    site: { 'config.yaml': 'docker_image: debian\n' },
    wrong: { 'config.yaml': 'docker_image: busybox\nmax_ttl: soon\ncpus_per_dock: many\n' },
    old: { 'config.yaml': 'docker_image: busybox\nrigidity: 3\n' },
    none: { 'README.md': 'nothing here' },
  });
  let folder = '';
  const home = () => join(folder, 'home');
  return {
    bin,
    repositories,
    folder: () => folder,
    home,
    conf: (file = '') => join(home(), '.plancton/conf', file),
    renew() {
      folder = mkdtempSync(join(base, 'test-'));
      mkdirSync(home());
      mkdirSync(join(folder, 'programs'));
      symlinkSync(gitProgram(), join(folder, 'programs', 'git'));
    },
    start(args, { systemd, record } = {}) {
      const program = systemd === undefined ? 'plancton-bootstrap' : 'told-what-runs';
      const child = spawn(process.execPath, [join(bin, program), '--user', ...args], {
        cwd: folder,
        env: {
          HOME: home(),
          PATH: join(folder, 'programs'),
          GIT_CONFIG_NOSYSTEM: '1',
          TEST_SYSTEMD: String(systemd),
          RECORD: record,
        },
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      }
      return {
        child,
        ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output })),
      };
    },
    remove() {
      repositories.remove();
      rmSync(base, { recursive: true });
    },
  };
}

/** Every path under a folder, sorted. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
}

async function bundle(bin: string): Promise<void> {
  const common = { bundle: true, platform: 'node', format: 'cjs', target: 'node20' } as const;
  await build({
    ...common,
    entryPoints: [join(sources, 'main.ts')],
    outfile: join(bin, 'plancton-bootstrap'),
  });
  await build({
    ...common,
    stdin: { contents: toldWhatRuns, resolveDir: sources, loader: 'ts' },
    outfile: join(bin, 'told-what-runs'),
  });
  writeFileSync(join(bin, 'planctonctl'), '');
}

function gitProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(':');
  const git = folders.map((folder) => join(folder, 'git')).find(existsSync);
  if (git === undefined) throw new Error('git is missing: apt-get install git');
  return git;
}
