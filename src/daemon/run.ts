import { join } from 'node:path';
import { watchConfig } from '../config/watch.ts';
import type { Places } from '../model/places.ts';
import type { DaemonLog } from '../record/log.ts';
import { createNode } from '../sample/node.ts';
import { bootId } from '../sample/process.ts';
import { serveStatus } from '../serve/statusServer.ts';
import { answers } from './answers.ts';
import { nodeClock } from './clock.ts';
import { containmentOf } from './containment.ts';
import { clearControlFile } from './controlFiles.ts';
import { EngineWatch } from './engineWatch.ts';
import { loadIdentity } from './identity.ts';
import { createFirstRelief } from './firstRelief.ts';
import { ImageKeeper } from './imageKeeper.ts';
import { Learner } from './learner.ts';
import { createLoop } from './loop.ts';
import { createEnding } from './ending.ts';
import type { EndSignals } from './endSignals.ts';
import type { Hold } from './onlyOne.ts';
import { openEngine } from './openEngine.ts';
import { pilotName } from './ownership.ts';
import { engineOf } from './parentContents.ts';
import { ParentKeeper } from './parentKeeper.ts';
import { realSurroundings } from './parentSetUp.ts';
import { createPilotActor, settle } from './pilotActor.ts';
import { createPolicies } from './policy.ts';
import { applyLogSettings, keepHeapSmall } from './processWide.ts';
import type { ReadSettings } from './readSettings.ts';
import { openRunFolder } from './runFolder.ts';
import { keepSettings } from './settingsKeeper.ts';
import { createStateStore } from './stateStore.ts';
import { Teller } from './teller.ts';
import { createTick, type Tick } from './tick.ts';
import { notifySystemd } from './systemd.ts';
import { Troubles } from './troubles.ts';
import { version } from './version.ts';

/** What a daemon is told when it is made. */
export interface DaemonOptions {
  readonly places: Places;
  readonly hostname: string;
  readonly log: DaemonLog;
  /** Ends by itself when a `force-stop` file has been carried out: a one-time clean-up without a daemon. */
  readonly endsAfterForceStop: boolean;
  readonly readSettings: ReadSettings;
  /** The place of the one daemon. */
  readonly hold: Hold;
  readonly endSignals: EndSignals;
  /** Called once, when the daemon is in place and answers. */
  onReady(): void;
}

/**
 * Runs a daemon until it is asked to end; true then, false when it ended because it had lost its place. The caller has
 * made the folders. Throws `BadConfiguration` and what the file system throws before it is ready; afterwards it only logs.
 */
export async function runDaemon(options: DaemonOptions): Promise<boolean> {
  const { places, hostname, log } = options;
  const clock = nodeClock;
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
    settings: () => keeper.settings(),
  });
  const runFolder = openRunFolder(places, options.hold, log, clock);
  let endpoint = '';
  let lastTick: Tick | null = null;
  let configReadMs = startedMs;

  const parents = new ParentKeeper({
    around: realSurroundings(identity.instance),
    uid: process.getuid?.() ?? 0,
    // Who is not root lacks the right before he lacks the tree.
    containment: process.getuid?.() === 0 ? containmentOf('/') : null,
    log,
    nowMs: () => clock.nowMs(),
    settings: () => keeper.settings(),
    isStray: (id) => node.isStray(id),
  });

  const around = realSurroundings(identity.instance);
  // What a daemon of before left running can be helped before an engine answers: by root, whose trees these are.
  const presumed = process.getuid?.() === 0 ? engineOf(around) : null;
  if (presumed !== null) parents.useEngine(presumed);
  const firstRelief = createFirstRelief({ around, log, parent: () => parents.parent });

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
    onProcesses: (processes) => node.alsoCount(processes),
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
      control: () => runFolder.control(),
      terminating: () => ending.isAsked(),
      policy: (sample) => policies(keeper.settings(), sample.host, sample.engine.info, parents.means),
      remember: (memory, sample, policy) => firstRelief.remember(memory, sample, policy),
      week: () => learner.week(),
      newName: () => pilotName(Math.random),
      save: (memory) => store.saveWhenChanged(memory, images.memory()),
      learn: (result) => {
        watch.noteResult(result);
        const told = troubles.worthTelling(result);
        if (told !== null) teller.result(told, images.view().id !== null);
      },
      lookAgain: () => watch.listSoon(),
      record: (whole) => {
        teller.tick(whole);
        learner.note(whole);
      },
    },
    state.memory,
  );

  const loop = createLoop(() => {
    if (clock.nowMs() - configReadMs >= keeper.settings().updateConfigMs) void takeSettings();
    lastTick = tick();
    const { decision, sample } = lastTick;
    parents.check(sample.engine.pilots);
    node.hidePilots(parents.blindness);
    void firstRelief.look(lastTick);
    troubles.retain(sample.engine.pilots);
    const isForced = ending.isForced(lastTick);
    const cleared = decision.clear.map((name) => clearControlFile(places.runFolder, name, log));
    if (cleared.length > 0) runFolder.lookAgain();
    if (decision.clear.includes('force-stop')) log.info('force-stop is done: no pilot is left');
    return isForced || (decision.exit !== null && cleared.every(Boolean));
  }, log);

  keepHeapSmall();
  const ending = createEnding({
    endSignals: options.endSignals,
    endsAfterForceStop: options.endsAfterForceStop,
    troubles,
    log,
    isOurPlace: () => runFolder.isOurPlace(),
    onAsked: () => loop.wake(),
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
    runFolder.watch(() => loop.wake()),
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
  firstRelief.close();
  await parents.close();
  learner.close();
  await teller.close();
  server.close();
  log.info('the daemon has ended');
  runFolder.lookAgain();
  return runFolder.isOurPlace();
}
