import { createHash } from 'node:crypto';

/** How long a task computes: about 50 ms of a CPU in a pilot. */
const rounds = 80_000;
const factor = 16_807;
const modulus = 2 ** 31 - 1;

/** A task as pilots do it: so many steps of a random number generator (Lehmer's) from the number that it is given. */
export const checksumTask = `#!/bin/sh
awk '{ x = $1; for (i = 0; i < ${rounds}; i++) x = x * ${factor} % ${modulus}; printf "%d %d\\n", $1, x }' | sha256sum
`;

/** What a task comes to, computed alone and in another language. */
export function checksumAlone(input: string): string {
  let x = Number(input);
  // Products stay below 2^53, where doubles are exact, here as in awk.
  for (let round = 0; round < rounds; round += 1) x = (x * factor) % modulus;
  return `${createHash('sha256').update(`${input} ${x}\n`).digest('hex')}  -\n`;
}
