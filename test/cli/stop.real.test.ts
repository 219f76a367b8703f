import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stop } from '../../src/cli/stop.ts';
import { begin, ended } from '../daemon/rig.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';

let plancton: TestPlancton;
beforeEach(() => {
  plancton = makePlancton('/nonexistent/engine.sock');
});
afterEach(() => plancton.kill());

it('stop kills a daemon that hangs when its patience is over, and waits no longer for its answers', async () => {
  plancton.configure('max_docks: 0\n');
  await begin(plancton);
  const pid = plancton.pid() ?? 0;
  plancton.signal('SIGSTOP');
  // In its place, as silent as it, one that can tell how often it is asked.
  const socket = join(plancton.runFolder, 'plancton.sock');
  rmSync(socket);
  let asked = 0;
  const server = createServer(() => (asked += 1)).listen(socket);
  await once(server, 'listening');
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const places = {
    configFile: plancton.configFile,
    logFolder: join(plancton.folder, 'log'),
    runFolder: plancton.runFolder,
    pidFile: join(plancton.runFolder, 'plancton.pid'),
    stateFolder: join(plancton.runFolder, 'state'),
  };
  try {
    expect(await stop(places, 3000)).toBe(0);
    expect(told.mock.calls.join('')).toBe(`PID ${pid} did not end within 3 s: killing it\n`);
    // It is asked after one second, and an answer is waited for two.
    expect(asked).toBeLessThanOrEqual(1);
  } finally {
    told.mockRestore();
    server.close();
  }
  await ended(pid);
});
