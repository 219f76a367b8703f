import { unprintable } from '../../record/oneLine.ts';

/**
 * Why a bootstrap does not go on: one line that says what, to what, why and what to do, and further lines where there
 * is a list to show. Never holds a secret.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly details: readonly string[];

  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.details = details;
  }
}

/** Text from outside (a file name, a program's complaint) made fit for a terminal: what no line may hold becomes `?`. */
export function printable(text: string): string {
  return text.replaceAll(unprintable, '?');
}

/** What went wrong, of anything that was thrown, in one line. */
export function whyOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
