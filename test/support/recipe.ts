import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../docs/pilots');

/** A block of code in a page about pilots. */
export interface CodeBlock {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

/** All blocks of code of the pages in `docs/pilots`, in their order. */
export function codeBlocks(): readonly CodeBlock[] {
  return readdirSync(folder)
    .filter((page) => page.endsWith('.md'))
    .toSorted()
    .flatMap((page) => blocksOf(page, pageText(page)));
}

/** What a page in `docs/pilots` says. */
export function pageText(page: string): string {
  return readFileSync(join(folder, page), 'utf8');
}

/** The blocks of code of one page. */
export function blocksOf(page: string, markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    page,
    language,
    text,
  }));
}

/** The script that calls itself `name` in its first remark (`# name: what it is for`); throws when no page has it. */
export function scriptOf(page: string, name: string): string {
  const isIt = (block: CodeBlock): boolean =>
    block.page === page && block.language === 'sh' && block.text.includes(`\n# ${name}: `);
  const found = codeBlocks().find(isIt);
  if (found === undefined) throw new Error(`docs/pilots/${page} holds no script ${name}`);
  return found.text;
}
