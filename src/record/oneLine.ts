/**
 * Each character that would start a new line, move a terminal's cursor, or turn the reading direction: C0 and C1
 * controls, the line separators and the bidirectional controls of Unicode.
 */
export const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The text with every unprintable character written as an escape, so that it is one line and tells all it holds. */
export function escapeUnprintable(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Foreign text for a message: surrounding white space gone, the rest on one line. */
export function oneLine(text: string): string {
  return escapeUnprintable(text.trim());
}

/** An error in one line; Node leaves `message` empty where several addresses were tried, and tells each in `errors`. */
export function errorLine(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return oneLine([...new Set(error.errors.map((each) => errorLine(each)))].join('; '));
  }
  return oneLine(error instanceof Error ? error.message || error.name : String(error));
}
