import type { CreateBody } from '../../src/engine/createBody.ts';
import { cpuLimitOf } from '../../src/engine/pilotLimits.ts';
import { wireOf } from '../../src/engine/pilotSpec.ts';
import type {
  ContainerDetail,
  ContainerEvent,
  ContainerSummary,
  EngineError,
  EngineInfo,
  ListFilter,
  LogOptions,
  OnLogChunk,
  PilotSpec,
} from '../../src/model/engine.ts';
import { answerError } from './engineFaults.ts';
import { matchesLabel } from './engineLabels.ts';
import { createLogs, type Written } from './engineLogs.ts';
import { programOf, type Said } from './enginePrograms.ts';

/** A container of the fake, as tests may look at it behind the port's back. */
export interface FakeContainer {
  readonly detail: ContainerDetail;
  readonly body: CreateBody;
  readonly written: readonly Written[];
  /** Its anonymous volumes, gone with it. */
  readonly volumes: readonly string[];
}

/** What the containers of a fake engine need of the rest of it. */
export interface ContainerSurroundings {
  readonly info: EngineInfo;
  readonly wallMs: () => number;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly nextId: () => string;
  readonly emit: (event: ContainerEvent) => void;
  readonly onWarning: (text: string) => void;
}

/** The containers of a fake engine: what each verb does to them, as Docker does it. */
export interface FakeContainers {
  all(): readonly FakeContainer[];
  list(filter: ListFilter): ContainerSummary[];
  inspect(id: string): ContainerDetail;
  create(spec: PilotSpec, imageId: string, hasVolume: boolean): string;
  start(id: string): void;
  stop(id: string, graceMs: number, signal: AbortSignal): Promise<void>;
  kill(id: string): void;
  pause(id: string): void;
  unpause(id: string): void;
  throttle(id: string, cpus: number): void;
  remove(id: string): void;
  logs(id: string, options: LogOptions, onChunk: OnLogChunk, signal: AbortSignal): Promise<void>;
  /** What a container has that no pilot has: a terminal, a log that cannot be read. */
  mark(id: string, how: Oddity): void;
  /** Who follows a log gets this error. */
  breakOff(error: EngineError): void;
  end(id: string, exitCode: number): void;
  rename(id: string, name: string): void;
}

/** How a container may differ from a pilot. */
export type Oddity = 'terminal' | 'unreadable';

type Held = { -readonly [Key in keyof Omit<FakeContainer, 'written'>]: FakeContainer[Key] };

function isMissing(device: { readonly PathOnHost: string }): boolean {
  return device.PathOnHost.startsWith('/dev/no-such');
}

/** Makes an empty store. */
export function createContainers(around: ContainerSurroundings): FakeContainers {
  const { wallMs, nextId } = around;
  const held = new Map<string, Held>();
  const logs = createLogs(wallMs);
  const odd = new Map<string, Oddity>();
  let lastPid = 1000;

  const lookup = (id: string): Held | undefined =>
    held.get(id) ?? [...held.values()].find(({ detail }) => detail.name === id);

  const find = (id: string, verb: string): Held => {
    const found = lookup(id);
    if (found === undefined) {
      throw answerError(404, `${verb} container ${id}`, 'No such container');
    }
    return found;
  };

  const change = (
    container: Held,
    detail: Partial<ContainerDetail>,
    what: ContainerEvent['what'] | null,
  ): void => {
    container.detail = { ...container.detail, ...detail };
    if (what !== null) {
      const { id, name, labels, exitCode } = container.detail;
      around.emit({ what, id, name, labels, exitCode: what === 'die' ? exitCode : null, atWallMs: wallMs() });
    }
  };

  const finish = (container: Held, exitCode: number): void => {
    change(container, { state: 'ended', pid: null, exitCode, endedAtWallMs: wallMs() }, 'die');
    logs.ended(container.detail.id);
  };

  const say = ({ detail: { id } }: Held, said: readonly Said[]): void =>
    logs.write(
      id,
      odd.get(id) === 'terminal' ? said.map((it) => ({ ...it, stream: 'stdout' as const })) : said,
    );

  const thaw = (container: Held): void => {
    if (container.detail.state === 'paused') {
      change(container, { state: 'running' }, 'unpause');
    }
  };

  const isLive = ({ detail }: Held): boolean => detail.state === 'running' || detail.state === 'paused';

  const killHeld = (container: Held): void => {
    if (isLive(container)) {
      thaw(container);
      change(container, {}, 'kill');
      finish(container, 137);
    }
  };

  return {
    all: () => [...held.values()].map((it) => ({ ...it, written: logs.written(it.detail.id) })),
    list: ({ labels: wanted = [], namePrefix = '' }) =>
      [...held.values()]
        .map(({ detail: { id, name, imageId, labels, state } }) => ({ id, name, imageId, labels, state }))
        .filter(({ name }) => name.startsWith(namePrefix))
        .filter(({ labels }) => wanted.every((label) => matchesLabel(labels, label))),
    inspect: (id) => find(id, 'inspect').detail,
    create: (spec, imageId, hasVolume) => {
      if ([...held.values()].some(({ detail }) => detail.name === spec.name)) {
        throw answerError(409, `create container ${spec.name}`, 'the name is in use');
      }
      const { body, warnings } = wireOf(spec, around.info, { propagationOf: () => 'private', ulimits: [] });
      warnings.forEach(around.onWarning);
      const id = nextId();
      const detail: ContainerDetail = {
        id,
        name: spec.name,
        imageId,
        labels: body.Labels,
        state: 'created',
        pid: null,
        startedAtWallMs: null,
        endedAtWallMs: null,
        exitCode: null,
        outOfMemory: false,
        startError: '',
        logPath: around.info.local ? `/fake/${id}.log` : null,
      };
      const container: Held = { detail, body, volumes: hasVolume ? [`volume-${id}`] : [] };
      held.set(id, container);
      change(container, {}, 'create');
      return id;
    },
    start: (id) => {
      const container = find(id, 'start');
      if (container.detail.state === 'running') {
        return;
      }
      if (container.detail.state === 'paused') {
        throw answerError(409, `start container ${id}`, 'it is paused');
      }
      const program = programOf(container.body.Cmd);
      const missing = container.body.HostConfig.Devices.find(isMissing);
      if (missing !== undefined) {
        const startError = `error gathering device information: ${missing.PathOnHost}: no such file or directory`;
        change(container, { startError }, null);
        throw answerError(500, `start container ${id}`, startError);
      }
      if (container.body.HostConfig.DeviceRequests !== undefined) {
        const startError = 'could not select device driver "" with capabilities: [[gpu]]';
        change(container, { startError }, null);
        throw answerError(400, `start container ${id}`, `no GPU runtime: ${startError}`);
      }
      lastPid += 1;
      const begun = { startedAtWallMs: wallMs(), endedAtWallMs: null, exitCode: null, startError: '' };
      change(container, { ...begun, state: 'running', pid: lastPid }, 'start');
      say(container, program.says);
      if (program.endsWith !== null) {
        finish(container, program.endsWith);
      }
    },
    stop: async (id, graceMs, signal) => {
      const container = find(id, 'stop');
      if (!isLive(container)) {
        return;
      }
      thaw(container);
      change(container, {}, 'kill');
      const reaction = programOf(container.body.Cmd).onSignal(container.body.StopSignal);
      say(container, reaction.says);
      if (reaction.endsWith === null) {
        await around.wait(graceMs, signal);
      }
      if (isLive(container)) {
        finish(container, reaction.endsWith ?? 137);
      }
    },
    kill: (id) => killHeld(find(id, 'kill')),
    pause: (id) => {
      const container = find(id, 'pause');
      if (!isLive(container)) {
        throw answerError(409, `pause container ${id}`, 'it is not running');
      }
      if (container.detail.state === 'running') {
        change(container, { state: 'paused' }, 'pause');
      }
    },
    unpause: (id) => {
      const container = find(id, 'unpause');
      if (!isLive(container)) {
        throw answerError(500, `unpause container ${id}`, 'it is not paused');
      }
      thaw(container);
    },
    throttle: (id, cpus) => {
      const container = find(id, 'update');
      const { periodUs, quotaUs } = cpuLimitOf(cpus);
      const limits = { CpuPeriod: periodUs, CpuQuota: quotaUs };
      container.body = { ...container.body, HostConfig: { ...container.body.HostConfig, ...limits } };
    },
    remove: (id) => {
      const container = lookup(id);
      if (container !== undefined) {
        killHeld(container);
        held.delete(container.detail.id);
        change(container, {}, 'remove');
      }
    },
    logs: async (id, options, onChunk, signal) => {
      const container = find(id, 'read the log of');
      if (odd.get(container.detail.id) === 'unreadable') {
        throw answerError(400, `read the log of container ${id}`, 'its logging driver keeps none');
      }
      const reader = { id: container.detail.id, isLive: () => isLive(container) };
      await logs.read(reader, options, onChunk, signal);
    },
    mark: (id, how) => void odd.set(find(id, 'mark').detail.id, how),
    breakOff: (error) => logs.breakOff(error),
    end: (id, exitCode) => finish(find(id, 'end'), exitCode),
    rename: (id, name) => change(find(id, 'rename'), { name }, null),
  };
}
