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

/** Text from outside (a file name, a program's complaint) made fit for a terminal: control characters become `?`. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

/** What went wrong, of anything that was thrown, in one line. */
export function whyOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
