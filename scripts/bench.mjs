// Builds the programs and the bench, and runs it: `node scripts/bench.mjs [fill|gap|weight|status|requests|look|owner|harvest|latency|relief|journal|many|crowd|burst|nowork|recording|outage|metrics|fleet]…`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import './build.mjs';

const root = resolve(import.meta.dirname, '..');
const { bench } = await bundled(join(root, 'bench/main.ts'));
process.exitCode = await bench(root, process.argv.slice(2));

/** A module of TypeScript, by way of a file that is gone again once it is loaded: the bench may exit at any time. */
async function bundled(entryPoint) {
  const folder = mkdtempSync(join(tmpdir(), 'plancton-benching-'));
  try {
    const outfile = join(folder, 'bench.cjs');
    await build({
      entryPoints: [entryPoint],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20.19',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
