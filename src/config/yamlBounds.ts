import { Lexer } from 'yaml';

/** Deeper than any configuration, and shallow enough for every parser. */
const deepest = 50;
/** More words than any configuration has; the check for repeated keys takes the square of them. */
const mostTokens = 50_000;

/** Where and why a text is beyond what a parser should be given. */
export interface Excess {
  readonly offset: number;
  readonly message: string;
}

/**
 * Looks through a text by words, without a stack: a million opening brackets would have the parser take a gigabyte and
 * ten seconds to say no. Null when there is nothing against parsing it.
 */
export function findExcess(text: string): Excess | null {
  let offset = 0;
  let count = 0;
  let brackets = 0;
  let dashes = 0;
  for (const token of new Lexer().lex(text)) {
    count += 1;
    if (token === '[' || token === '{') brackets += 1;
    else if (token === ']' || token === '}') brackets = Math.max(0, brackets - 1);
    else if (token === '-' || token === '?') dashes += 1;
    else if (token.includes('\n')) dashes = 0;
    if (brackets > deepest || dashes > deepest)
      return { offset, message: 'nested too deeply to be a configuration' };
    if (count > mostTokens) return { offset, message: 'more entries by here than a configuration has' };
    if (!isMarker(token)) offset += token.length;
  }
  return null;
}

/** The lexer's own marks (document, flow end, scalar) are control characters that are not in the text. */
function isMarker(token: string): boolean {
  return token === '\u0002' || token === '\u0018' || token === '\u001f';
}
