// Writes docs/configuration.md and docs/config.schema.json from the tables in src/config.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'plancton-generate-'));
try {
  const outfile = join(folder, 'document.mjs');
  buildSync({
    entryPoints: [join(root, 'src/config/document.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  const { configurationMarkdown, configurationJsonSchema } = await import(pathToFileURL(outfile).href);
  writeFileSync(join(root, 'docs/configuration.md'), configurationMarkdown());
  writeFileSync(join(root, 'docs/config.schema.json'), configurationJsonSchema());
} finally {
  rmSync(folder, { recursive: true, force: true });
}
