import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../src/cli/commandLine.ts';
import { manualPages } from '../../src/cli/manual.ts';
import { mdocOf, mdocText } from '../../src/cli/mdoc.ts';
import { keys } from '../../src/config/schema.ts';

const root = resolve(import.meta.dirname, '../..');
const pages = manualPages();

describe('the manual pages', () => {
  it.each(Object.entries(pages))('man/%s is what the code gives', (name, text) => {
    const isCurrent = readFileSync(resolve(root, 'man', name), 'utf8') === text;
    expect(isCurrent ? 'current' : 'out of date: run "npm run generate"').toBe('current');
  });

  it('are all of man/, and all are in the package', () => {
    expect(readdirSync(resolve(root, 'man')).toSorted()).toEqual(Object.keys(pages).toSorted());
    const { man, files } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as Record<
      string,
      string[]
    >;
    expect(man).toEqual(Object.keys(pages).map((name) => `man/${name}`));
    expect(files).toContain('man');
  });

  it('tell of each command with each of its options, and of each key', () => {
    const page = pages['planctonctl.1'] ?? '';
    for (const command of commandLine().commands) {
      const [, own = ''] = page.split(`.It Ic "${command.name().replace('-', '\\-')}"`);
      for (const { long } of command.options.filter(({ hidden }) => !hidden))
        expect(own.split('.It Ic')[0]).toContain(`Fl ${long?.slice(1).replaceAll('-', '\\-')}`);
    }
    for (const key of Object.keys(keys)) expect(pages['plancton-config.5']).toContain(`.It Ic "${key}"`);
  });
});

describe('mdoc', () => {
  it('takes Markdown as it is meant', () => {
    expect(mdocText('See [`a-b`](x.md#a). It is **so**, or *not*:  2 * 3 * 4.')).toBe(
      'See \\fBa\\-b\\fP.\nIt is \\fBso\\fP, or \\fInot\\fP: 2 * 3 * 4.',
    );
    expect(mdocOf('One.\n\n- a\n  b\n- c\n\n```yaml\n.d: -1\n```\n\n## E f\n\ng')).toBe(
      'One.\n.Bl -bullet\n.It\na b\n.It\nc\n.El\n.Bd -literal -offset indent\n\\&.d: \\-1\n.Ed\n.Sh "E F"\ng',
    );
  });

  it('lets no text become a macro or an escape', () => {
    expect(mdocText('.Sh is \\fB … so')).toBe('\\&.Sh is \\efB \\[u2026] so');
    expect(mdocText(`${'x'.repeat(77)} .Sh`)).toContain('\n\\&.Sh');
  });
});
