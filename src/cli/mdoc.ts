/*
 * The language of manual pages, mdoc(7), as far as ours take it: a line that begins with a dot is a macro, all other is text.
 */

/** More bytes of text in a line have mdoc's checkers complain. */
const longestLine = 78;

/** Text of a page: one sentence in each line, as mdoc wants it. `code` and **strong** words of Markdown are set so, links lose their address. */
export function mdocText(markdown: string): string {
  const text = markdown
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/\[((?:`[^`]*`|[^\]])*)\]\([^)\s]*\)/g, '$1');
  const parts = text.split(/(`[^`]+`|\*\*.+?\*\*|(?<![\w*])\*[^*\s][^*]*\*)/);
  const set = parts.map((part, index) => (index % 2 === 0 ? escaped(part) : styled(part))).join('');
  const sentences = set.split(/(?<=[\w)\]%”’"][.!?:]|\\f[PB][.!?]) (?=[A-Z`"(\\])/);
  return sentences
    .flatMap(folded)
    .join('\n')
    .replaceAll(/^(?=[.'])/gm, '\\&');
}

/** A sentence in lines that mdoc thinks short enough. */
function folded(sentence: string): readonly string[] {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < longestLine)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function styled(part: string): string {
  if (part.startsWith('`')) return `\\fB${code(part.slice(1, -1))}\\fP`;
  const bare = part.replaceAll(/^\*+|\*+$/g, '');
  // Words may be code within what is strong.
  return `\\f${part.startsWith('**') ? 'B' : 'I'}${escaped(bare.replaceAll('`', ''))}\\fP`;
}

/** Words as they are typed: with the minus of a keyboard, not a hyphen. */
export function code(text: string): string {
  return escaped(text).replaceAll('-', '\\-');
}

/** The words of a macro's line: none of them is a macro itself. */
export function words(...all: readonly string[]): string {
  return all.map((word) => `"${code(word).replaceAll('"', '\\(dq')}"`).join(' ');
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll(
      /[^\p{ASCII}]/gu,
      (char) => `\\[u${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
}

/** A paragraph, its macro before it. */
export function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => `.Pp\n${mdocText(text)}`).join('\n');
}

/** Lines as they are. */
export function literal(lines: readonly string[]): string {
  const set = lines.map((line) => code(line).replaceAll(/^(?=[.'])/g, '\\&'));
  return ['.Bd -literal -offset indent', ...set, '.Ed'].join('\n');
}

/** Markdown with headings of two levels, paragraphs, lists and blocks of code. */
export function mdocOf(markdown: string): string {
  const blocks = markdown
    .replaceAll(/<!--.*?-->\n?/gs, '')
    .split(/(^```.*?^```$)|\n\n+/gms)
    .filter((block) => block !== undefined && block.trim() !== '');
  return blocks.map((block, index) => blockOf(block.trim(), blocks[index - 1]?.trim() ?? '#')).join('\n');
}

function blockOf(block: string, before: string): string {
  const [first = ''] = block.split('\n', 1);
  const heading = /^(#+) (.*)$/.exec(first);
  if (heading !== null) {
    const rest = block.slice(first.length).trim();
    const macro =
      heading[1] === '##'
        ? `.Sh ${words((heading[2] ?? '').toUpperCase())}`
        : `.Ss ${words(heading[2] ?? '')}`;
    return rest === '' ? macro : `${macro}\n${blockOf(rest, '#')}`;
  }
  if (block.startsWith('```')) return literal(block.split('\n').slice(1, -1));
  if (block.startsWith('- ')) {
    const items = block.split(/^- /m).filter((item) => item !== '');
    return ['.Bl -bullet', ...items.map((item) => `.It\n${mdocText(item)}`), '.El'].join('\n');
  }
  const [text = '', ...list] = block.split(/\n(?=- )/);
  const told = before.startsWith('#') ? mdocText(text) : `.Pp\n${mdocText(text)}`;
  return list.length === 0 ? told : `${told}\n${blockOf(list.join('\n'), '')}`;
}

/** The head of a page of this name in this section. */
export function pageHead(name: string, section: number, what: string): string {
  return `.\\" Generated from src by "npm run generate": change it there.
.Dd November 23, 2026
.Dt ${words(name.toUpperCase())} ${section}
.Os
.Sh NAME
.Nm ${name}
.Nd ${what}
.\\" Paths are to be copied as they are.
.nh`;
}
