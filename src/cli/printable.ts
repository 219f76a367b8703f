import { unprintable } from '../record/oneLine.ts';

const runs = new RegExp(`${unprintable.source}+`, 'gu');

/**
 * Text of others (an engine's or a registry's words) made fit for a terminal: what could move the cursor, begin a line or
 * turn the reading direction is a blank in it.
 */
export function printable(text: string): string {
  return text.replace(runs, ' ');
}
