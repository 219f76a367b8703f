import type { Log } from '../src/model/log.ts';
import { createJournal } from '../src/record/journal.ts';
import { recordNumber } from './journalRecords.ts';

/*
 * A program of its own: appends so many records to the journal in the folder that it is told, as a daemon does, and prints
 * what each took in milliseconds (JSON).
 */

const [, , folder = '', count = '0'] = process.argv;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const log: Log = { debug: say, info: say, warn: say, error: say };
const journal = createJournal({ folder, log });
const tookMs: number[] = [];
for (let serial = 0; serial < Number(count); serial += 1) {
  const record = recordNumber(serial);
  const beginMs = performance.now();
  journal.append(record);
  tookMs.push(performance.now() - beginMs);
}
journal.close();
process.stdout.write(JSON.stringify(tookMs));
