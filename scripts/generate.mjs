// Writes docs/configuration.md, docs/config.schema.json, docs/metrics.md and the pages in man/ from the tables in src, and the
// dashboards of monitoring/grafana from their plans in scripts/dashboards.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'plancton-generate-'));
try {
  const { configurationMarkdown, configurationJsonSchema } = await load('src/config/document.ts');
  const { metricsMarkdown } = await load('src/record/seriesMarkdown.ts');
  const { manualPages } = await load('src/cli/manual.ts');
  mkdirSync(join(root, 'man'), { recursive: true });
  for (const [name, text] of Object.entries(manualPages())) writeFileSync(join(root, 'man', name), text);
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
  const outfile = join(folder, source.replaceAll(/[/.]/g, '-') + '.cjs');
  buildSync({
    entryPoints: [join(root, source)],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}
