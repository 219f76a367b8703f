import { writeSync } from 'node:fs';
import type { PilotRecord } from '../model/history.ts';
import { knowsUtf8, wantsColour } from './terminal.ts';
import type { Canvas } from './topBars.ts';
import { frame, noteFrame } from './topFrame.ts';
import type { Look } from './topLook.ts';
import { type Cells, changes } from './topPaint.ts';
import { endedTable } from './topTables.ts';

/** Where `top` shows what it sees. */
export interface View {
  /** A look at the daemon. */
  show(look: Look): void;
  /** There is none to look at, for this reason. */
  note(text: string, ended: readonly PilotRecord[]): void;
  /** Puts the terminal back as it was; may be called more than once. */
  close(): void;
}

/** Alternate screen, no cursor, no wrapping; and the way back. */
const enter = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const leave = '\u001B[0m\u001B[?7h\u001B[?25h\u001B[?1049l';

/** A terminal: redrawn in place. `onLeave` is called when the user asks to leave by `q` or Ctrl-C. */
export function openScreen(onLeave: () => void): View {
  const { stdin, stdout, env } = process;
  const utf8 = knowsUtf8(env);
  const colour = wantsColour(stdout, env);
  let last: (canvas: Canvas) => Cells = () => [];
  let shown: Cells = [];
  let open = true;
  const draw = (): void => {
    if (!open) return;
    const next = last({ columns: stdout.columns || 80, rows: stdout.rows || 24, utf8 });
    const text = changes(shown, next, colour);
    shown = next;
    if (text !== '') stdout.write(text);
  };
  /** What a terminal shows after it has got another size, or had another program on it, nobody knows. */
  const drawAnew = (): void => {
    shown = [];
    if (open) stdout.write('\u001B[2J');
    draw();
  };
  const onKey = (key: Buffer): void => {
    const typed = key.toString();
    if (['q', 'Q', '\u0003'].some((wanted) => typed.includes(wanted))) onLeave();
    else if (typed.includes('\u000C')) drawAnew();
  };
  const listen = (on: boolean): void => {
    if (!stdin.isTTY) return;
    stdin.removeListener('data', onKey);
    if (on) stdin.setRawMode(true).on('data', onKey).resume();
    else stdin.setRawMode(false).pause();
  };
  const putBack = (): void => {
    // At once, even on the way out of the process: what is queued by `write` may not get there.
    try {
      listen(false);
      writeSync(stdout.fd, leave);
    } catch {
      // The terminal has gone.
    }
  };
  const pause = (): void => {
    putBack();
    process.kill(process.pid, 'SIGSTOP');
  };
  const goOn = (): void => {
    if (!open) return;
    listen(true);
    stdout.write(enter);
    drawAnew();
  };
  const close = (): void => {
    if (!open) return;
    open = false;
    process.removeListener('exit', close).removeListener('uncaughtExceptionMonitor', close);
    process.removeListener('SIGTSTP', pause).removeListener('SIGCONT', goOn);
    stdout.removeListener('resize', drawAnew);
    putBack();
  };
  // A crash is told after the terminal is back: what is told before would go with the screen.
  process.on('exit', close).on('uncaughtExceptionMonitor', close);
  process.on('SIGTSTP', pause).on('SIGCONT', goOn);
  stdout.on('resize', drawAnew);
  listen(true);
  stdout.write(enter);
  return {
    show(look) {
      last = (canvas) => frame(look, Date.now(), canvas);
      draw();
    },
    note(text, ended) {
      last = (canvas) => noteFrame(text, endedTable(ended, canvas.columns, Date.now()), canvas);
      draw();
    },
    close,
  };
}
