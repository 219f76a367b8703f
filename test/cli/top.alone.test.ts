import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDocker, type TestDocker } from '../support/docker.ts';
import { importBusybox } from '../support/image.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { Screen } from '../support/screen.ts';
import { onTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const program = resolve(import.meta.dirname, '../../bin/planctonctl');
const enter = '\u001B[?1049h';
/** Wrapping, cursor and the first screen are back. */
const leave = '\u001B[0m\u001B[?7h\u001B[?25h\u001B[?1049l';
let docker: TestDocker;
let plancton: TestPlancton;

beforeAll(async () => {
  docker = await startDocker();
  await importBusybox(docker.socket, 'busybox:latest');
  plancton = makePlancton(docker.socket);
  plancton.configure('docker_cmd: /bin/sleep 1000\nmax_docks: 1\ncpus_per_dock: 0.02\nmax_dock_mem: 20MB\n');
});
afterAll(async () => {
  await plancton?.remove();
  await docker?.stop();
});

const topOnTerminal = (env: Readonly<Record<string, string>> = {}) =>
  onTerminal([program, ...plancton.options, 'top'], env);

describe('planctonctl top', () => {
  it('waits for a daemon that is not there, and tells of its pilots in plain lines', async () => {
    const child = plancton.launch(['top']);
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
    const closed = once(child, 'close');
    await until('top says that there is none', () => stdout.includes('No daemon runs in'));
    await plancton.ctl('start');
    await plancton.running(1);
    await until('top tells of the pilot', () =>
      /started plancton-worker-|plancton-worker-\w+ started/.test(stdout),
    );
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^(\d\d:\d\d:\d\d \P{Cc}+\n)+$/u);
  });

  it.each([
    ['q', 'q'],
    ['Ctrl-C', '\u0003'],
  ])('draws in place on a terminal, and %s leaves it as it was', async (_, key) => {
    await plancton.ctl('start');
    const [running] = await plancton.running(1);
    const terminal = topOnTerminal();
    const name = running?.Names[0]?.slice(1) ?? '';
    const lines = (): string[] => new Screen().take(terminal.output()).lines();
    await until('the pilot is on the screen', () =>
      lines().some((line) => new RegExp(`^${name}  running +\\d+ s +[\\d.-]+ `).test(line)),
    );
    expect(lines()).toContainEqual(expect.stringMatching(/^\d\d:\d\d:\d\d {2}started plancton-worker-/));
    expect(terminal.output().startsWith(enter)).toBe(true);
    expect(terminal.output()).toContain('\u001B[32mactive');
    expect(terminal.output()).not.toContain(leave);
    terminal.type(key);
    expect(await terminal.ended).toBe(0);
    expect(terminal.output().endsWith(leave)).toBe(true);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s leaves the terminal as it was', async (signal) => {
    await plancton.ctl('start');
    const terminal = topOnTerminal({ NO_COLOR: '1' });
    await until('a frame', () => terminal.output().includes('Pilots'));
    expect(terminal.output()).not.toContain('\u001B[32m');
    process.kill(await terminal.pidOf('planctonctl.cjs'), signal);
    expect(await terminal.ended).toBe(0);
    expect(terminal.output().endsWith(leave)).toBe(true);
  });

  it('ends without a word when its reader has gone', async () => {
    await plancton.ctl('start');
    const line = `"$0" "$@" top | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', line, program, ...plancton.options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    const closed = once(child, 'close');
    await until('head has its line', () => stdout.includes('\n'));
    // What is told next finds nobody there.
    await plancton.ctl('drain');
    await closed;
    await plancton.ctl('resume');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\n0\n$/);
  });
});
