import type { Status } from '../model/status.ts';
import { printable } from './printable.ts';
import { glance, news } from './topNews.ts';
import type { View } from './topScreen.ts';

/** Who reads a pipe or a file wants to know that it goes on, and the numbers that change all the time. */
const glanceEveryMs = 30_000;

/** A pipe, a file, or a terminal that cannot be drawn on: a line when something has changed, with its time. */
export function openLines(write: (text: string) => void, wallMs: () => number): View {
  let before: Status | null = null;
  let noted = '';
  let toldMs = wallMs();
  const tell = (lines: readonly string[]): void => {
    if (lines.length === 0) return;
    toldMs = wallMs();
    const time = clockTime(new Date(toldMs));
    write(lines.map((line) => `${time} ${printable(line)}\n`).join(''));
  };
  return {
    show({ status }) {
      const lines = news(before, status);
      const isDue = Math.abs(wallMs() - toldMs) >= glanceEveryMs;
      noted = '';
      before = status;
      tell(lines.length === 0 && isDue ? [glance(status)] : lines);
    },
    note(text) {
      if (text !== noted) tell([text]);
      noted = text;
    },
    close: () => undefined,
  };
}

function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
