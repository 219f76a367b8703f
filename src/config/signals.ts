import { nearest } from './nearest.ts';
import { Unfit } from './fields.ts';

/** signal(7) on x86 and ARM, from 1 on. */
const names =
  `HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU
  XFSZ VTALRM PROF WINCH IO PWR SYS`.split(/\s+/);
const otherNames: Readonly<Record<string, string>> = { IOT: 'ABRT', CLD: 'CHLD', POLL: 'IO' };
/** glibc's and musl's first real-time signal that programs may have, and the last. */
const [firstRealTime, lastRealTime] = [34, 64];
/** Engines name real-time signals up to here from the first, and from the last beyond. */
const lastFromFirst = 15;

/** A signal by its name with or without `SIG`, or by its number: gives the name with `SIG`. Errors: `Unfit`. */
export function parseSignal(raw: string): string {
  const written = raw.trim().toUpperCase().replace(/^SIG/, '');
  const name = otherNames[written] ?? written;
  if (names.includes(name)) return `SIG${name}`;
  const number = realTimeNumber(written) ?? (/^\d{1,2}$/.test(written) ? Number(written) : 0);
  if (number >= firstRealTime && number <= lastRealTime) return `SIG${realTimeName(number)}`;
  const byNumber = names[number - 1];
  if (byNumber !== undefined) return `SIG${byNumber}`;
  const near = nearest(name, names);
  throw new Unfit(near === null ? '' : `did you mean SIG${near}?`);
}

function realTimeNumber(written: string): number | null {
  const [, edge, offset = '0'] = /^RT(MIN|MAX)(?:[+-](\d{1,2}))?$/.exec(written) ?? [];
  if (
    edge === undefined ||
    (written.includes('+') ? edge === 'MAX' : written.includes('-') && edge === 'MIN')
  )
    return null;
  const number = edge === 'MIN' ? firstRealTime + Number(offset) : lastRealTime - Number(offset);
  return number >= firstRealTime && number <= lastRealTime ? number : null;
}

function realTimeName(number: number): string {
  const [fromFirst, fromLast] = [number - firstRealTime, lastRealTime - number];
  if (fromFirst <= lastFromFirst) return fromFirst === 0 ? 'RTMIN' : `RTMIN+${fromFirst}`;
  return fromLast === 0 ? 'RTMAX' : `RTMAX-${fromLast}`;
}
