import { writeSync } from 'node:fs';
import type { Status } from '../model/status.ts';
import { printable } from './printable.ts';
import { type Canvas, frame, noteFrame } from './topFrame.ts';
import { news } from './topNews.ts';

/** Where `top` shows what it sees. */
export interface View {
  /** A look at the daemon; with null, `note` says why there is none. */
  show(status: Status | null, note: string): void;
  /** Puts the terminal back as it was; may be called more than once. */
  close(): void;
}

/** Alternate screen, no cursor, no wrapping; and the way back. */
const enter = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const leave = '\u001B[?7h\u001B[?25h\u001B[?1049l';

/** A terminal: redrawn in place. `onLeave` is called when the user asks to leave by `q` or Ctrl-C. */
export function openScreen(onLeave: () => void): View {
  const { stdin, stdout } = process;
  let last: (canvas: Canvas) => string[] = () => [];
  let open = true;
  const draw = (): void => {
    if (!open) return;
    const colour = (process.env['NO_COLOR'] ?? '') === '';
    const lines = last({ columns: stdout.columns || 80, rows: stdout.rows || 24, colour });
    stdout.write(`\u001B[H${lines.map((line) => `${line}\u001B[K`).join('\r\n')}\u001B[J`);
  };
  const onKey = (key: Buffer): void => {
    const typed = key.toString();
    if (['q', 'Q', '\u0003'].some((wanted) => typed.includes(wanted))) onLeave();
  };
  const close = (): void => {
    if (!open) return;
    open = false;
    process.removeListener('exit', close);
    stdout.removeListener('resize', draw);
    if (stdin.isTTY) {
      stdin.removeListener('data', onKey).setRawMode(false);
      stdin.pause();
    }
    // At once, even on the way out of the process: what is queued by `write` may not get there.
    try {
      writeSync(stdout.fd, leave);
    } catch {
      // The terminal has gone.
    }
  };
  process.on('exit', close);
  stdout.on('resize', draw);
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onKey);
  stdout.write(enter);
  return {
    show(status, note) {
      last = (canvas) => (status === null ? noteFrame(note, canvas) : frame(status, Date.now(), canvas));
      draw();
    },
    close,
  };
}

/** A pipe or a file: a line when something has changed, with its time. */
export function openLines(write: (text: string) => void, wallMs: () => number): View {
  let before: Status | null = null;
  let noted = '';
  return {
    show(status, note) {
      const lines = status === null ? [note].filter((text) => text !== noted) : news(before, status);
      noted = status === null ? note : '';
      before = status ?? before;
      const time = clockTime(new Date(wallMs()));
      for (const line of lines) write(`${time} ${printable(line)}\n`);
    },
    close: () => undefined,
  };
}

function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
