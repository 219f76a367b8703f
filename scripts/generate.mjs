// Writes docs/configuration.md, docs/config.schema.json and docs/metrics.md from the tables in src, and the dashboards of
// monitoring/grafana from their plans in scripts/dashboards.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'plancton-generate-'));
try {
  const { configurationMarkdown, configurationJsonSchema } = await load('src/config/document.ts');
  const { metricsMarkdown } = await load('src/record/seriesGuide.ts');
  writeFileSync(join(root, 'docs/configuration.md'), configurationMarkdown());
  writeFileSync(join(root, 'docs/config.schema.json'), configurationJsonSchema());
  writeFileSync(join(root, 'docs/metrics.md'), metricsMarkdown());
  const { dashboardFiles } = await load('scripts/dashboards/main.ts');
  const dashboards = join(root, 'monitoring/grafana/dashboards');
  rmSync(dashboards, { recursive: true, force: true });
  mkdirSync(dashboards, { recursive: true });
  for (const [name, text] of Object.entries(dashboardFiles())) writeFileSync(join(dashboards, name), text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What a module of the source exports. */
function load(source) {
  const outfile = join(folder, source.replaceAll(/[/.]/g, '-') + '.mjs');
  buildSync({
    entryPoints: [join(root, source)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
