import { writeSync } from 'node:fs';
import { loadSettings } from '../config/load.ts';
import { pack } from '../config/passing.ts';
import { version } from '../daemon/version.ts';

/** The program that reads a configuration for the daemon: one file in, one text out, and it is gone. */
writeWhole(1, pack(loadSettings(process.argv[2] ?? ''), version));

/** A pipe takes what it has room for. */
function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
