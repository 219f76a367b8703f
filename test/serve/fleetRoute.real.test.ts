import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FleetSource } from '../../src/model/fleet.ts';
import { Secret } from '../../src/model/secret.ts';
import { type FleetParts, fleetRoute } from '../../src/serve/fleetRoute.ts';
import type { Reply } from '../../src/serve/reply.ts';
import { influxAt } from '../fleet/source.ts';
import { until } from '../support/until.ts';

let folder: string;
const routes: { close(): void }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-fleet-'));
});
afterEach(() => {
  for (const route of routes.splice(0)) route.close();
  rmSync(folder, { recursive: true });
});

const runs = (): number => (existsSync(join(folder, 'runs')) ? readFileSync(join(folder, 'runs')).length : 0);

/** A reader that notes that it ran, and then does this; `told` is what it was told. */
function reader(then: string): string {
  const file = join(folder, 'reader.cjs');
  const text = `const fs = require('node:fs');
fs.appendFileSync(${JSON.stringify(join(folder, 'runs'))}, 'x');
const told = JSON.parse(fs.readFileSync(0, 'utf8'));
${then}`;
  writeFileSync(file, text);
  return file;
}

function route(program: string, more: Partial<FleetParts> = {}): () => Promise<Reply> {
  const limits = { patienceMs: 60_000, ...more.limits };
  const made = fleetRoute({ source: () => source, program, version: '1', ...more, limits });
  routes.push(made);
  return async () =>
    (await made.route({
      query: new URLSearchParams('url=http://elsewhere'),
      accept: '',
      acceptEncoding: '',
      ifNoneMatch: '',
      isLocal: true,
    })) as Reply;
}

const source: FleetSource = influxAt(8086, { token: new Secret('hunter2') });
const text = ({ status = 200, body }: Reply): [number, string] => [status, String(body)];

describe('/api/fleet', () => {
  it('says how to have it where no database is configured', async () => {
    const ask = route(reader(''), { source: () => null });
    expect(text(await ask())).toEqual([404, expect.stringContaining('(fleet, influxdb)')]);
    expect(runs()).toBe(0);
  });

  it('has a program ask, once for all who come at once and for a while, with what the configuration says', async () => {
    const ask = route(reader('process.stdout.write(JSON.stringify(told))'));
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(second).toBe(first);
    expect(await ask()).toBe(first);
    expect(runs()).toBe(1);
    expect(first.type).toBe('application/json');
    expect(JSON.parse(String(first.body))).toEqual({
      version: '1',
      source: { ...source, password: null, token: 'hunter2' },
    });
  });

  it('asks again when that is over, and at once where the configuration has changed', async () => {
    let now = source;
    const ask = route(reader('process.stdout.write(told.source.host)'), { source: () => now });
    expect(text(await ask())).toEqual([200, '127.0.0.1']);
    now = { ...source, host: 'other' };
    expect(text(await ask())).toEqual([200, 'other']);
    expect(runs()).toBe(2);

    const again = route(reader('process.stdout.write("x")'), { limits: { keepMs: 0 } });
    await again();
    // It is kept for ten times as long as it took.
    await until('another run', async () => {
      await again();
      return runs() === 4;
    });
  });

  it('tells what is wrong, and not what happens to a program', async () => {
    expect(text(await route(reader('console.log("db: token is wrong"); process.exitCode = 1'))())).toEqual([
      502,
      'db: token is wrong\n',
    ]);
    const failed = [502, expect.stringContaining('the reader of the fleet failed')];
    expect(text(await route(reader('throw new Error(told.source.token)'))())).toEqual(failed);
    expect(text(await route(join(folder, 'nowhere.cjs'))())).toEqual(failed);
    const large = reader('process.stdout.write("x".repeat(10_000)); setInterval(() => {}, 1000)');
    expect(text(await route(large, { limits: { answerBytes: 1000 } })())).toEqual([
      502,
      expect.stringContaining('too large'),
    ]);
    const hangs = reader('setInterval(() => {}, 1000)');
    expect(text(await route(hangs, { limits: { deadlineMs: 100 } })())).toEqual([
      502,
      expect.stringContaining('no answer in time'),
    ]);
  });

  it('keeps nobody waiting: what was known is told, or that it is being asked', async () => {
    const gate = join(folder, 'gate');
    const program = reader(`const wait = () => fs.existsSync(${JSON.stringify(gate)})
  ? process.stdout.write('run ' + fs.readFileSync(${JSON.stringify(join(folder, 'runs'))}).length) : setTimeout(wait, 20);
wait();`);
    const ask = route(program, { limits: { patienceMs: 0, keepMs: 0 } });
    const early = await ask();
    expect(text(early)).toEqual([503, 'the database is being asked\n']);
    expect(early.headers).toMatchObject({ 'retry-after': '5' });
    writeFileSync(gate, '');
    await until('the first answer', async () => text(await ask())[1] === 'run 1');
    rmSync(gate);
    await until('a second run', async () => {
      expect(text(await ask())).toEqual([200, 'run 1']);
      return runs() === 2;
    });
    expect(text(await ask())).toEqual([200, 'run 1']);
    writeFileSync(gate, '');
    await until('the second answer', async () => text(await ask())[1] === 'run 2');
  });

  it('is given up when the page goes', async () => {
    const pid = join(folder, 'pid');
    const program = reader(
      `fs.writeFileSync(${JSON.stringify(pid)}, String(process.pid)); setInterval(() => {}, 1000)`,
    );
    const made = fleetRoute({ source: () => source, program, version: '1', limits: { patienceMs: 0 } });
    await made.route({
      query: new URLSearchParams(),
      accept: '',
      acceptEncoding: '',
      ifNoneMatch: '',
      isLocal: true,
    });
    const its = await until('a reader', () => (existsSync(pid) && Number(readFileSync(pid, 'utf8'))) || null);
    made.close();
    const isGone = (): boolean => {
      try {
        return /^State:\s+Z/m.test(readFileSync(`/proc/${its}/status`, 'utf8'));
      } catch {
        return true;
      }
    };
    await until('its end', isGone);
    expect(isGone()).toBe(true);
  });
});
