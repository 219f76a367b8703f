import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../support/http.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, plancton, small, useRig } from './rig.ts';

const use = (listen: string, more = ''): void =>
  configure(
    plancton,
    engine.url,
    `${small}max_docks: 1\ndocker_cmd: /bin/sleep 1000\nlisten: ${listen}\n${more}`,
  );

describe('the page of a daemon', () => {
  useRig();

  it('is not had while its port is taken, and pilots run; it follows the file, and goes with the daemon', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port: taken } = holder.address() as AddressInfo;
    use(String(taken));
    await begin(plancton);
    holder.close();
    await plancton.running(1);
    const why = `cannot listen at 127.0.0.1:${taken}: another program has the port`;
    expect((await plancton.status()).page).toEqual({ url: null, error: why });
    expect((await plancton.ctl('status')).stdout).toContain(`Page      none: ${why}\n`);

    use('0');
    const { page } = await plancton.statusWith('a page', (status) => status.page.url !== null);
    const port = Number(/^http:\/\/127\.0\.0\.1:(\d+)$/.exec(page.url ?? '')?.[1]);
    const { body } = await ask(port, '/api/now');
    expect(JSON.parse(body)).toMatchObject({
      facts: { engine: { answering: true }, slots: { limit: 1, taken: 1 } },
      pilots: { pilots: [{ kind: 'default', state: 'running' }] },
    });
    expect(JSON.parse((await ask(port, '/api/why')).body)).toMatchObject({
      now: expect.any(String) as string,
    });
    expect(JSON.parse((await ask(port, '/api/kinds')).body)).toMatchObject({ kinds: [{ name: 'default' }] });

    // Of other nodes it tells what the database of its configuration tells.
    expect((await ask(port, '/api/fleet')).status).toBe(404);
    use('0', 'influxdb_url: http://u:hunter2@127.0.0.1:9#x\n');
    const fleet = await until('an answer about the fleet', async () => {
      const { status, body: said } = await ask(port, '/api/fleet');
      return status === 502 ? said : null;
    });
    expect(fleet).toBe('InfluxDB http://127.0.0.1:9#x: cannot be asked: connect ECONNREFUSED 127.0.0.1:9\n');

    use('none');
    await plancton.statusWith('no page', (status) => status.page.url === null);
    await expect(ask(port, '/metrics')).rejects.toThrow(/ECONNREFUSED/);

    use(String(port));
    await plancton.statusWith('the page again', (status) => status.page.url !== null);
    await plancton.ctl('stop');
    await expect(ask(port, '/metrics')).rejects.toThrow(/ECONNREFUSED/);
  });

  it('leaves nothing where there is to be none', async () => {
    use('none');
    await begin(plancton);
    await plancton.running(1);
    await plancton.ctl('stop');
    expect(existsSync(join(plancton.runFolder, 'state/page'))).toBe(false);
    expect(plancton.log()).not.toContain('page and metrics');
  });

  it('is a part of its own of the program, which is loaded when it is wanted', () => {
    const part = (name: string): string =>
      readFileSync(resolve(import.meta.dirname, '../../dist', `${name}.cjs`), 'utf8');
    expect(part('web')).toContain('plancton_pilots_limit');
    for (const daemon of ['daemonMain', 'daemon']) {
      expect(part(daemon).includes('import("./web.cjs")')).toBe(true);
      expect(part(daemon).includes('plancton_pilots_limit')).toBe(false);
    }
  });
});
