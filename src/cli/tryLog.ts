import type { Engine, EngineInfo } from '../model/engine.ts';
import type { Kind } from '../model/kind.ts';
import { LogRates, logFileOf } from '../sample/logRate.ts';
import { openOutput } from './logOutput.ts';

/** Tells, at each look, whether it writes more to its log than it may, as the daemon does; null when it does not. */
export function logRateOf(
  info: EngineInfo,
  { logRateBytes }: Kind,
  id: string,
  say: (line: string) => void,
): (nowMs: number) => string | null {
  const file = logFileOf(info, id);
  if (logRateBytes === null) return () => null;
  if (!file.known) {
    say(`How fast it writes to its log is not looked at: ${file.reason}`);
    return () => null;
  }
  const rates = new LogRates();
  return (nowMs) => {
    const rate = rates.read(new Map([[id, file]]), nowMs).get(id);
    if (rate?.known !== true || rate.value <= logRateBytes) return null;
    const [has, may] = [rate.value, logRateBytes].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
    return `It writes ${has} a second to its log, ${may} are allowed (log_rate): giving it notice, as the daemon would`;
  };
}

/** The printing of a log. */
export interface Printing {
  /** Resolves when all was told; never rejects. */
  readonly ended: Promise<void>;
  readonly isOver: boolean;
}

/** Prints what it writes until its end; without a log that can be read, its end is waited for all the same. */
export function printed(
  engine: Engine,
  id: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Printing {
  const output = openOutput(() => undefined);
  let isOver = false;
  const all = { follow: true, tailBytes: null };
  const follow = async (): Promise<void> => {
    try {
      await engine.logs(id, all, (stream, bytes) => output.take(stream, bytes), signal);
    } catch (error) {
      if (!signal.aborted) say((error as Error).message);
    }
    isOver = true;
  };
  const ended = follow();
  return {
    ended,
    get isOver() {
      return isOver;
    },
  };
}
