import { statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Reading } from '../../src/model/reading.ts';
import { logFileOf, LogRates } from '../../src/sample/logRate.ts';
import { startDocker, type TestDocker } from '../support/docker.ts';
import { engineApi } from '../support/engineApi.ts';
import { engineInfo } from '../support/engineInfo.ts';
import { importBusybox } from '../support/image.ts';
import { until } from '../support/until.ts';

describe('the logs of a real engine', () => {
  const image = 'plancton-loud:1';
  let docker: TestDocker;
  /** The log's path as the engine tells it; of its own form it tells none. */
  let told = '';

  beforeAll(async () => {
    docker = await startDocker();
    await importBusybox(docker.socket, image);
  });
  afterAll(() => docker.stop());

  /** Starts a container that writes lines without end, its log bounded as a pilot's. Gives its log file. */
  async function start(type: string, script: string): Promise<Reading<string>> {
    const body = {
      Image: image,
      Cmd: ['sh', '-c', script],
      HostConfig: {
        NetworkMode: 'none',
        LogConfig: { Type: type, Config: { 'max-size': '10m', 'max-file': '2' } },
      },
    };
    const made = await engineApi(docker.socket, '/containers/create', { method: 'POST', body });
    const { Id } = made as { Id: string };
    onTestFinished(async () => {
      await engineApi(docker.socket, `/containers/${Id}?force=1`, { method: 'DELETE' });
    });
    await engineApi(docker.socket, `/containers/${Id}/start`, { method: 'POST' });
    const { LogPath } = (await engineApi(docker.socket, `/containers/${Id}/json`)) as { LogPath: string };
    told = LogPath;
    return logFileOf({ ...engineInfo, dataFolder: docker.dataFolder, loggingDriver: type }, Id);
  }

  it.each(['json-file', 'local'])('show who writes, and who does not, with %s', async (type) => {
    const line = 'x'.repeat(1000);
    const loud = await start(type, `yes ${line}`);
    const quiet = await start(type, 'while true; do echo a line; sleep 1; done');
    expect([loud.known, quiet.known]).toEqual([true, true]);
    const logs = new Map([
      ['loud', loud],
      ['quiet', quiet],
    ]);
    const rates = new LogRates();
    const rateOf = (each: Reading<number> | undefined): number => (each?.known === true ? each.value : 0);
    await until(
      'the loud one is found out',
      async () => {
        const told = rates.read(logs, performance.now());
        if (rateOf(told.get('loud')) > 1_000_000) return told;
        await wait(1000);
        return null;
      },
      40_000,
    ).then((told) => expect(rateOf(told.get('quiet'))).toBeLessThan(10_000));
  });

  it('are rotated at the size that is reckoned with', async () => {
    const log = await start('json-file', `yes ${'x'.repeat(1000)}`);
    const path = log.known ? log.value : '';
    expect(path).toBe(told);
    const former = await until('the log is rotated', () => statSync(`${path}.1`, { throwIfNoEntry: false }));
    expect(former.size).toBeGreaterThanOrEqual(10_000_000);
    expect(former.size).toBeLessThan(10_100_000);
  });
});
