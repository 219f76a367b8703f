// Runs a TypeScript program of this checkout, without leaving a file: node scripts/bundled.mjs FILE
import { resolve } from 'node:path';
import { build } from 'esbuild';

const bundle = await build({
  entryPoints: [resolve(process.argv[2])],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  define: { CHECKOUT: JSON.stringify(resolve(import.meta.dirname, '..')) },
  write: false,
  logLevel: 'warning',
});
await import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString('base64')}`);
