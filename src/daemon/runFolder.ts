import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { Places } from '../model/places.ts';
import type { ControlFiles } from '../model/view.ts';
import { clearControlFile, createControlReader, watchControlFiles } from './controlFiles.ts';
import { lookSeldom } from './lookSeldom.ts';
import { isTakenOrder } from './renewFiles.ts';
import type { Hold } from './onlyOne.ts';
import { createPlaceKeeper } from './placeKeeper.ts';

/** The daemon's run folder: what people and scripts ask for there, and the daemon's own place in it. */
export interface RunFolder {
  control(): ControlFiles;
  /** False when the place of the one daemon is not ours any more; puts in order what was removed of it. */
  isOurPlace(): boolean;
  /** Removes a control file that has done its work; true when it is gone. */
  clear(name: string): boolean;
  /** The next question is answered by a new look. */
  lookAgain(): void;
  /** Calls `onChange` when something in it comes or goes; gives what ends that. */
  watch(onChange: () => void): () => void;
}

/** The run folder as each tick asks for it: looked at when a watch tells of a change, and else each five seconds. */
export function openRunFolder(places: Places, hold: Hold, log: Log, clock: Clock): RunFolder {
  const nowMs = (): number => clock.nowMs();
  const control = lookSeldom(createControlReader(places.runFolder, log), nowMs);
  const isOurPlace = lookSeldom(createPlaceKeeper(places, hold, log), nowMs);
  /** Orders that were carried out and cannot be removed: that is told once, and they are known to be no orders any more. */
  const stuck = new Set<string>();
  const lookAgain = (): void => {
    control.again();
    isOurPlace.again();
  };
  return {
    control,
    isOurPlace,
    clear(name) {
      if (stuck.has(name)) return false;
      const isGone = clearControlFile(places.runFolder, name, log);
      if (!isGone && isTakenOrder(name)) stuck.add(name);
      lookAgain();
      return isGone;
    },
    lookAgain,
    watch: (onChange) =>
      watchControlFiles(places.runFolder, () => {
        lookAgain();
        onChange();
      }),
  };
}
