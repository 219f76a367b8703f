/**
 * Characters that would start a new line, move a terminal's cursor, or turn the reading direction: C0 and C1 controls,
 * the line separators and the bidirectional controls of Unicode.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

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
