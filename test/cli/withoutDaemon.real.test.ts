import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyMemory } from '../../src/decide/types.ts';
import { journalLine } from '../../src/record/journalLine.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { until } from '../support/until.ts';
import { record } from './look.ts';

let plancton: TestPlancton;
beforeEach(() => {
  plancton = makePlancton('/nowhere/engine.sock');
  plancton.configure(
    'pilots:\n  - {name: grid, image: a, share: 3}\n  - {name: local, image: b, enabled: no}\n',
  );
});
afterEach(() => plancton.kill());

const boot = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const at = (name: string): string => join(plancton.folder, name);

/** What a daemon leaves that had a pilot, and another one that has ended. */
function leaveFiles(bootId = boot()): void {
  for (const name of ['log', 'run/state']) mkdirSync(at(name), { recursive: true });
  const pilots = [
    { name: 'plancton-worker-aaaaaa', id: 'a', kind: 'grid', startedAtWallMs: Date.now() - 300_000 },
  ];
  writeFileSync(
    at('run/state/memory.json'),
    JSON.stringify({ version: 1, bootId, memory: emptyMemory, pilots }),
  );
  writeFileSync(
    at('log/history.jsonl'),
    journalLine(record('zzzzzz', { endedAtWallMs: Date.now() - 600_000 })),
  );
  writeFileSync(at('log/plancton.log'), 'first\nlast \u001B[2Jwords\n');
  writeFileSync(at('run/drain'), '');
}

describe('without a daemon', () => {
  it('nothing is told where there never was one', async () => {
    for (const command of ['status', 'why', 'ps'])
      expect(await plancton.ctl(command)).toEqual({ code: 1, stdout: '', stderr: 'Not running\n' });
    const kinds = await plancton.ctl('kinds');
    expect(kinds).toMatchObject({ code: 1, stderr: 'Not running\n' });
    expect(kinds.stdout).toBe(
      `By the configuration ${plancton.configFile}:\nKIND   SHARE WANTED  MOST  IMAGE\ngrid   100 %         -     a\nlocal  -             -     b      disabled\n`,
    );
    for (const command of ['why', 'ps', 'kinds'])
      expect(await plancton.ctl(command, '--json')).toEqual({ code: 1, stdout: 'null\n', stderr: '' });
  });

  it('each command says from which files it tells', async () => {
    leaveFiles();
    const status = await plancton.ctl('status');
    expect(status).toMatchObject({ code: 1, stderr: 'Not running\n' });
    expect(status.stdout.split('\n')).toEqual([
      `The daemon does not run. From what it left in ${['log', 'run', 'run/state'].map(at).join(', ')}:`,
      `Control   ${at('run/drain')}: a daemon starts no pilots while it is there (planctonctl resume removes it)`,
      'Pilots    1 pilot ran, and may go on until the next daemon looks after them (planctonctl ps)',
      'Ended     plancton-worker-zzzzzz finished, 10 min ago (planctonctl history)',
      'Log       last  [2Jwords',
      '',
    ]);
    const ps = await plancton.ctl('ps');
    expect(ps).toMatchObject({ code: 1, stderr: 'Not running\n' });
    expect(ps.stdout).toContain(`These ran by what the daemon last knew (${at('run/state/memory.json')})`);
    expect(ps.stdout).toMatch(/^plancton-worker-aaaaaa {2}grid {2}5 min$/m);
    expect((await plancton.ctl('why')).stdout).toBe(
      `The last lines of ${at('log/plancton.log')}:\n  first\n  last  [2Jwords\n`,
    );
    expect((await plancton.ctl('history')).stdout).toContain('plancton-worker-zzzzzz');
    expect((await plancton.ctl('account')).stdout).toMatch(/^default +finished +1 /m);
  });

  it('no pilot of another boot is told of', async () => {
    leaveFiles('another');
    expect((await plancton.ctl('ps')).stdout).toMatch(/^No pilots: the node was started since /);
    expect((await plancton.ctl('status')).stdout).toMatch(/^Pilots {4}the node was started since/m);
  });

  it('colours are for terminals, and for who forces them', async () => {
    await plancton.ctl('start');
    const shown = async (env: Readonly<Record<string, string>>): Promise<string> => {
      const child = plancton.launch(['status'], { NO_COLOR: '', ...env });
      let text = '';
      for await (const part of child.stdout ?? []) text += String(part);
      return text;
    };
    expect(await shown({ FORCE_COLOR: '' })).not.toContain('\u001B');
    expect(await shown({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain('\u001B');
    expect(await shown({ FORCE_COLOR: '1' })).toContain('\u001B[31mwaiting for the container engine');
  });
});

describe('a daemon that cannot answer', () => {
  it('is told apart: stopped, killed, and its socket gone', async () => {
    await plancton.ctl('start');
    expect(statSync(plancton.control('plancton.sock')).mode & 0o777).toBe(0o600);
    const pid = plancton.pid();
    plancton.signal('SIGSTOP');
    const stopped = `it was stopped (SIGSTOP); kill -CONT ${pid} has it go on\n`;
    const [status, why, ps] = await Promise.all([
      plancton.ctl('status'),
      plancton.ctl('why'),
      plancton.ctl('ps'),
    ]);
    expect(status).toEqual({
      code: 0,
      stdout: '',
      stderr: `Running with PID ${pid}\nIt does not tell its status: ${stopped}`,
    });
    expect(why).toMatchObject({ code: 1, stderr: `PID ${pid} does not answer: ${stopped}` });
    expect(why.stdout).toContain('The last lines of');
    expect(ps).toMatchObject({ code: 1, stderr: `PID ${pid} does not answer: ${stopped}` });
    plancton.signal('SIGCONT');
    rmSync(plancton.control('plancton.sock'));
    expect((await plancton.ctl('kinds')).stderr).toContain('plancton.sock was removed');
    plancton.signal('SIGKILL');
    const killed = await until('it is seen that it has gone', async () => {
      const told = await plancton.ctl('status');
      return told.code === 1 ? told : null;
    });
    expect(killed.stderr).toBe('Not running\n');
    expect(killed.stdout).toMatch(
      /^Daemon {4}it ended without a word: it was killed, or the node went down$/m,
    );
  });

  it('tells why a memory cannot be read', async () => {
    leaveFiles();
    writeFileSync(at('run/state/memory.json'), 'broken');
    expect((await plancton.ctl('ps')).stdout).toMatch(/memory\.json: .*JSON/);
  });
});
