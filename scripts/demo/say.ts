import { ProgressLine } from '../../src/cli/progressLine.ts';

/** One step of the set-up or of the tidying up, for the one who watches. */
export function say(text: string): void {
  process.stdout.write(`==> ${text}\n`);
}

/** Something that the user has to mend: told as it is, without a stack. */
export class Advice extends Error {
  override readonly name = 'Advice';
}

/** Does what takes a while, and says on a terminal meanwhile for how long it has gone on. */
export async function withProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const line = new ProgressLine();
  line.follow(() => `${what}, ${line.span}`);
  try {
    return await work();
  } finally {
    line.end();
  }
}
