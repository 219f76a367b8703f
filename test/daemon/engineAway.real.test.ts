import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { begin, configure, ran } from './rig.ts';

let plancton: TestPlancton;

beforeEach(async () => {
  plancton = makePlancton('/nowhere');
  configure(plancton, 'tcp://127.0.0.1:1', 'syslog: off\n');
  await begin(plancton);
});
afterEach(async () => {
  await plancton.ctl('stop');
  rmSync(plancton.folder, { recursive: true });
});

/** Gives a force-stop; resolves when it has said what it waits for. */
async function waiting(): Promise<{ child: ReturnType<TestPlancton['launch']>; said: () => string }> {
  const child = plancton.launch(['force-stop']);
  let told = '';
  child.stderr?.on('data', (chunk) => (told += String(chunk)));
  await until('a word of what is waited for', () => told !== '');
  return { child, said: () => told };
}

describe('a force-stop while no engine answers', () => {
  it('says at once what it waits for, and for how long', async () => {
    const { child, said } = await waiting();
    expect(said()).toMatch(
      /^Waiting for the container engine, which does not answer \(.*nothing listens.*\); no pilot is known; given up after 60 s\n$/,
    );
    child.kill('SIGKILL');
  });

  it('is broken off by a stop, and fails with what to do', async () => {
    const { child, said } = await waiting();
    const over = ran(child);
    const stopped = await plancton.ctl('stop');
    expect(stopped).toMatchObject({ code: 0 });
    expect(stopped.stderr).toMatch(/^A force-stop waits for an engine that does not answer: .*broken off/);
    expect(plancton.pid()).toBeNull();
    const { code } = await over;
    expect(code).toBe(1);
    expect(said()).toMatch(
      /The force-stop was broken off: pilots may be left\n.*nothing listens.*\n.*planctonctl force-stop\n$/,
    );
    expect(existsSync(plancton.control('force-stop'))).toBe(false);
  });

  it('stands when the command is interrupted, which says so', async () => {
    const { child, said } = await waiting();
    const pid = plancton.pid();
    const over = ran(child);
    child.kill('SIGINT');
    expect(await over).toMatchObject({ code: 130 });
    expect(said()).toMatch(/The order stands: .*planctonctl stop/);
    expect(existsSync(plancton.control('force-stop'))).toBe(true);
    expect(plancton.pid()).toBe(pid);
  });
});
