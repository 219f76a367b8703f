import { decideOn, engineWith, hostAt, kindOf, policy, running, sampleAt } from '../test/decide/world.ts';
import { Teller } from '../src/daemon/teller.ts';
import { observe } from '../src/decide/observe.ts';
import { noKeep } from '../src/model/keep.ts';
import type { Log } from '../src/model/log.ts';
import type { InfluxTarget } from '../src/model/settings.ts';
import { recordNumber } from './journalRecords.ts';

/*
 * A program of its own: tells of so many ticks with so many pilots, each with a report and an end, to a database that is
 * not there, as a daemon does, with the state folder that it is told; prints what each took in milliseconds (JSON).
 */

const [, , stateFolder = '', ticks = '0', pilots = '0'] = process.argv;
const nothing = (): void => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const clock = { nowMs: () => performance.now(), wallMs: () => Date.now() };
// Nobody listens at the port of "discard".
const target: InfluxTarget = {
  key: 'influxdb',
  api: 2,
  protocol: 'http',
  host: '127.0.0.1',
  port: 9,
  path: '',
  database: 'b',
  org: 'o',
  username: null,
  password: null,
  token: null,
  verifyCertificate: true,
  caFile: null,
  tags: { site: 'north' },
};
const teller = new Teller({
  log,
  clock,
  hostname: 'n',
  keep: {
    ...noKeep('n'),
    missing: () => [],
    wasMet: () => true,
    wasSeen: () => true,
    endedWithEngine: () => null,
    close: () => undefined,
  },
  places: { stateFolder },
  targets: [target],
});

const kinds = ['a', 'b', 'c', 'd'].map((name) => kindOf(name));
const rules = { ...policy, kinds, loopMs: 1000 };
const all = Array.from({ length: Number(pilots) }, (_, index) =>
  running(`plancton-worker-${String(index).padStart(6, '0')}`, 0, { kind: kinds[index % 4]?.name ?? null }),
);
const tookMs: number[] = [];
let seen = observe(null, sampleAt(0));
for (let tick = 1; tick <= Number(ticks); tick += 1) {
  const atMs = tick * 1000;
  seen = observe(seen, sampleAt(atMs, { host: hostAt(atMs, 1, 2), engine: engineWith(all) }));
  const decision = decideOn(seen, undefined, rules);
  for (const verb of ['list', 'inspect', 'start', 'remove'] as const) teller.tally.called(verb, 5, true);
  const beginMs = performance.now();
  teller.tick({ sample: seen.sample, seen, policy: rules, decision });
  teller.ended(recordNumber(tick));
  tookMs.push(performance.now() - beginMs);
}
process.stdout.write(JSON.stringify(tookMs));
void teller.close();
