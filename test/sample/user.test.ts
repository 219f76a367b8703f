import { rmSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/model/reading.ts';
import { noSignSettings } from '../../src/model/signSettings.ts';
import { type AskLogind, parseIdleHints, screenSessions, ScreenWatch } from '../../src/sample/screens.ts';
import { signReader } from '../../src/sample/signs.ts';
import { TerminalWatch } from '../../src/sample/terminals.ts';
import { onTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';
import { addTo, type Files, treeOf, usedAt } from './tree.ts';

const wallMs = 1_800_000_000_000;
const away: Reading<number> = { known: true, value: Number.POSITIVE_INFINITY };

describe('a terminal', () => {
  it('was used when it was last read from; the newest of all counts', () => {
    const root = treeOf({ '/dev/pts/0': '', '/dev/pts/17': '', '/dev/pts/ptmx': '', '/dev/tty1': '' });
    usedAt(root, '/dev/pts/0', wallMs - 90_000);
    usedAt(root, '/dev/pts/17', wallMs - 30_000);
    usedAt(root, '/dev/tty1', wallMs - 60_000);
    const watch = new TerminalWatch(root);
    expect(watch.idleMs(100_000, wallMs)).toEqual({ known: true, value: 30_000 });
    expect(watch.idleMs(102_000, wallMs + 2000)).toEqual({ known: true, value: 32_000 });
    usedAt(root, '/dev/tty1', wallMs + 3000);
    expect(watch.idleMs(104_000, wallMs + 4000)).toEqual({ known: true, value: 0 });
    expect(watch.idleMs(109_000, wallMs + 9000)).toEqual({ known: true, value: 5000 });
  });

  it('is used by somebody, not by a clock that is set', () => {
    const root = treeOf({ '/dev/pts/0': '', '/dev/pts/1': '' });
    usedAt(root, '/dev/pts/0', wallMs - 30_000);
    usedAt(root, '/dev/pts/1', wallMs - 90_000);
    const watch = new TerminalWatch(root);
    expect(watch.idleMs(0, wallMs)).toEqual({ known: true, value: 30_000 });
    const hourMs = 3_600_000;
    expect(watch.idleMs(2000, wallMs - hourMs)).toEqual({ known: true, value: 32_000 });
    expect(watch.idleMs(4000, wallMs + hourMs)).toEqual({ known: true, value: 34_000 });
    usedAt(root, '/dev/pts/1', wallMs - hourMs);
    expect(watch.idleMs(6000, wallMs - hourMs)).toEqual({ known: true, value: 0 });
    // A stamp of the future at the first look is one of now, and ages as any other.
    const later = new TerminalWatch(root);
    expect(later.idleMs(0, wallMs - 2 * hourMs)).toEqual({ known: true, value: 0 });
    expect(later.idleMs(5000, wallMs - 2 * hourMs)).toEqual({ known: true, value: 5000 });
  });

  it('that has gone was not used', () => {
    const root = treeOf({ '/dev/pts/0': '', '/dev/tty1': '' });
    usedAt(root, '/dev/pts/0', wallMs);
    usedAt(root, '/dev/tty1', wallMs - 60_000);
    const watch = new TerminalWatch(root);
    expect(watch.idleMs(0, wallMs)).toEqual({ known: true, value: 0 });
    rmSync(`${root}/dev/pts/0`);
    expect(watch.idleMs(1000, wallMs + 1000)).toEqual({ known: true, value: 61_000 });
  });

  it('is a serial line only where the kernel has its console there', () => {
    const root = treeOf({ '/dev/ttyS0': '', '/dev/ttyUSB0': '', '/dev/tty': '', '/dev/tty0': '' });
    for (const path of ['/dev/ttyS0', '/dev/ttyUSB0', '/dev/tty', '/dev/tty0']) usedAt(root, path, wallMs);
    const watch = new TerminalWatch(root);
    expect(watch.idleMs(0, wallMs)).toEqual(away);
    addTo(root, { '/sys/class/tty/console/active': 'tty0 ttyS0\n' });
    expect(watch.idleMs(0, wallMs)).toEqual({ known: true, value: 0 });
  });

  it('is in use when somebody types there, on this node too', async () => {
    const terminal = onTerminal(['sh', '-c', 'tty; read -r line; echo "got $line"; read -r end']);
    try {
      await until('the terminal is there', () => terminal.output().includes('/dev/'));
      const path = /\/dev\/pts\/\d+/.exec(terminal.output())?.[0] ?? '';
      terminal.type('x\n');
      await until('the line was read', () => terminal.output().includes('got x'));
      const idle = new TerminalWatch('').idleMs(performance.now(), Date.now());
      // The kernel keeps this time to 8 s.
      expect(Date.now() - statSync(path).atimeMs).toBeLessThan(60_000);
      expect(idle.known && idle.value < 60_000).toBe(true);
    } finally {
      terminal.type('\n');
      await terminal.ended;
    }
  });
});

const session = (lines: string): string => `UID=1000\nUSER=somebody\nACTIVE=1\nSTATE=active\n${lines}\n`;
const desktop: Files = { '/run/systemd/sessions/2': session('TYPE=wayland\nCLASS=user') };

describe('sessions with a screen', () => {
  it.each<[string, string, boolean]>([
    ['Wayland', session('TYPE=wayland\nCLASS=user'), true],
    ['X', session('TYPE=x11\nCLASS=user\nREMOTE=1'), true],
    ['one that may not be killed early', session('TYPE=x11\nCLASS=user-early'), true],
    ['a login screen', session('TYPE=wayland\nCLASS=greeter'), false],
    ['a terminal', session('TYPE=tty\nCLASS=user\nTTY=pts/0'), false],
    ["a user's services", session('TYPE=unspecified\nCLASS=manager'), false],
    ['one that ends', 'TYPE=x11\nCLASS=user\nSTATE=closing\n', false],
    ['a file that was cut', 'UID=1000\nTYP', false],
  ])('%s', (_, text, is) => {
    const root = treeOf({
      '/run/systemd/sessions/c2': text,
      '/run/systemd/sessions/c2.ref': session('TYPE=x11\nCLASS=user'),
    });
    expect(screenSessions(root)).toEqual({ known: true, value: is ? ['c2'] : [] });
  });

  it('are not there without logind', () => {
    expect(screenSessions(treeOf({}))).toBeNull();
  });
});

describe("logind's idle hints", () => {
  const told = (...hints: readonly string[]): string =>
    hints.map((hint, index) => `Id=${index}\n${hint}\n`).join('\n');
  const idleSince = (seconds: number): string => `IdleHint=yes\nIdleSinceHintMonotonic=${seconds * 1e6}`;
  const busy = 'IdleHint=no\nIdleSinceHintMonotonic=0';

  it.each<[string, string, number | null]>([
    ['one that is idle', told(idleSince(40)), 60_000],
    ['two, the one left last counts', told(idleSince(40), idleSince(90)), 10_000],
    ['one that is not', told(busy), 0],
    ['one of two that is not', told(idleSince(40), busy), 0],
    ['one that is idle since after now', told(idleSince(140)), 0],
    ['none', '', null],
    ['one without a time', told('IdleHint=yes'), null],
  ])('of %s', (_, text, idleMs) => {
    const reading = parseIdleHints(text, 100_000);
    expect(reading.known ? reading.value : null).toBe(idleMs);
  });

  it('are asked for each ten seconds, beside the tick, and only while there is a screen', async () => {
    const asked: (readonly string[])[] = [];
    const ask: AskLogind = (sessions) => {
      asked.push(sessions);
      return Promise.resolve(told(idleSince(5)));
    };
    const root = treeOf({ '/run/systemd/sessions/9': session('TYPE=tty\nCLASS=user') });
    const watch = new ScreenWatch(root, ask);
    expect(watch.read(0)).toEqual(away);
    expect(asked).toEqual([]);
    addTo(root, desktop);
    expect(watch.read(10_000)).toEqual({
      known: false,
      reason: 'somebody has a screen, and cannot be told to be away: logind has not answered yet',
    });
    await until('the answer is there', () => watch.read(11_000).known);
    expect(watch.read(19_999)).toEqual({ known: true, value: 14_999 });
    expect(asked).toEqual([['2']]);
    watch.read(20_000);
    expect(asked).toHaveLength(2);
  });

  it('that are not given any more hold for a minute, and then nobody knows', async () => {
    let isAnswering = true;
    const ask: AskLogind = () => (isAnswering ? Promise.resolve(told(busy)) : nobody([]));
    const watch = new ScreenWatch(treeOf(desktop), ask);
    watch.read(0);
    await until('the answer is there', () => watch.read(1).known);
    isAnswering = false;
    expect(watch.read(10_000)).toEqual({ known: true, value: 0 });
    await new Promise(setImmediate);
    expect(watch.read(59_999)).toEqual({ known: true, value: 0 });
    expect(watch.read(60_000)).toEqual({
      known: false,
      reason: 'somebody has a screen, and cannot be told to be away: nobody answers',
    });
  });

  it('are not there for an X server without logind', () => {
    expect(new ScreenWatch(treeOf({}), nobody).read(0)).toEqual(away);
    expect(new ScreenWatch(treeOf({ '/tmp/.X11-unix/X0': '' }), nobody).read(0).known).toBe(false);
  });
});

const nobody: AskLogind = () => Promise.reject(new Error('nobody answers'));

describe('the user', () => {
  const read = (files: Files, ask: AskLogind = nobody): unknown =>
    signReader(treeOf(files), { ...noSignSettings, user: true }, ask)(0, wallMs).userIdleMs;

  it('is nobody where there is neither a screen nor a terminal', () => {
    expect(read({ '/run/systemd/sessions/': '' })).toEqual(away);
  });

  it('who cannot be told to be away at his screen is not away, whatever his terminals say', () => {
    expect(read({ ...desktop, '/dev/pts/0': '' })).toMatchObject({ known: false });
  });
});
