import { existsSync, readFileSync } from 'node:fs';
import { createDockerEngine } from '../../src/engine/dockerEngine.ts';
import { noRegistryAuth } from '../../src/engine/registryAuth.ts';
import { engineApi } from '../support/engineApi.ts';
import { importBusybox, pushImage, removeTag } from '../support/image.ts';
import type { TestRegistry } from '../support/registry.ts';
import { type Enforced, type EngineHarness, mostLogBytes, type Oddity, type Seen } from './engineHarness.ts';
import { insideOf } from './realInside.ts';

/** A real engine under the contract. */
export interface RealEngine {
  readonly product: 'docker' | 'podman';
  readonly socket: string;
  readonly networkMode: string;
  readonly hasInit: boolean;
  readonly registry: TestRegistry;
  halt(): Promise<void>;
  stop(): Promise<void>;
}

/** What is used of an inspection; names are the API's. */
interface Inspected {
  readonly Name: string;
  readonly Config: {
    readonly Hostname: string;
    readonly User: string;
    readonly Cmd: string[];
    readonly Labels: Record<string, string>;
  };
  readonly State: { readonly Status: string; readonly Pid: number };
  readonly HostConfig: {
    readonly CpuQuota: number;
    readonly CpuPeriod: number;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly Privileged: boolean;
    readonly Binds: string[] | null;
    readonly Devices: { readonly PathOnHost: string; readonly PathInContainer: string }[] | null;
    readonly CapAdd: string[] | null;
    readonly CapDrop: string[] | null;
    readonly CgroupParent: string;
    readonly LogConfig: { readonly Config: Record<string, string> | null };
  };
}

const image = 'busybox:latest';
const volumeImage = 'plancton-test/volume:1';

/** Gives a real engine the images that the contract needs, and looks at it through its API and the kernel. */
export async function realHarness(real: RealEngine): Promise<EngineHarness> {
  const { socket } = real;
  const pullable = `${real.registry.host}/busybox:1`;
  try {
    await provide(socket, pullable);
  } catch (thrown) {
    await real.stop();
    throw thrown;
  }

  const warnings: string[] = [];
  const inspect = (id: string): Promise<Inspected> =>
    engineApi(socket, `/containers/${id}/json`) as Promise<Inspected>;
  const imageIds = async (): Promise<string[]> => {
    const listed = (await engineApi(socket, '/images/json?all=1')) as { Id: string }[];
    return listed.map(({ Id }) => (Id.startsWith('sha256:') ? Id : `sha256:${Id}`));
  };

  return {
    engine: createDockerEngine(
      { kind: 'unix', socketPath: socket, foundBy: 'the test' },
      noRegistryAuth,
      (text) => warnings.push(text),
    ),
    product: real.product,
    networkMode: real.networkMode,
    hasInit: real.hasInit,
    warnings,
    image,
    volumeImage,
    pullable,
    unpullable: `${real.registry.host}/nothing:1`,
    look: async (id) => {
      const listed = (await engineApi(socket, '/containers/json?all=1')) as { Id: string }[];
      if (!listed.some(({ Id }) => Id === id)) return null;
      const seen = seenOf(await inspect(id));
      return real.product === 'docker' ? seen : { ...seen, mostLogBytes: await podmanLogBytes(socket, id) };
    },
    enforced: async (id) => enforcedOn((await inspect(id)).State.Pid),
    inside: async (id) => insideOf((await inspect(id)).State.Pid),
    makeOdd: (how, command) => makeOdd(real, how, command),
    digestOfPullable: () => digestInRegistry(real.registry.host, 'busybox', '1'),
    output: async (id) => String(await engineApi(socket, `/containers/${id}/logs?stdout=1`)),
    volumes: async () => {
      const { Volumes } = (await engineApi(socket, '/volumes')) as { Volumes: { Name: string }[] | null };
      return (Volumes ?? []).map(({ Name }) => Name);
    },
    imageIds,
    supersede: async () => {
      const old = await importBusybox(socket, 'plancton-test/superseded:1', ['LABEL age=old']);
      await importBusybox(socket, 'plancton-test/superseded:1', ['LABEL age=new']);
      return old;
    },
    loseEngine: () => real.halt(),
    stop: () => real.stop(),
  };
}

/** Makes and starts what no pilot is, behind the adapter's back. */
async function makeOdd(real: RealEngine, how: Oddity, command: readonly string[]): Promise<string> {
  const body = {
    Image: image,
    Cmd: command,
    Tty: how === 'terminal',
    HostConfig: {
      NetworkMode: real.networkMode,
      ...(how === 'unreadable' ? { LogConfig: { Type: 'none', Config: {} } } : {}),
      ...ulimitsOfThisNode(real.product),
    },
  };
  const made = (await engineApi(real.socket, '/containers/create', { method: 'POST', body })) as {
    Id: string;
  };
  await engineApi(real.socket, `/containers/${made.Id}/start`, { method: 'POST' });
  return made.Id;
}

/** What the registry itself calls an image. */
async function digestInRegistry(host: string, repository: string, tag: string): Promise<string> {
  const forms = ['docker.distribution.manifest.v2', 'oci.image.manifest.v1'];
  const headers = { Accept: forms.map((form) => `application/vnd.${form}+json`).join(', ') };
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, { method: 'HEAD', headers });
  return answer.headers.get('Docker-Content-Digest') ?? '';
}

/** Podman asks for more than some nodes may give, unless it is told. */
function ulimitsOfThisNode(product: RealEngine['product']): object {
  return product === 'podman'
    ? {
        Ulimits: [
          { Name: 'nofile', Soft: 1024, Hard: 1024 },
          { Name: 'nproc', Soft: 1024, Hard: 1024 },
        ],
      }
    : {};
}

/** Podman tells it in its own API alone, as `10MB`. */
async function podmanLogBytes(socket: string, id: string): Promise<number> {
  const path = `/libpod/containers/${id}/json`;
  const { HostConfig } = (await engineApi(socket, path)) as { HostConfig: { LogConfig: { Size: string } } };
  return Number(/^(\d+)MB$/.exec(HostConfig.LogConfig.Size)?.[1] ?? 0) * 1_000_000;
}

/** The images of the contract: two in the engine, one in the registry. */
async function provide(socket: string, pullable: string): Promise<void> {
  await importBusybox(socket, image);
  await importBusybox(socket, volumeImage, ['VOLUME /scratch']);
  await importBusybox(socket, pullable);
  await pushImage(socket, pullable);
  await removeTag(socket, pullable);
}

function seenOf({ Name, Config, State, HostConfig }: Inspected): Seen {
  const bare = (names: string[] | null): string[] => (names ?? []).map((name) => name.replace(/^CAP_/, ''));
  return {
    name: Name.replace(/^\//, ''),
    hostname: Config.Hostname,
    user: Config.User,
    command: Config.Cmd,
    labels: Config.Labels,
    state: State.Status,
    cpuQuotaUs: HostConfig.CpuQuota,
    cpuPeriodUs: HostConfig.CpuPeriod,
    memoryBytes: HostConfig.Memory,
    memoryAndSwapBytes: HostConfig.MemorySwap,
    privileged: HostConfig.Privileged,
    binds: HostConfig.Binds ?? [],
    devices: (HostConfig.Devices ?? []).map((device) => `${device.PathOnHost}:${device.PathInContainer}`),
    capabilitiesAdded: bare(HostConfig.CapAdd),
    capabilitiesDropped: bare(HostConfig.CapDrop),
    cgroupParent: HostConfig.CgroupParent,
    mostLogBytes: mostLogBytes(HostConfig.LogConfig.Config ?? {}),
  };
}

/** Reads the limits from the cgroup of a process, version 1 or 2. */
function enforcedOn(pid: number): Enforced {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  const folderOf = (controller: string): string => {
    const own = lines.find((line) => line.split(':')[1]?.split(',').includes(controller) === true);
    return own === undefined
      ? `/sys/fs/cgroup${lines.find((line) => line.startsWith('0::'))?.slice(3) ?? ''}`
      : `/sys/fs/cgroup/${controller}${own.split(':').slice(2).join(':')}`;
  };
  const read = (controller: string, v1: string, v2: string): string => {
    const old = `${folderOf(controller)}/${v1}`;
    return readFileSync(existsSync(old) ? old : `${folderOf(controller)}/${v2}`, 'utf8').trim();
  };
  return {
    memoryBytes: Number(read('memory', 'memory.limit_in_bytes', 'memory.max')),
    cpuQuotaUs: Number(read('cpu', 'cpu.cfs_quota_us', 'cpu.max').split(' ')[0]),
    pidsLimit: Number(read('pids', 'pids.max', 'pids.max')),
    oomScoreAdj: Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')),
    frozen: /^(?:FROZEN|1)$/.test(read('freezer', 'freezer.state', 'cgroup.freeze')),
  };
}
