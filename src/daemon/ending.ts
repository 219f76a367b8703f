import type { Log } from '../model/log.ts';
import type { EndSignals } from './endSignals.ts';
import { cleanUpPatienceMs, createForceStopJudge } from './forceStopEnd.ts';
import type { Tick } from './tick.ts';
import type { Troubles } from './troubles.ts';

/** What the end of a daemon hangs on. */
export interface EndingParts {
  readonly endSignals: EndSignals;
  /** Ends by itself when a `force-stop` file has been carried out: a one-time clean-up without a daemon. */
  readonly endsAfterForceStop: boolean;
  readonly troubles: Troubles;
  readonly log: Log;
  /** False when the place of the one daemon is not ours any more. */
  isOurPlace(): boolean;
  /** Called when the daemon is asked to end. */
  onAsked(): void;
}

/** Whether the daemon is to end. */
export interface Ending {
  /** Whether somebody or something asks it to end when its work is in order; looks at its place, too. */
  isAsked(): boolean;
  /** Whether it ends after this tick, whatever is left to do. */
  isForced(tick: Tick): boolean;
}

/** Follows what asks the daemon to end. */
export function createEnding(parts: EndingParts): Ending {
  const { endSignals, endsAfterForceStop, log } = parts;
  const judge = createForceStopJudge(parts.troubles);
  let asked = endsAfterForceStop;
  let hurried = false;
  let beganMs: number | null = null;
  endSignals.heed((signal) => {
    // Who presses Ctrl-C again waits for nothing any more: a force-stop on an engine that never answers has no other end.
    hurried ||= asked && signal === 'SIGINT';
    log.info(`${signal}: the daemon is asked to end${hurried ? ' at once' : ''}`);
    asked = true;
    parts.onAsked();
  });
  process.on('SIGUSR1', () => log.info('SIGUSR1 is ignored'));

  /** Nobody waits for long at a terminal for an engine that is not there. */
  const isInVain = ({ sample }: Tick): boolean => {
    beganMs ??= sample.atMs;
    return (
      endsAfterForceStop && sample.engine.state === 'waiting' && sample.atMs - beganMs > cleanUpPatienceMs
    );
  };

  return {
    isAsked() {
      asked = !parts.isOurPlace() || asked;
      return asked;
    },
    isForced(tick) {
      const givenUp = judge(tick);
      if (givenUp !== null) log.error(givenUp);
      return isInVain(tick) || hurried || givenUp !== null;
    },
  };
}
