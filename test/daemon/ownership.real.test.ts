import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { engineApi } from '../support/engineApi.ts';
import { importBusybox } from '../support/image.ts';
import { makePlancton, type SeenContainer } from '../support/plancton.ts';
import { begin, configure, count, engine, localImage, plancton, runContainer, small, useRig } from './rig.ts';

const two = `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\nmain_sleep: 1\n`;
const instance = 'io.plancton.instance';
const proof = 'io.plancton.proof';

useRig();
beforeEach(() => {
  configure(plancton, engine.url, two);
});

const names = (pilots: readonly SeenContainer[]): string[] =>
  pilots.map((pilot) => pilot.Names[0]?.slice(1) ?? '').sort();

describe('two daemons on one engine', () => {
  it('each have their own pilots, and a force-stop of one leaves the other’s alone', async () => {
    const other = makePlancton(engine.socket);
    try {
      configure(other, engine.url, two);
      await Promise.all([begin(plancton), begin(other)]);
      const all = await plancton.running(4);
      const whose = new Set(all.map((pilot) => pilot.Labels[instance]));
      expect(whose.size).toBe(2);
      expect((await plancton.status()).pilots).toMatchObject({ running: 2, unmanaged: 0 });
      expect((await other.status()).pilots).toMatchObject({ running: 2, unmanaged: 0 });
      const own = (await plancton.status()).pilots.list.map((pilot) => pilot.name);
      await plancton.ctl('force-stop');
      const left = await plancton.running(2);
      expect(names(left)).toEqual(names(all).filter((name) => !own.includes(name)));
      expect(names(left)).toEqual((await other.status()).pilots.list.map((pilot) => pilot.name).sort());
    } finally {
      await other.remove();
    }
  });
});

describe('what the original left', () => {
  it('takes room, and is never touched', async () => {
    const left = await runContainer(engine.socket, 'plancton-worker-left01');
    await begin(plancton);
    await plancton.running(2);
    const status = await plancton.statusWith('a full node', (now) => now.pilots.running === 1);
    expect(status.pilots).toMatchObject({ running: 1, limit: 2, unmanaged: 1 });
    expect(status.refusals.at(-1)).toMatchObject({ rule: 'limit' });
    await plancton.ctl('force-stop');
    expect((await plancton.pilots()).map((pilot) => pilot.Id)).toEqual([left]);
  });

  it('is managed when adopt_unlabelled says so, also when it says so later', async () => {
    await runContainer(engine.socket, 'plancton-worker-left02');
    await begin(plancton);
    await plancton.statusWith('a stranger', (now) => now.pilots.unmanaged === 1);
    configure(plancton, engine.url, `${two}adopt_unlabelled: true\n`);
    // The one that began before the adoption may still be starting.
    const adopted = await plancton.statusWith(
      'the adoption',
      ({ pilots }) => pilots.unmanaged === 0 && pilots.running === 2,
    );
    expect(adopted.pilots.list.find((pilot) => pilot.name === 'plancton-worker-left02')).toMatchObject({
      managed: true,
      state: 'running',
    });
    await plancton.ctl('force-stop');
    expect(await plancton.pilots()).toEqual([]);
  });

  it('once adopted gets its notice once, though its end is told by no event', async () => {
    await runContainer(engine.socket, 'plancton-worker-left04');
    configure(plancton, engine.url, `${two}adopt_unlabelled: true\nmax_ttl: 2\n`);
    await begin(plancton);
    const log = await plancton.logged(/plancton-worker-left04 expired after/);
    expect(count(log, /giving notice to plancton-worker-left04/)).toBe(1);
  });

  it('makes room as it ends', async () => {
    const left = await runContainer(engine.socket, 'plancton-worker-left03');
    await begin(plancton);
    await plancton.statusWith('a full node', (now) => now.pilots.running === 1 && now.pilots.unmanaged === 1);
    await engineApi(engine.socket, `/containers/${left}?force=1`, { method: 'DELETE' });
    const status = await plancton.statusWith('room again', (now) => now.pilots.running === 2);
    expect(status.pilots.unmanaged).toBe(0);
  });
});

describe('labels without their proof', () => {
  it('save a container from us, and the log names it', async () => {
    await begin(plancton);
    const [pilot] = await plancton.running(2);
    const mine = pilot?.Labels ?? {};
    const forged = await runContainer(engine.socket, 'plancton-worker-forged', {
      Labels: { [instance]: mine[instance], [proof]: 'f'.repeat(64) },
    });
    // The same labels under another name are no better.
    const copied = await runContainer(engine.socket, 'plancton-worker-copied', {
      Labels: { [instance]: mine[instance], [proof]: mine[proof] },
    });
    const log = await plancton.logged(/plancton-worker-copied bears our label/);
    expect(log).toMatch(/plancton-worker-forged bears our label without its proof: .* left alone/);
    await plancton.statusWith('the strangers', (now) => now.pilots.unmanaged === 2);
    await plancton.ctl('force-stop');
    const left = (await plancton.pilots()).map((one) => one.Id);
    expect(left.sort()).toEqual([forged, copied].sort());
  });

  it('an image that carries our labels makes its containers no pilots of ours', async () => {
    await begin(plancton);
    const [pilot] = await plancton.running(2);
    const changes = [instance, proof].map((label) => `LABEL ${label}=${pilot?.Labels[label]}`);
    await importBusybox(engine.socket, 'owner/copy:1', changes);
    await runContainer(engine.socket, 'plancton-worker-copy01', { Image: 'owner/copy:1' });
    await runContainer(engine.socket, 'owners-job', { Image: 'owner/copy:1' });
    await plancton.logged(/plancton-worker-copy01 bears our label without its proof/);
    const status = await plancton.statusWith('the stranger', (now) => now.pilots.unmanaged === 1);
    expect(status.pilots.list.map((one) => one.name)).not.toContain('owners-job');
    expect(plancton.log()).not.toContain('owners-job');
    await plancton.ctl('force-stop');
    expect(names(await plancton.pilots())).toEqual(['plancton-worker-copy01']);
    expect(await engineApi(engine.socket, '/containers/owners-job/json')).toMatchObject({
      State: { Running: true },
    });
  });

  it('pilots of an image that carries the labels of another are ours all the same', async () => {
    await importBusybox(engine.socket, '127.0.0.1:9/owner/labelled:1', [
      `LABEL ${instance}=other ${proof}=none`,
    ]);
    configure(plancton, engine.url, two.replace(localImage, '127.0.0.1:9/owner/labelled:1'));
    await begin(plancton);
    await plancton.running(2);
    await plancton.statusWith(
      'pilots of ours',
      (now) => now.pilots.running === 2 && now.pilots.unmanaged === 0,
    );
    await plancton.ctl('force-stop');
    expect(await plancton.pilots()).toEqual([]);
  });

  it('a pilot that somebody renames takes room, is named in the log, and is left alone', async () => {
    await begin(plancton);
    const [pilot, other] = names(await plancton.running(2));
    await engineApi(engine.socket, `/containers/${pilot}/rename?name=keepsake`, { method: 'POST' });
    const status = await plancton.statusWith('the renamed one', (now) => now.pilots.unmanaged === 1);
    expect(status.pilots.running).toBe(1);
    expect(status.pilots.list.map((one) => one.name).sort()).toEqual(['keepsake', other]);
    await plancton.logged(/container keepsake bears our label without its proof: .* left alone/);
    expect(count(plancton.log(), /started plancton-worker/)).toBe(2);
    await plancton.ctl('force-stop');
    expect(names(await plancton.pilots())).toEqual([]);
    expect(await engineApi(engine.socket, '/containers/keepsake/json')).toMatchObject({
      State: { Running: true },
    });
  });

  it('a lost secret leaves the pilots of before alone, says so, and does not double up', async () => {
    await begin(plancton);
    const before = names(await plancton.running(2));
    await plancton.ctl('stop');
    unlinkSync(join(plancton.runFolder, 'state/secret'));
    await begin(plancton);
    const status = await plancton.statusWith('the strangers', (now) => now.pilots.unmanaged === 2);
    expect(status.pilots.running).toBe(0);
    for (const name of before)
      await plancton.logged(
        new RegExp(`${name} bears our label .* before the secret was lost, remove it by hand`),
      );
    await plancton.ctl('force-stop');
    expect(names(await plancton.running(2))).toEqual(before);
  });
});
