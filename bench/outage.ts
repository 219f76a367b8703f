import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InfluxServer, startInflux } from '../test/support/influx.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';
import { pause, waitFor } from './waits.ts';

const database = 'plancton';
const patienceMs = 300_000;

/**
 * An outage of InfluxDB in the middle of which the daemon is killed (SIGKILL) and started again. What was to be told is
 * known from elsewhere: the journal has a line for each end of a pilot, the log one for each report. Whatever of that is
 * not in the database afterwards is lost.
 */
export async function measureOutage(scene: Scene, minutes: number): Promise<readonly Row[]> {
  const influx = await startInflux();
  scene.defer(() => influx.remove());
  const daemon = await startDaemon(scene, {
    influxdb_url: `http://127.0.0.1:${influx.port}#${database}`,
    main_sleep: 1,
    max_docks: 2,
    cpus_per_dock: 0.1,
    max_dock_mem: '30MB',
    docker_cmd: '/bin/sleep 5',
  });
  await waitFor(
    'the first end of a pilot',
    async () => (await rowsOf(influx, 'end')) > 0,
    patienceMs,
    scene.signal,
  );
  scene.say(`outage: of ${minutes} min, the daemon is killed in its middle`);
  await influx.stop();
  await pause(minutes * 30_000, scene.signal);
  await killAndStart(daemon, scene);
  await pause(minutes * 30_000, scene.signal);
  const [before] = (await daemon.status()).influxdb;
  await influx.restart();
  const backMs = performance.now();
  const isSent = async (): Promise<boolean> => {
    const [sink] = (await daemon.status()).influxdb;
    return sink?.state === 'ok' && sink.waitingPoints === 0;
  };
  await waitFor('all points to be sent', isSent, patienceMs, scene.signal);
  const tookSeconds = (performance.now() - backMs) / 1000;
  await daemon.command('drain');
  await waitFor(
    'no pilot',
    async () => (await daemon.status()).pilots.list.length === 0,
    patienceMs,
    scene.signal,
  );
  await daemon.command('stop');

  const ends = { told: linesIn(daemon, /^history\.jsonl/, /^/), stored: await rowsOf(influx, 'end') };
  const reports = {
    told: linesIn(daemon, /^plancton\.log/, /\d+ of \d+ pilots?; of/),
    stored: await rowsOf(influx, 'daemon'),
  };
  const lost = [ends, reports].reduce((sum, { told, stored }) => sum + Math.max(0, told - stored), 0);
  const waited = `${before?.waitingPoints ?? 0} points, ${((before?.spool?.bytes ?? 0) / 1e6).toFixed(2)} MB`;
  scene.say(`outage: ${lost} lost of ${ends.told} ends and ${reports.told} reports; ${waited} waited`);
  await daemon.stop();
  await influx.remove();
  return [
    {
      what: `points lost over ${minutes} min without InfluxDB, the daemon killed meanwhile`,
      bar: { atMost: 0 },
      unit: '',
      decimals: 0,
      samples: [lost],
      unmeasured: null,
      beside: `of ${ends.told} ends and ${reports.told} reports; ${waited} waited on the disk, sent in ${tookSeconds.toFixed(1)} s`,
      original: 'loses all points of an outage',
    },
  ];
}

async function killAndStart(daemon: Daemon, scene: Scene): Promise<void> {
  process.kill(daemon.pid, 'SIGKILL');
  const isGone = (): boolean => {
    try {
      return / [ZX] /.test(readFileSync(`/proc/${daemon.pid}/stat`, 'utf8'));
    } catch {
      return true;
    }
  };
  await waitFor('the daemon to be dead', isGone, patienceMs, scene.signal);
  await daemon.command('start');
}

/** Rows of a series; none while there is no database. */
async function rowsOf(influx: InfluxServer, series: string): Promise<number> {
  const found = await influx.query(`SELECT * FROM "${series}"`, database).catch(() => []);
  return found.length;
}

/** Lines that fit, in the files of the daemon's log folder that are called so. */
function linesIn({ places }: Daemon, file: RegExp, line: RegExp): number {
  const folder = places[places.indexOf('--logdir') + 1] ?? '';
  return readdirSync(folder)
    .filter((name) => file.test(name))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    .filter((text) => line.test(text)).length;
}
