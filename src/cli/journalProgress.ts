import { bytesText } from '../decide/numbers.ts';
import type { OnRead } from '../record/history.ts';
import { ProgressLine } from './progressLine.ts';

/** Says on a terminal how much of a journal was read. */
export function journalProgress(line = new ProgressLine()): {
  readonly onRead: OnRead;
  readonly line: ProgressLine;
} {
  const onRead: OnRead = (done, all) =>
    line.show(
      () =>
        `Reading the journal: ${bytesText(done)} of ${bytesText(all)}, ${Math.floor((100 * done) / Math.max(1, all))} %`,
    );
  return { onRead, line };
}
