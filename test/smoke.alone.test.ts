import { readlinkSync, realpathSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDocker, type TestDocker } from './support/docker.ts';
import { importBusybox } from './support/image.ts';
import { makePlancton, type TestPlancton } from './support/plancton.ts';

/** Also run under each other Node.js that Plancton is for, which PLANCTON_NODE names. */
const node = process.env['PLANCTON_NODE'] ?? process.execPath;
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

it('the built program starts, fills its slot, tells of it and stops, in the Node.js of this run', async () => {
  expect(await plancton.ctl('start')).toMatchObject({ code: 0 });
  expect(readlinkSync(`/proc/${plancton.pid()}/exe`)).toBe(realpathSync(node));
  const [pilot] = await plancton.running(1);
  expect((await plancton.status()).pilots).toMatchObject({ running: 1, limit: 1 });
  expect(await plancton.ctl('check')).toMatchObject({ code: 0 });
  expect(await plancton.ctl('stop')).toMatchObject({ code: 0 });
  expect(await plancton.ctl('status')).toMatchObject({ code: 1 });
  expect((await plancton.pilots()).map(({ Id }) => Id)).toEqual([pilot?.Id]);
});
