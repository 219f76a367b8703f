import { hostname as readHostname } from 'node:os';
import { join } from 'node:path';
import { createActor } from '../act/actor.ts';
import { setUpIdleParent } from '../act/idleParent.ts';
import { watchConfig } from '../config/watch.ts';
import type { Policy, Sample } from '../decide/types.ts';
import type { EngineInfo, PilotSpec } from '../model/engine.ts';
import type { Log } from '../model/log.ts';
import type { Places } from '../model/places.ts';
import { createLog, type DaemonLog } from '../record/log.ts';
import { createSinks, type Sinks } from '../record/influxSinks.ts';
import { createNode } from '../sample/node.ts';
import { readCgroupMounts } from '../sample/mounts.ts';
import { parentCpuFolder, parentFor } from '../sample/pilotsParent.ts';
import { bootId } from '../sample/process.ts';
import { serveStatus } from '../serve/statusServer.ts';
import { nodeClock } from './clock.ts';
import { clearControlFile, createControlReader, watchControlFiles } from './controlFiles.ts';
import { EngineWatch } from './engineWatch.ts';
import { loadIdentity } from './identity.ts';
import { ImageKeeper } from './imageKeeper.ts';
import { createLoop } from './loop.ts';
import { glance, Narrator } from './narrate.ts';
import { openEngine } from './openEngine.ts';
import { labelsOf, pilotHostname, pilotName } from './ownership.ts';
import { policyOf } from './policy.ts';
import { Reporter } from './report.ts';
import { keepSettings } from './settingsKeeper.ts';
import { createStateStore } from './stateStore.ts';
import { statusOf } from './statusOf.ts';
import { createTick, type Tick } from './tick.ts';
import { readingOr } from '../model/reading.ts';
import { notifySystemd } from './systemd.ts';
import { version } from './version.ts';

/** How long the end of the daemon waits for verbs in flight, and for points not yet sent. */
const settleMs = 5000;
const flushMs = 3000;

/** What a daemon is told when it is made. */
export interface DaemonOptions {
  readonly places: Places;
  /** Lines also go to standard error. */
  readonly foreground: boolean;
  /** Ends by itself when a `force-stop` file has been carried out: a one-time clean-up without a daemon. */
  readonly endsAfterForceStop: boolean;
  /** Called once, when the daemon is in place and answers. */
  onReady(): void;
}

/**
 * Runs a daemon until it is asked to end. The caller holds the place of the one daemon and has made the folders.
 * Throws `BadConfiguration` and what the file system throws before it is ready; afterwards it only logs.
 */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { places } = options;
  const clock = nodeClock;
  const hostname = readHostname();
  const log = createLog({
    folder: places.logFolder,
    format: 'text',
    alsoStderr: options.foreground,
    syslog: 'auto',
    hostname,
  });
  const keeper = keepSettings(places.configFile, places.stateFolder, log, () => clock.wallMs());
  applyLogSettings(log, keeper.settings());
  log.info(`Plancton ${version} begins, PID ${process.pid}, run folder ${places.runFolder}`);

  const identity = loadIdentity(places.stateFolder, places.runFolder);
  const store = createStateStore(places.stateFolder, bootId(), log);
  const state = store.load();
  const images = new ImageKeeper(keeper.settings().kind.image, state.image);
  const node = createNode('/', process.getuid?.() ?? 0);
  const narrator = new Narrator(log);
  const startedMs = clock.nowMs();
  const reporter = new Reporter(hostname, startedMs);
  let sinks: Sinks = createSinks(keeper.settings().influxdb, { log, clock });
  let terminating = options.endsAfterForceStop;
  let endpoint = '';
  let lastTick: Tick | null = null;
  let configReadMs = startedMs;

  const watch = new EngineWatch({
    openEngine: () => {
      const engine = openEngine(keeper.settings().engine, log);
      endpoint = engine.endpoint;
      return engine;
    },
    identity,
    adoptUnlabelled: () => keeper.settings().adoptUnlabelled,
    images,
    clock,
    log,
    onChange: () => loop.wake(),
    onConnected: (info) => {
      log.info(`engine ${info.product} ${info.version} answers at ${endpoint}, API ${info.apiVersion}`);
      setUpParent(info, log);
      node.useEngine(info);
    },
  });

  const specFor = (name: string): PilotSpec => {
    const info = watch.view().info;
    return {
      name,
      hostname: pilotHostname(hostname, name),
      kind: keeper.settings().kind,
      labels: labelsOf(identity, name),
      cgroupParent: info === null ? null : parentFor(info),
    };
  };
  const actor = createActor(
    () => ({ engine: watch.engine(), clock, specFor }),
    clock,
    () => loop.wake(),
  );

  const takeSettings = (): void => {
    configReadMs = clock.nowMs();
    const before = keeper.settings();
    if (!keeper.reload()) return;
    const now = keeper.settings();
    applyLogSettings(log, now);
    images.want(now.kind.image);
    if (JSON.stringify(before.engine) !== JSON.stringify(now.engine)) watch.reconnect();
    else watch.listNow();
    void sinks.close(flushMs);
    sinks = createSinks(now.influxdb, { log, clock });
    loop.wake();
  };

  let lastPolicy: Policy | null = null;
  const policy = (sample: Sample): Policy => {
    try {
      lastPolicy = policyOf(keeper.settings(), sample.host, sample.engine.info);
    } catch (error) {
      // Seen only on this node (a division by its zero swap, say): what was in force stays, or nothing starts.
      if (lastPolicy === null)
        lastPolicy = { ...policyOf({ ...keeper.settings(), pilotLimit: noPilots }, sample.host, null) };
      log.error(`max_docks cannot be evaluated on this node: ${(error as Error).message}`);
    }
    return lastPolicy;
  };

  const tick = createTick(
    {
      host: node,
      clock,
      actor,
      engineView: () => watch.view(),
      control: createControlReader(places.runFolder, log),
      terminating: () => terminating,
      policy,
      newName: () => pilotName(Math.random),
      random: Math.random,
      save: (memory) => store.saveWhenChanged(memory, images.memory()),
      learn: (result) => {
        watch.noteResult(result);
        narrator.result(result, clock.wallMs());
        if (result.fact?.of === 'end') reporter.ended(result.fact.report, sinks, clock.wallMs());
      },
      record: ({ sample, decision, policy: rules, seen }) => {
        narrator.control(sample.control, sample.atMs, rules.loopMs);
        narrator.decided(decision, clock.wallMs());
        const whole = { sample, decision, policy: rules, seen };
        if (!reporter.isDue(whole)) return;
        reporter.report(whole, sinks, clock.wallMs());
        log.info(glanceOf(whole));
      },
    },
    state.memory,
  );

  const loop = createLoop(() => {
    if (clock.nowMs() - configReadMs >= keeper.settings().updateConfigMs) takeSettings();
    lastTick = tick();
    const { decision } = lastTick;
    const cleared = decision.clear.map((name) => clearControlFile(places.runFolder, name, log));
    if (decision.clear.includes('force-stop')) log.info('force-stop is done: no pilot is left');
    return decision.exit !== null && cleared.every(Boolean);
  }, log);

  const end = (signal: NodeJS.Signals): void => {
    log.info(`${signal}: the daemon ends, running pilots are left running`);
    terminating = true;
    loop.wake();
  };
  const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) process.on(signal, end);

  const server = await serveStatus(
    join(places.runFolder, 'plancton.sock'),
    () =>
      statusOf(lastTick, {
        hostname,
        clock,
        startedWallMs: clock.wallMs() - (clock.nowMs() - startedMs),
        endpoint,
        config: keeper.state(),
        influxdb: sinks.states(),
        last: narrator.last,
      }),
    log,
  );
  const unwatch = [
    watchControlFiles(places.runFolder, () => loop.wake()),
    watchConfig(places.configFile, takeSettings),
  ];
  watch.start();
  const systemd = notifySystemd(log);
  options.onReady();
  await loop.run();

  systemd.stopping();
  for (const stop of unwatch) stop();
  await actor.settle(settleMs);
  // What was in flight may have ended pilots or begun them: it is told before the end.
  for (const result of actor.takeResults()) narrator.result(result, clock.wallMs());
  await watch.close();
  await sinks.close(flushMs);
  server.close();
  log.info('the daemon has ended');
  log.close();
}

/** The kernel comes first: what it does for the owner, no daemon has to. */
function setUpParent(info: EngineInfo, log: Log): void {
  const folder = parentCpuFolder(readCgroupMounts('/'), info);
  if (folder === null) {
    log.info(
      'the CPU class of pilots is as the engine sets it: their parent cgroup is not ours to make here',
    );
    return;
  }
  const { cpuClass, detail } = setUpIdleParent(folder);
  if (cpuClass === 'normal') log.warn(`pilots have the CPU weight of everybody else: ${detail}`);
  else log.info(`pilots are in the kernel's CPU class "${cpuClass}": ${detail}`);
}

const noPilots = { text: '0', isDefault: false, evaluate: () => 0 };

function applyLogSettings(
  log: DaemonLog,
  settings: { logFormat: 'text' | 'json'; syslog: 'auto' | 'on' | 'off' },
): void {
  log.setFormat(settings.logFormat);
  log.setSyslog(settings.syslog);
}

function glanceOf(tick: Tick): string {
  return glance({
    running: tick.decision.running,
    limit: tick.policy.limit,
    ownerCpus: readingOr(tick.seen.ownerCpus, null),
    pilotsCpus: readingOr(tick.seen.pilotsCpus, null),
    cpuCount: tick.sample.host.cpuCount,
  });
}
