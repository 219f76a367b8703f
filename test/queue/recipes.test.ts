import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/config/load.ts';
import { blocksOf, codeBlocks, pageText } from '../support/recipe.ts';

const yamls = codeBlocks()
  .filter(({ language }) => language === 'yaml')
  .map((block, index) => [`${block.page} ${index + 1}`, block] as const);

/** What is wrong with a configuration, and what it is warned of. */
function complaintsOf(text: string): readonly string[] {
  const result = parseSettings(text);
  const problems = result.ok ? [] : result.problems;
  return [...problems, ...result.warnings].map(({ line, message }) => `${line}: ${message}`);
}

describe('the recipes for pilots', () => {
  it.each(['celery', 'dask', 'gearman', 'github-actions', 'htcondor', 'work-queue'])(
    'that for %s has an image and a configuration, and says what was tried',
    (name) => {
      const languages = codeBlocks()
        .filter(({ page }) => page === `${name}.md`)
        .map(({ language }) => language);
      expect(languages).toEqual(expect.arrayContaining(['dockerfile', 'yaml']));
      expect(pageText(`${name}.md`)).toMatch(/^\*\*Tried[^]*\*\*(Not tried|To be tried first):?\*\*/m);
    },
  );

  it.each(yamls)('%s is a configuration without fault', (_name, { text }) => {
    expect(complaintsOf(text)).toEqual([]);
    const result = parseSettings(text);
    expect(result.ok && result.settings.kinds.map(({ name }) => name)).not.toContain('default');
  });

  it('would be told of a key that there is not', () => {
    const [block] = blocksOf('page.md', '```yaml\npilots:\n  - {name: a, image: b, fizle: 1}\n```\n');
    expect(complaintsOf(block?.text ?? '')).toEqual([expect.stringContaining('fizzle')]);
  });
});
