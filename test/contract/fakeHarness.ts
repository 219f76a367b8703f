import { createFakeEngine } from '../fakes/engine.ts';
import { kindOf } from '../support/kinds.ts';
import { type EngineHarness, mostLogBytes, type Seen } from './engineHarness.ts';
import { insideOfFake } from './fakeInside.ts';

/** The fake engine under the contract. */
export function fakeHarness(): Promise<EngineHarness> {
  const warnings: string[] = [];
  const engine = createFakeEngine({ onWarning: (text) => warnings.push(text) });
  const { signal } = new AbortController();
  engine.addImage('busybox:latest');
  engine.addImage('plancton-test/volume:1', { volume: true });
  const published = engine.publish('registry:5000/busybox:1');
  const find = (id: string) => engine.containers().find(({ detail }) => detail.id === id);
  const imageIds = new Set<string>();

  const look = (id: string): Seen | null => {
    const found = find(id);
    if (found === undefined) {
      return null;
    }
    const { detail, body } = found;
    const host = body.HostConfig;
    return {
      name: detail.name,
      hostname: body.Hostname,
      user: body.User,
      command: body.Cmd,
      labels: body.Labels,
      state: detail.state === 'ended' ? 'exited' : detail.state,
      cpuQuotaUs: host.CpuQuota,
      cpuPeriodUs: host.CpuPeriod,
      memoryBytes: host.Memory,
      memoryAndSwapBytes: host.MemorySwap,
      privileged: host.Privileged,
      binds: host.Binds,
      devices: host.Devices.map((device) => `${device.PathOnHost}:${device.PathInContainer}`),
      capabilitiesAdded: host.CapAdd,
      capabilitiesDropped: host.CapDrop,
      cgroupParent: host.CgroupParent ?? '',
      mostLogBytes: mostLogBytes(host.LogConfig?.Config ?? {}),
    };
  };

  return Promise.resolve({
    engine,
    product: 'docker',
    networkMode: 'bridge',
    hasInit: true,
    warnings,
    image: 'busybox:latest',
    volumeImage: 'plancton-test/volume:1',
    pullable: 'registry:5000/busybox:1',
    unpullable: 'registry:5000/nothing:1',
    look: (id) => Promise.resolve(look(id)),
    enforced: (id) => {
      const seen = look(id);
      const host = find(id)?.body.HostConfig;
      return Promise.resolve({
        memoryBytes: seen?.memoryBytes ?? 0,
        cpuQuotaUs: seen?.cpuQuotaUs ?? 0,
        frozen: seen?.state === 'paused',
        pidsLimit: host?.PidsLimit ?? 0,
        oomScoreAdj: host?.OomScoreAdj ?? 0,
      });
    },
    inside: (id) => {
      const found = find(id);
      if (found === undefined) throw new Error(`there is no container ${id}`);
      return Promise.resolve(insideOfFake(found.body));
    },
    makeOdd: async (how, command) => {
      const name = `odd-${engine.containers().length}`;
      const spec = { hostname: 'odd', env: {}, binds: [], labels: {}, cgroupParent: null };
      const id = await engine.create({ ...spec, name, kind: kindOf({ command }) }, signal);
      engine.mark(id, how);
      await engine.start(id, signal);
      return id;
    },
    digestOfPullable: () => Promise.resolve(published),
    output: (id) => Promise.resolve((find(id)?.written ?? []).map(({ text }) => text).join('')),
    volumes: () => Promise.resolve(engine.containers().flatMap(({ volumes }) => volumes)),
    imageIds: async () => {
      const present = await Promise.all([...imageIds].map((id) => engine.findImage(id, signal)));
      return present.filter((id) => id !== null);
    },
    supersede: () => {
      const old = engine.addImage('plancton-test/superseded:1');
      engine.addImage('plancton-test/superseded:1');
      imageIds.add(old);
      return Promise.resolve(old);
    },
    loseEngine: () => Promise.resolve(engine.goDown()),
    stop: () => Promise.resolve(),
  });
}
