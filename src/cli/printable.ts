/**
 * Text of others (an engine's or a registry's words) made fit for a terminal: no control character of it gets through,
 * so that it can neither move the cursor nor begin a line.
 */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
