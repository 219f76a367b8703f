import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { Screen } from '../support/screen.ts';
import { onTerminal, type OnTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const program = resolve(import.meta.dirname, '../../bin/planctonctl');
let plancton: TestPlancton;

/** A daemon without an engine has enough to tell: what pilots look like is seen beside real ones. */
beforeAll(async () => {
  plancton = makePlancton('/nowhere/engine.sock');
  plancton.configure('');
  mkdirSync(join(plancton.folder, 'log'));
  await plancton.ctl('start');
});
afterAll(() => plancton.kill());

const utf8 = { LC_ALL: 'C.UTF-8' };
const terminals: OnTerminal[] = [];
const top = (env: Readonly<Record<string, string>> = utf8): OnTerminal => {
  const terminal = onTerminal([program, ...plancton.options, 'top'], env);
  terminals.push(terminal);
  return terminal;
};
/** What a test that failed has left open. */
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.hangUp();
});
const linesOn = (terminal: OnTerminal): string[] => new Screen().take(terminal.output()).lines();
const isRunning = (terminal: OnTerminal): Promise<unknown> =>
  until('a frame', () => linesOn(terminal).some((line) => line.startsWith('Plancton  waiting')));

/** The exit code after `q`, and which modes are on then. */
async function left(terminal: OnTerminal): Promise<unknown> {
  terminal.type('q');
  const code = await terminal.ended;
  const screen = new Screen().take(terminal.output());
  return { code, other: screen.has('1049'), cursor: screen.has('25'), wraps: screen.has('7') };
}
const well = { code: 0, other: false, cursor: true, wraps: true };

describe('top on a terminal', () => {
  it('draws with the characters that the terminal knows, in colour', async () => {
    const terminal = top();
    await isRunning(terminal);
    await until('a bar', () => linesOn(terminal).some((line) => /^Pilots {4}\[·+\] 0 of/.test(line)));
    expect(linesOn(terminal).length).toBeLessThanOrEqual(24);
    expect(terminal.output()).toContain('\u001B[31mwaiting for the container engine');
    expect(await left(terminal)).toEqual(well);
  });

  it.each([
    ['LC_ALL=C', { LC_ALL: 'C', NO_COLOR: '1' }],
    ['no locale at all', { LC_ALL: '', LC_CTYPE: '', LANG: '', NO_COLOR: '1' }],
  ])('draws with ASCII under %s, and without colour under NO_COLOR', async (_, env) => {
    const terminal = top(env);
    await isRunning(terminal);
    await until('a bar', () => linesOn(terminal).some((line) => /^Pilots {4}\[\.+\] 0 of/.test(line)));
    expect(terminal.output()).toMatch(/^\p{ASCII}*$/u);
    // oxlint-disable-next-line no-control-regex -- colours are what this is about
    expect(terminal.output().replaceAll('\u001B[0m', '')).not.toMatch(/\u001B\[[\d;]*m/);
    expect(await left(terminal)).toEqual(well);
  });

  it('follows the size of the terminal', async () => {
    const terminal = top();
    await isRunning(terminal);
    const pid = await terminal.pidOf('planctonctl.cjs');
    for (const [columns, rows] of [
      [40, 10],
      [200, 60],
      [3, 2],
      [80, 24],
    ] as const) {
      const before = terminal.output().length;
      terminal.resize(pid, columns, rows);
      await until('it is drawn anew', () => terminal.output().slice(before).includes('\u001B[2J'));
      const isFitting = (): boolean => {
        const lines = new Screen().take(terminal.output().slice(before)).lines();
        return lines.length > 0 && lines.length <= rows && lines.every((line) => line.length <= columns);
      };
      await until(`a frame of ${columns}x${rows}`, isFitting);
    }
    expect(await left(terminal)).toEqual(well);
  });

  it('sends little while little changes', async () => {
    const terminal = top();
    await isRunning(terminal);
    const drawn = terminal.output().length;
    const good = readFileSync(plancton.configFile, 'utf8');
    const isTold = (): boolean => linesOn(terminal).some((line) => /^Config .*has faults/.test(line));
    writeFileSync(plancton.configFile, 'max_docks: many\n');
    await until('the fault', isTold);
    writeFileSync(plancton.configFile, good);
    await until('it is mended', () => !isTold());
    expect(terminal.output().slice(drawn)).not.toContain('\u001B[2J');
    // The line of the title goes on being there without being told again.
    expect(terminal.output().slice(drawn)).not.toContain('PID');
    expect(await left(terminal)).toEqual(well);
  });

  it('gives the terminal back while it is suspended, and draws anew when it goes on', async () => {
    const terminal = top();
    await isRunning(terminal);
    const pid = await terminal.pidOf('planctonctl.cjs');
    process.kill(pid, 'SIGTSTP');
    await until('it is suspended', () => / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    const enter = '\u001B[?1049h';
    await until('it draws anew', () => {
      // `script` suspends itself at some time after it, and would miss a signal before that.
      terminal.goOn(pid);
      return terminal.output().split(enter).length > 2;
    });
    const [, first = ''] = terminal.output().split(enter);
    expect(new Screen().take(enter + first).has('1049')).toBe(false);
    await until('the frame is back', () =>
      /Plancton {2}/.test(terminal.output().split(enter).slice(2).join('')),
    );
    expect(await left(terminal)).toEqual(well);
  });

  it('says what has become of the daemon, and follows the next one', async () => {
    const terminal = top();
    await isRunning(terminal);
    plancton.signal('SIGSTOP');
    await until('it was stopped', () =>
      /was stopped \(SIGSTOP\); kill -CONT/.test(linesOn(terminal).join(' ')),
    );
    plancton.signal('SIGKILL');
    await until('it has ended', () =>
      /The daemon \(PID \d+\) has ended, since \d\d:/.test(linesOn(terminal).join(' ')),
    );
    await plancton.ctl('start');
    await isRunning(terminal);
    expect(await left(terminal)).toEqual(well);
  });
});

describe('top elsewhere', () => {
  it.each(['dumb', ''])('prints lines on a terminal with TERM=%s, and Ctrl-C ends it', async (TERM) => {
    const terminal = top({ ...utf8, TERM });
    await until('the first look', () => /PID \d+, waiting/.test(terminal.output()));
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(0);
    expect(terminal.output().replace('^C', '')).toMatch(/^(\d\d:\d\d:\d\d [ -~]+\r\n)+$/);
  });

  it('prints lines into a pipe, and goes on when the daemon has gone', async () => {
    const child = plancton.launch(['top'], { FORCE_COLOR: '1' });
    let text = '';
    child.stdout?.on('data', (chunk) => (text += String(chunk)));
    const closed = once(child, 'close');
    await until('the first look', () => /PID \d+, waiting/.test(text));
    plancton.signal('SIGKILL');
    await until('the end', () => text.includes('has ended, since'));
    await plancton.ctl('start');
    await until('the next one', () => /another daemon: PID \d+/.test(text));
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
    expect(text).toMatch(/^(\d\d:\d\d:\d\d \P{Cc}+\n)+$/u);
  });
});
