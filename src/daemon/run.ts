import { hostname as readHostname } from 'node:os';
import { join } from 'node:path';
import { watchConfig } from '../config/watch.ts';
import type { Places } from '../model/places.ts';
import { createLog } from '../record/log.ts';
import { createNode } from '../sample/node.ts';
import { bootId } from '../sample/process.ts';
import { serveStatus } from '../serve/statusServer.ts';
import { answers } from './answers.ts';
import { nodeClock } from './clock.ts';
import { containmentOf } from './containment.ts';
import { clearControlFile, createControlReader, watchControlFiles } from './controlFiles.ts';
import { EngineWatch } from './engineWatch.ts';
import { loadIdentity } from './identity.ts';
import { createForceStopJudge } from './forceStopEnd.ts';
import { ImageKeeper } from './imageKeeper.ts';
import { Learner } from './learner.ts';
import { createLoop } from './loop.ts';
import { openEngine } from './openEngine.ts';
import { pilotName } from './ownership.ts';
import { ParentKeeper } from './parentKeeper.ts';
import { realSurroundings } from './parentSetUp.ts';
import { createPilotActor, settle } from './pilotActor.ts';
import { createPolicies } from './policy.ts';
import { applyLogSettings, onEndSignals } from './processWide.ts';
import type { ReadSettings } from './readSettings.ts';
import { keepSettings } from './settingsKeeper.ts';
import { createStateStore } from './stateStore.ts';
import { Teller } from './teller.ts';
import { createTick, type Tick } from './tick.ts';
import { notifySystemd } from './systemd.ts';
import { Troubles } from './troubles.ts';
import { version } from './version.ts';

/** How long a clean-up without a daemon waits for an engine that does not answer. */
const cleanUpPatienceMs = 10_000;

/** What a daemon is told when it is made. */
export interface DaemonOptions {
  readonly places: Places;
  /** Lines also go to standard error. */
  readonly foreground: boolean;
  /** Ends by itself when a `force-stop` file has been carried out: a one-time clean-up without a daemon. */
  readonly endsAfterForceStop: boolean;
  readonly readSettings: ReadSettings;
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
  const keeper = await keepSettings({
    file: places.configFile,
    stateFolder: places.stateFolder,
    read: options.readSettings,
    log,
    wallMs: () => clock.wallMs(),
    defaultsWillDo: options.endsAfterForceStop,
  });
  applyLogSettings(log, keeper.settings());
  log.info(`Plancton ${version} begins, PID ${process.pid}, run folder ${places.runFolder}`);

  const identity = loadIdentity(places.stateFolder, places.runFolder);
  const store = createStateStore(places.stateFolder, bootId(), log);
  const state = store.load();
  const images = new ImageKeeper(keeper.settings().kind.image, state.image);
  const node = createNode('/', process.getuid?.() ?? 0);
  node.useSigns(keeper.settings().signs);
  const startedMs = clock.nowMs();
  const teller = new Teller(log, clock, hostname, keeper.settings().influxdb);
  const troubles = new Troubles();
  const learner = new Learner({
    stateFolder: places.stateFolder,
    log,
    clock,
    isOn: () => keeper.settings().learn,
  });
  const judgeForceStop = createForceStopJudge(troubles);
  let terminating = options.endsAfterForceStop;
  let hurried = false;
  let endpoint = '';
  let lastTick: Tick | null = null;
  let configReadMs = startedMs;

  const parents = new ParentKeeper({
    around: realSurroundings(identity.instance),
    uid: process.getuid?.() ?? 0,
    containment: containmentOf('/'),
    log,
    nowMs: () => clock.nowMs(),
    settings: () => keeper.settings(),
  });

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
    onProcesses: (pids) => node.alsoCount(pids),
    onConnected: (info) => {
      log.info(`engine ${info.product} ${info.version} answers at ${endpoint}, API ${info.apiVersion}`);
      parents.useEngine(info);
      node.useEngine(info, identity.instance);
    },
  });

  const actor = createPilotActor({
    watch,
    parents,
    identity,
    hostname,
    clock,
    kind: () => keeper.settings().kind,
    onSettled: () => loop.wake(),
  });

  const takeSettings = async (): Promise<void> => {
    configReadMs = clock.nowMs();
    const before = keeper.settings();
    if (!(await keeper.reload())) return;
    const now = keeper.settings();
    applyLogSettings(log, now);
    images.want(now.kind.image);
    parents.useSettings();
    if (JSON.stringify(before.signs) !== JSON.stringify(now.signs)) node.useSigns(now.signs);
    if (JSON.stringify(before.engine) !== JSON.stringify(now.engine)) watch.reconnect();
    else watch.listNow();
    teller.useTargets(now.influxdb);
    loop.wake();
  };

  const policies = createPolicies(log);
  const tick = createTick(
    {
      host: node,
      clock,
      actor,
      engineView: () => watch.view(),
      control: createControlReader(places.runFolder, log),
      terminating: () => terminating,
      policy: (sample) => policies(keeper.settings(), sample.host, sample.engine.info, parents.means),
      newName: () => pilotName(Math.random),
      save: (memory) => store.saveWhenChanged(memory, images.memory()),
      learn: (result) => {
        watch.noteResult(result);
        parents.noteResult(result);
        const told = troubles.worthTelling(result);
        if (told !== null) teller.result(told, images.view().id !== null);
      },
      record: (whole) => {
        teller.tick(whole);
        learner.note(whole);
      },
    },
    state.memory,
  );

  /** Nobody waits for ever at a terminal for an engine that is not there. */
  const givesUp = ({ sample }: Tick): boolean =>
    options.endsAfterForceStop &&
    sample.engine.state === 'waiting' &&
    sample.atMs - startedMs > cleanUpPatienceMs;

  const loop = createLoop(() => {
    if (clock.nowMs() - configReadMs >= keeper.settings().updateConfigMs) void takeSettings();
    lastTick = tick();
    const { decision, sample } = lastTick;
    parents.check(sample.engine.pilots);
    troubles.retain(sample.engine.pilots);
    const givenUp = judgeForceStop(lastTick);
    if (givenUp !== null) log.error(givenUp);
    const cleared = decision.clear.map((name) => clearControlFile(places.runFolder, name, log));
    if (decision.clear.includes('force-stop')) log.info('force-stop is done: no pilot is left');
    return (
      hurried || givenUp !== null || givesUp(lastTick) || (decision.exit !== null && cleared.every(Boolean))
    );
  }, log);

  onEndSignals((signal) => {
    // Who presses Ctrl-C again waits for nothing any more: a force-stop on an engine that never answers has no other end.
    hurried = terminating && signal === 'SIGINT';
    log.info(`${signal}: the daemon is asked to end${hurried ? ' at once' : ''}`);
    terminating = true;
    loop.wake();
  });

  const server = await serveStatus(
    join(places.runFolder, 'plancton.sock'),
    answers(
      () => lastTick,
      learner,
      () => ({
        hostname,
        clock,
        startedWallMs: clock.wallMs() - (clock.nowMs() - startedMs),
        endpoint,
        config: keeper.state(),
        parent: parents.status(),
        influxdb: teller.sinks(),
        last: teller.last,
        troubles,
      }),
    ),
    log,
  );
  const unwatch = [
    watchControlFiles(places.runFolder, () => loop.wake()),
    watchConfig(places.configFile, () => void takeSettings()),
  ];
  watch.start();
  const systemd = notifySystemd(log);
  options.onReady();
  await loop.run();

  systemd.stopping();
  for (const stop of unwatch) stop();
  await settle(actor, watch, (result) => teller.result(result, images.view().id !== null));
  await watch.close();
  parents.close();
  learner.close();
  await teller.close();
  server.close();
  log.info('the daemon has ended');
  await log.close();
}
