/** The daemon to be started at boot. */
export interface BootPlan {
  /** Absolute paths: what runs at boot has a poor PATH. */
  readonly node: string;
  readonly planctonctl: string;
  /** `--user`, `--confdir` and their values, before the command. */
  readonly options: readonly string[];
  /** For this user only, not for the whole machine. */
  readonly asUser: boolean;
  readonly homeFolder: string;
  /** How `planctonctl` is called from a shell here. */
  readonly command: string;
}

/** Whether the daemon will start at boot, and how it is started now. */
export interface BootOutcome {
  readonly arranged: boolean;
  /** What was arranged, or why nothing was and what to do by hand. */
  readonly lines: readonly string[];
  readonly startNow: string;
}

/** How long `crontab` and `systemctl` may take. */
export const bootDeadlineMs = 30_000;

/** The line for a shell that starts the daemon. */
export function startByHand(plan: BootPlan): string {
  return shellLine([plan.command, ...plan.options, 'start']);
}

/** The outcome of an attempt that failed. */
export function notArranged(plan: BootPlan, why: string, byHand: string): BootOutcome {
  return {
    arranged: false,
    lines: [`The start at boot was not arranged: ${why}.`, `To arrange it by hand: ${byHand}`],
    startNow: startByHand(plan),
  };
}

/** Words as a line for sh, quoted where they have to be. */
export function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
