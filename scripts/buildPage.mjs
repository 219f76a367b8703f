// Builds the page for browsers into dist/page: each file as it is, and compressed beside it, so that no daemon has to.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Browsers of the last three years. */
const browsers = ['chrome111', 'firefox113', 'safari16.4'];

/** Bundles `src/page` of the project at `root`. */
export async function buildPage(root) {
  const source = join(root, 'src/page');
  const { outputFiles } = await build({
    entryPoints: { page: join(source, 'main.ts'), style: join(source, 'page.css') },
    outdir: join(root, 'dist/page'),
    bundle: true,
    minify: true,
    platform: 'browser',
    target: browsers,
    format: 'iife',
    charset: 'utf8',
    banner: { js: '/* Has uPlot in it: see uPlot.LICENSE.txt of the package. */' },
    write: false,
    logLevel: 'warning',
  });
  const [script, style] = ['.js', '.css'].map((end) => outputFiles.find(({ path }) => path.endsWith(end)));
  mkdirSync(join(root, 'dist/page'), { recursive: true });
  const put = (name, bytes) => {
    // A page that is asked for meanwhile is either the one before or this one.
    for (const [file, content] of [
      [name, bytes],
      [`${name}.gz`, gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION })],
    ]) {
      const path = join(root, 'dist/page', file);
      writeFileSync(`${path}.new`, content);
      renameSync(`${path}.new`, path);
    }
  };
  put('page.js', script.contents);
  put('page.css', style.contents);
  writeFileSync(
    join(root, 'dist/page/uPlot.LICENSE.txt'),
    readFileSync(join(root, 'node_modules/uplot/LICENSE')),
  );
  for (const name of ['index.html', 'icon.svg']) put(name, readFileSync(join(source, name)));
}
