import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.ts';
import { createLog, type DaemonLog, type LogOptions } from '../../src/record/log.ts';

let folder: string;
let log: DaemonLog;
let onStderr: string[];

const stderr = (isJournal = false) => ({
  isJournal,
  write: (text: string) => void onStderr.push(text),
  close: () => {},
});
function open(more: Partial<LogOptions> = {}): DaemonLog {
  log = createLog({
    folder,
    format: 'text',
    alsoStderr: false,
    syslog: 'off',
    hostname: 'wn1.example.org',
    wallMs: () => Date.UTC(2026, 10, 22, 10, 48, 16, 123),
    ...more,
  });
  return log;
}
const content = () => readFileSync(join(folder, 'plancton.log'), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-log-'));
  onStderr = [];
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a line of text', () => {
  it('has time, level, message and facts', () => {
    open().info('message', { key: 'value', key2: 'with space', count: 3, list: ['a', 'b c'], none: null });
    log.warn('other');
    expect(content()).toBe(
      '2026-11-22T10:48:16.123Z INFO  message key=value key2="with space" count=3 list=["a","b c"] none=null\n' +
        '2026-11-22T10:48:16.123Z WARN  other\n',
    );
  });

  it('is one line whatever is in it', () => {
    open();
    const nasty = fc.string({
      unit: fc.constantFrom(
        'a',
        '\n',
        '\r',
        '\t',
        '\u001b',
        '\u0000',
        '\u0085',
        '\u009b',
        '\u2028',
        '\u202e',
        '"',
        '\\',
        '=',
      ),
    });
    let lines = 0;
    fc.assert(
      fc.property(nasty, nasty, nasty, (message, name, value) => {
        log.info(message, { [name]: value, nested: { [name]: [value] } });
        lines += 1;
        expect(content().split('\n')).toHaveLength(lines + 1);
      }),
      { numRuns: 50 },
    );
    // oxlint-disable-next-line no-control-regex -- none may be there
    expect(content().replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
  });

  it('is bounded', () => {
    open().info('x'.repeat(1_000_000), { long: 'y'.repeat(1_000_000) });
    log.info(
      'many',
      Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, 'z'.repeat(99)])),
    );
    for (const line of content().split('\n')) expect(line.length).toBeLessThan(33_000);
    expect(content()).toContain('x… (1000000 characters)');
    expect(content()).toMatch(/INFO {2}many factsTooLong=\d+\n$/);
  });

  it('tells an error by its message and its causes, without a stack', () => {
    open().error('it broke', { error: new Error('outer', { cause: new Error('inner') }) });
    expect(content()).toBe('2026-11-22T10:48:16.123Z ERROR it broke error="outer: inner"\n');
  });

  it('is written whatever its facts do', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const thrower = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('looked at');
      },
    });
    open().info('circle', { circle });
    log.info('thrower', { thrower });
    log.info('odd', { big: 12n, not: Number.NaN, f: () => 1, u: undefined });
    expect(content().match(/INFO {2}(circle|thrower|odd)/g)).toHaveLength(3);
    expect(content()).toContain('odd big=12 not=NaN\n');
  });

  it('leaves debug to those who ask for it', async () => {
    open().debug('quiet');
    await log.close();
    expect(content()).toBe('');
    open({ debug: true }).debug('loud');
    expect(content()).toContain('DEBUG loud');
  });
});

describe('a line of JSON', () => {
  it('has the level as a word, the time as text, host and process', () => {
    open({ format: 'json' }).warn('a\nb', { key: 1, time: 'mine', hostname: 'mine' });
    expect(JSON.parse(content())).toEqual({
      level: 'warn',
      time: '2026-11-22T10:48:16.123Z',
      pid: process.pid,
      hostname: 'wn1.example.org',
      key: 1,
      time_: 'mine',
      hostname_: 'mine',
      msg: 'a\nb',
    });
  });

  it('can be asked for while it runs', () => {
    open().info('text');
    log.setFormat('json');
    log.info('json');
    const [first, second] = content().split('\n');
    expect(first).toContain('INFO  text');
    expect(JSON.parse(second ?? '')).toMatchObject({ msg: 'json' });
  });
});

it.each(['text', 'json'] as const)('no secret is in the log (%s)', (format) => {
  open({ format, alsoStderr: true, stderr: stderr() }).info('to http://bob:hunter2@db:8086#x', {
    password: 'hunter2',
    target: { password: 'hunter2', deep: { token: 'hunter2' }, held: new Secret('hunter2') },
    headers: { authorization: 'hunter2' },
    error: new Error('cannot reach https://bob:hunter2@db/', { cause: new Error('tcp://x:hunter2@db') }),
    urls: ['http://bob:hun"ter2@db', 'http://bob:hunter2@db'],
    message: String(new Secret('hunter2')),
  });
  expect(content() + onStderr.join('')).not.toMatch(/hunter2|hun"ter2|bob/);
  expect(content()).toContain('http://***@db:8086#x');
});

describe('where the lines go', () => {
  it('a terminal sees them too', () => {
    open({ alsoStderr: true, stderr: stderr() }).info('hello');
    expect(onStderr).toEqual(['2026-11-22T10:48:16.123Z INFO  hello\n']);
    expect(content()).toBe(onStderr.join(''));
  });

  it('the journal gets priorities, and has its own time', () => {
    open({ alsoStderr: true, stderr: stderr(true), folder: null });
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    expect(onStderr).toEqual(['<6>INFO  i\n', '<4>WARN  w\n', '<3>ERROR e\n']);
  });

  it('a log of the run before is kept and told', () => {
    writeFileSync(join(folder, 'plancton.log'), 'old\n');
    expect(open().rolledTo).toBe(join(folder, 'plancton.log.1'));
    expect(readFileSync(`${folder}/plancton.log.1`, 'utf8')).toBe('old\n');
  });

  it('syslog that cannot be had is warned of once', () => {
    open({ syslog: 'on', syslogSocket: join(folder, 'none') });
    expect(content()).toMatch(/WARN {2}syslog is on, but nothing listens at .*\/none/);
  });

  it('nowhere after it was closed', async () => {
    open().info('one');
    await log.close();
    log.info('two');
    expect(content()).not.toContain('two');
  });
});

describe('before its format is known', () => {
  const lines = () => content().trim().split('\n');

  it('lines are held back, and each has the time it was said', () => {
    let ms = Date.UTC(2026, 10, 22);
    open({ format: null, syslog: 'off', wallMs: () => ms, alsoStderr: true, stderr: stderr() });
    log.info('first');
    ms += 5;
    log.warn('second', { count: 2 });
    expect(content() + onStderr.join('')).toBe('');
    log.setFormat('json');
    log.info('third');
    expect(lines().map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'info', msg: 'first', time: '2026-11-22T00:00:00.000Z' },
      { level: 'warn', msg: 'second', count: 2, time: '2026-11-22T00:00:00.005Z' },
      { msg: 'third' },
    ]);
    expect(onStderr.join('')).toBe(content());
  });

  it('none is lost when the daemon ends without one', async () => {
    open({ format: null });
    log.error('first');
    log.error('second');
    await log.close();
    expect(lines()).toEqual([
      expect.stringMatching(/ ERROR first$/),
      expect.stringMatching(/ ERROR second$/),
    ]);
  });

  it('only so many are held back', () => {
    open({ format: null });
    for (let count = 0; count < 1001; count += 1) log.info(`line ${count}`);
    expect(lines()).toHaveLength(1001);
    expect(lines()[1000]).toMatch(/ INFO {2}line 1000$/);
  });
});

describe('what is kept, where nobody says otherwise', () => {
  const path = () => join(folder, 'plancton.log');

  it('is 10 MB in a file', () => {
    let nowMs = 0;
    open({ nowMs: () => nowMs }).info('a line');
    // The file is looked at each second.
    truncateSync(path(), 10_000_000 - statSync(path()).size);
    nowMs += 5000;
    log.info('a line');
    expect(existsSync(`${path()}.1`)).toBe(false);
    log.info('a line');
    expect(statSync(`${path()}.1`).size).toBe(10_000_000);
  });

  it('is 50 old files', () => {
    const old = (number: number): string => `${path()}.${number}`;
    for (let number = 1; number <= 50; number++) writeFileSync(old(number), `run ${number} before`);
    writeFileSync(path(), 'the last run');
    open();
    expect(readFileSync(old(1), 'utf8')).toBe('the last run');
    expect(readFileSync(old(50), 'utf8')).toBe('run 49 before');
    expect(readdirSync(folder)).toHaveLength(51);
  });
});
