import { cpus } from 'node:os';
import { join } from 'node:path';
import { watchConfig } from '../config/watch.ts';
import type { ActionResult } from '../model/action.ts';
import type { Places } from '../model/places.ts';
import type { DaemonLog } from '../record/log.ts';
import { createPilotKeeper } from '../record/pilotKeeper.ts';
import { PilotLedger } from '../record/pilotLedger.ts';
import { createTape } from '../record/tape.ts';
import { createNode } from '../sample/node.ts';
import { bootId } from '../sample/process.ts';
import { createActivityWatch } from './activityWatch.ts';
import { nodeClock } from './clock.ts';
import { openDoors } from './doors.ts';
import { createEngineSide } from './engineSide.ts';
import { loadIdentity } from './identity.ts';
import { ImageKeeper } from './imageKeeper.ts';
import { imagesWanted } from './pilotSpecs.ts';
import { Learner } from './learner.ts';
import { createLogWatch } from './logWatch.ts';
import { createLoop } from './loop.ts';
import { createEnding } from './ending.ts';
import type { EndSignals } from './endSignals.ts';
import type { Hold } from './onlyOne.ts';
import { pilotName } from './ownership.ts';
import { settle } from './pilotActor.ts';
import { createPolicies, seedOf } from './policy.ts';
import { applyLogSettings, keepHeapSmall } from './processWide.ts';
import type { ReadSettings } from './readSettings.ts';
import { openRunFolder } from './runFolder.ts';
import { keepSettings } from './settingsKeeper.ts';
import { createStateStore } from './stateStore.ts';
import { TapeRecorder } from './tapeRecorder.ts';
import { Teller } from './teller.ts';
import { createTick, type Tick } from './tick.ts';
import { notifySystemd } from './systemd.ts';
import { Troubles } from './troubles.ts';
import { UseRates } from './useRates.ts';
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
  const images = new ImageKeeper(imagesWanted(keeper.settings()), state.images);
  const node = createNode('/', process.getuid?.() ?? 0);
  node.useSigns(keeper.settings().signs);
  const startedMs = clock.nowMs();
  const troubles = new Troubles();
  const rates = new UseRates();
  const learner = new Learner({
    stateFolder: places.stateFolder,
    log,
    clock,
    settings: () => keeper.settings(),
  });
  const tape = new TapeRecorder(createTape({ folder: join(places.stateFolder, 'tape'), log }), () =>
    clock.wallMs(),
  );
  const runFolder = openRunFolder(places, options.hold, log, clock);
  let lastTick: Tick | null = null;
  let configReadMs = startedMs;
  const ledger = new PilotLedger(state.pilots);
  const keep = createPilotKeeper({
    logFolder: places.logFolder,
    log,
    node: hostname,
    retention: () => keeper.settings().logRetention,
    ledger,
    nowMs: () => clock.nowMs(),
    digestOf: (imageId) => engineSide.digestOf(imageId),
    onRecord: (record) => teller.ended(record),
  });
  const teller = new Teller({ log, clock, hostname, keep, places, targets: keeper.settings().influxdb });
  const engineSide = createEngineSide({
    identity,
    hostname,
    runFolder: places.runFolder,
    images,
    node,
    keep,
    nodeCpus: cpus().length,
    clock,
    log,
    settings: () => keeper.settings(),
    onNews: () => loop.wake(),
    onCall: (verb, tookMs, ok) => teller.tally.called(verb, tookMs, ok),
  });
  const { watch, actor, parents, care, firstRelief, move, trials } = engineSide;

  const takeSettings = async (): Promise<void> => {
    configReadMs = clock.nowMs();
    const before = keeper.settings();
    if (!(await keeper.reload())) return;
    const now = keeper.settings();
    applyLogSettings(log, now);
    images.want(imagesWanted(now));
    parents.useSettings();
    if (JSON.stringify(before.signs) !== JSON.stringify(now.signs)) node.useSigns(now.signs);
    if (JSON.stringify(before.engine) !== JSON.stringify(now.engine)) move.begin();
    else watch.listNow();
    teller.useTargets(now.influxdb);
    doors.useSettings();
    loop.wake();
  };

  const tell = (result: ActionResult): void =>
    teller.result(result, result.action.do === 'pull' && images.idOf(result.action.reference) !== null);

  const seed = seedOf(identity.instance);
  const policies = createPolicies(log, () => ({ seed, wallMs: clock.wallMs() }));
  const tick = createTick(
    {
      host: node,
      clock,
      actor,
      engineView: () => watch.view(),
      control: () => runFolder.control(),
      terminating: () => ending.isAsked(),
      leavesEngine: () => move.isUnderWay(),
      policy: (sample) => policies(keeper.settings(), sample.host, sample.engine.info, parents.means),
      inForce: () => [keeper.settings(), parents.means],
      remember: (memory, sample, policy) => firstRelief.remember(memory, sample, policy),
      week: () => learner.week(),
      logRates: createLogWatch(() => keeper.settings().kinds),
      activities: createActivityWatch((name) => care.stateFolder(name)),
      newName: () => pilotName(Math.random),
      save: (memory, { engine, host, atMs }) => {
        const seen = { pilots: engine.pilots, use: host.pilotUse, asked: memory.leaving };
        const at = { endpoint: engineSide.endpoint(), nowMs: atMs, wallMs: clock.wallMs() };
        ledger.note({ ...seen, ...at });
        store.saveWhenChanged(memory, images.memory(), ledger.remembered());
      },
      learn: (result) => {
        watch.noteResult(result);
        care.noteResult(result);
        const told = troubles.worthTelling(result);
        if (told !== null) tell(told);
      },
      lookAgain: () => watch.listSoon(),
      record: (whole) => {
        teller.tick(whole);
        learner.note(whole);
        tape.note(whole);
      },
    },
    state.memory,
  );

  const loop = createLoop(() => {
    if (clock.nowMs() - configReadMs >= keeper.settings().updateConfigMs) void takeSettings();
    const now = tick();
    lastTick = now;
    if (now.rests) return false;
    const { decision, sample } = now;
    parents.check(sample.engine.pilots);
    node.hidePilots(parents.blindness);
    void firstRelief.look(now);
    care.look(sample);
    move.look(now);
    trials.look(sample.atMs, sample.control.forceStop);
    rates.note(sample.host.pilotUse);
    troubles.retain(sample.engine.pilots);
    const isForced = ending.isForced(now);
    const cleared = decision.clear.map((name) => runFolder.clear(name));
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

  const doors = await openDoors({
    places,
    hostname,
    log,
    clock,
    startedMs,
    tick: () => lastTick,
    keeper,
    engineSide,
    teller,
    troubles,
    learner,
    rates,
    withPage: !options.endsAfterForceStop,
  });
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
  await settle(actor, watch, (result) => {
    care.noteResult(result);
    tell(result);
  });
  await engineSide.close();
  keep.close();
  store.savePilots(ledger.remembered());
  learner.close();
  tape.close();
  await teller.close();
  doors.close();
  log.info('the daemon has ended');
  runFolder.lookAgain();
  return runFolder.isOurPlace();
}
