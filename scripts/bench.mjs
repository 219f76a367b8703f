// Builds the programs and the bench, and runs it: `node scripts/bench.mjs [fill|gap|weight|status|requests]…`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import './build.mjs';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'plancton-benching-'));
try {
  const outfile = join(folder, 'bench.cjs');
  await build({
    entryPoints: [join(root, 'bench/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    logLevel: 'warning',
  });
  const { bench } = await import(pathToFileURL(outfile).href);
  process.exitCode = await bench(root, process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
