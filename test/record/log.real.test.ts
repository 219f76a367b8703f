import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from '../../src/record/log.ts';
import { type SyslogServer, startSyslog } from '../support/syslog.ts';
import { until } from '../support/until.ts';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'plancton-log-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const options = (more: Partial<LogOptions> = {}): LogOptions => ({
  folder,
  format: 'text',
  alsoStderr: false,
  syslog: 'off',
  hostname: 'wn1',
  ...more,
});
const content = () => fs.readFileSync(join(folder, 'plancton.log'), 'utf8');

describe('a file system of 64 kB', () => {
  beforeEach(() => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]));
  afterEach(() => execFileSync('umount', ['--lazy', folder]));

  it('that is full stops nothing, and how much is missing is told when there is room again', async () => {
    fs.writeFileSync(join(folder, 'other'), 'x'.repeat(40_000));
    const log = createLog(options());
    for (let line = 0; line < 1_000; line += 1) log.info(`line ${line}`, { padding: 'x'.repeat(50) });
    fs.rmSync(join(folder, 'other'));
    log.info('there is room');
    await log.close();
    const lines = content().trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/INFO {2}there is room$/);
    const lost = Number(/lines are missing here lost=(\d+) why="?.*ENOSPC/.exec(content())?.[1]);
    const kept = lines.filter((line) => /INFO {2}line \d+ padding=x{50}$/.test(line));
    expect(lost).toBeGreaterThan(100);
    expect(kept.length + lost).toBe(1_000);
  });

  it('that becomes read-only stops nothing either', async () => {
    const remount = (how: string) => execFileSync('mount', ['-o', `remount,${how}`, folder]);
    remount('ro');
    let nowMs = 0;
    const log = createLog(options({ nowMs: () => nowMs }));
    log.info('lost');
    remount('rw');
    nowMs += 1_000;
    log.info('kept');
    await log.close();
    expect(content()).toMatch(/lines are missing here lost=1 why="EROFS.*\n.*INFO {2}kept\n$/);
  });
});

it('a FIFO in place of the log holds nobody up', async () => {
  const fifo = join(folder, 'plancton.log');
  execFileSync('mkfifo', [fifo]);
  let nowMs = 0;
  const log = createLog(options({ nowMs: () => nowMs }));
  log.info('lost');
  fs.rmSync(fifo);
  nowMs += 1_000;
  log.info('kept');
  await log.close();
  expect(content()).toMatch(/lost=1 why="ENXIO.*\n.*INFO {2}kept\n$/);
});

describe('a real syslogd', () => {
  let syslog: SyslogServer;
  beforeAll(async () => {
    syslog = await startSyslog();
  });
  afterAll(() => syslog.remove());

  it('gets every line in order, with its level, our name and number', async () => {
    const log = createLog(options({ syslog: 'auto', syslogSocket: syslog.socket }));
    log.info('first', { key: 'with space' });
    log.warn('second\nline');
    log.error('third');
    await log.close();
    await until('the last line arrives', () => syslog.received().includes('third'));
    const ours = syslog.received().match(/daemon\.\S+ plancton.*/g);
    const tag = `plancton[${process.pid}]:`;
    expect(ours).toEqual([
      `daemon.info ${tag} INFO  first key="with space"`,
      `daemon.warn ${tag} WARN  second\\nline`,
      `daemon.err ${tag} ERROR third`,
    ]);
  });

  it('is reached again after logger was killed, a minute later', async () => {
    let nowMs = 0;
    const log = createLog(options({ syslog: 'on', syslogSocket: syslog.socket, nowMs: () => nowMs }));
    log.info('before the kill');
    await until('the line arrives', () => syslog.received().includes('before the kill'));
    process.kill(loggerPid(), 'SIGKILL');
    await until('it is noticed', () =>
      content().includes('logger cannot pass lines to syslog: it ended (SIGKILL)'),
    );
    log.info('too early');
    nowMs += 60_000;
    log.info('after the kill');
    await until('the new logger works', () => syslog.received().includes('after the kill'));
    await log.close();
    expect(syslog.received()).not.toContain('too early');
    expect(content()).toContain('too early');
  });
});

/** The only child of this process that is called logger. */
function loggerPid(): number {
  const mine = execFileSync('pgrep', ['-P', String(process.pid), '-x', 'logger'], { encoding: 'utf8' });
  return Number(mine.trim());
}

describe('a process that logs', () => {
  let program: string;
  beforeEach(async () => {
    program = join(folder, 'program.cjs');
    const entry = join(folder, 'program.ts');
    const source = resolve(import.meta.dirname, '../../src/record/log.ts');
    fs.writeFileSync(
      entry,
      `import { writeFileSync } from 'node:fs';
      import { createLog } from '${source}';
      const [, , syslogSocket, count, how] = process.argv;
      const log = createLog({ folder: '${folder}', format: 'text', alsoStderr: true, syslog: 'on', hostname: 'n', syslogSocket });
      for (let line = 0; line < Number(count); line += 1) log.info('line ' + line);
      writeFileSync('${folder}/done', '');
      if (how === 'exit') process.exit(0);
      if (how === 'close') void log.close().then(() => process.exit(0));`,
    );
    await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'cjs' });
  });

  it.each(['exit', 'end', 'close'])('leaves no line behind and is not kept alive (%s)', async (how) => {
    const syslog = await startSyslog();
    try {
      const child = spawn(process.execPath, [program, syslog.socket, '2000', how], { stdio: 'ignore' });
      const [code] = (await once(child, 'exit')) as [number];
      expect(code).toBe(0);
      const lines = content().match(/line \d+/g) ?? [];
      expect(lines).toEqual(Array.from({ length: 2_000 }, (_, line) => `line ${line}`));
      // Without the close, those that logger has not taken yet may be lost to syslog.
      const last = how === 'close' ? 'line 1999' : 'line 0';
      await until('that line reaches syslog', () => syslog.received().includes(last));
    } finally {
      await syslog.remove();
    }
  });

  it('is not held up by a reader of its standard error that sleeps', async () => {
    const script = `"${process.execPath}" "${program}" "${folder}/none" 20000 exit 2>&1 >/dev/null | sleep 600`;
    const child = spawn('sh', ['-c', script], { stdio: 'ignore', detached: true });
    try {
      await until('all lines are logged', () => fs.existsSync(join(folder, 'done')));
      expect(content()).toMatch(/line 19999\n$/);
    } finally {
      const ended = once(child, 'exit');
      process.kill(-(child.pid ?? 0), 'SIGKILL');
      await ended;
    }
  });

  it('tells the journal priorities where standard error is the stream that systemd names', () => {
    const file = join(folder, 'stderr');
    const run = (name: (dev: number, ino: number) => string) => {
      const fd = fs.openSync(file, 'w');
      const { dev, ino } = fs.fstatSync(fd);
      const env = { ...process.env, JOURNAL_STREAM: name(dev, ino) };
      execFileSync(process.execPath, [program, join(folder, 'none'), '1'], {
        stdio: ['ignore', 'ignore', fd],
        env,
      });
      fs.closeSync(fd);
      return fs.readFileSync(file, 'utf8').trimEnd().split('\n').at(-1);
    };
    expect(run((dev, ino) => `${dev}:${ino}`)).toBe('<6>INFO  line 0');
    expect(run((dev, ino) => `${dev}:${ino + 1}`)).toMatch(/^\d{4}-.*Z INFO {2}line 0$/);
  });
});
