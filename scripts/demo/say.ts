/** One step of the set-up or of the tidying up, for the one who watches. */
export function say(text: string): void {
  process.stdout.write(`==> ${text}\n`);
}

/** Something that the user has to mend: told as it is, without a stack. */
export class Advice extends Error {
  override readonly name = 'Advice';
}
