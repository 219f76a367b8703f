import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { known, type Reading, unknown } from '../model/reading.ts';
import { isAbsent, listFolder, readKernelFile } from './kernelFile.ts';

const askEachMs = 10_000;
/** An answer that is older than this says nothing any more. */
const staleMs = 60_000;
const patienceMs = 5000;

/** Asks logind about some sessions; resolves to what `loginctl` prints. */
export type AskLogind = (sessions: readonly string[]) => Promise<string>;

/** `loginctl show-session`, which speaks to logind by D-Bus: 8 ms of CPU time, so seldom, and only for a screen in use. */
export const askLoginctl: AskLogind = (sessions) =>
  new Promise((resolve, reject) => {
    const args = ['show-session', ...sessions, '-p', 'Id', '-p', 'IdleHint', '-p', 'IdleSinceHintMonotonic'];
    const options = {
      timeout: patienceMs,
      killSignal: 'SIGKILL',
      env: { ...process.env, LC_ALL: 'C' },
    } as const;
    execFile('loginctl', args, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`loginctl: ${error.message.trim().split('\n').at(-1)}`));
    });
  });

/**
 * The sessions with a screen, by the files that logind keeps (sd-login(3) reads them too: `TYPE`, `CLASS`, `STATE`);
 * greeters and sessions that are closing are nobody. Null where there is no logind.
 */
export function screenSessions(root: string): Reading<readonly string[]> | null {
  const folder = `${root}/run/systemd/sessions`;
  const names = listFolder(folder);
  if (!names.known) return isAbsent(names) ? null : names;
  const found: string[] = [];
  // Others are pipes, which would make the reader wait.
  for (const name of names.value.filter((name) => /^[A-Za-z0-9]+$/.test(name))) {
    const text = readKernelFile(`${folder}/${name}`);
    if (!text.known && !isAbsent(text)) return text;
    const lines = new Set(text.known ? text.value.split('\n') : []);
    const hasScreen = ['TYPE=x11', 'TYPE=wayland', 'TYPE=mir'].some((line) => lines.has(line));
    const isUsers = [...lines].some((line) => /^CLASS=user(-\w+)*$/.test(line));
    if (hasScreen && isUsers && !lines.has('STATE=closing')) found.push(name);
  }
  return known(found);
}

/** Milliseconds since the session that was used last was used, by logind's idle hints; 0 while one is not idle. */
export function parseIdleHints(text: string, nowMs: number): Reading<number> {
  const hints = [...text.matchAll(/^IdleHint=(yes|no)$/gm)].map((match) => match[1]);
  const since = [...text.matchAll(/^IdleSinceHintMonotonic=(\d+)$/gm)].map((match) => Number(match[1]));
  if (hints.length === 0) return unknown('loginctl told of no session');
  if (hints.includes('no')) return known(0);
  if (since.length < hints.length) return unknown('loginctl did not tell since when a session is idle');
  return known(Math.max(0, nowMs - Math.max(...since) / 1000));
}

/** Follows how long screens have been idle. It asks beside the tick, and each reading is of the last answer. */
export class ScreenWatch {
  readonly #root: string;
  readonly #ask: AskLogind;
  #askedMs: number | null = null;
  #isAsking = false;
  #answer: { readonly text: string; readonly atMs: number } | null = null;
  #failure = '';

  /** `root` is without a slash at its end: empty for the real one. */
  constructor(root: string, ask: AskLogind) {
    this.#root = root;
    this.#ask = ask;
  }

  /** Milliseconds since somebody used a screen; `Infinity` where none is in use. */
  read(nowMs: number): Reading<number> {
    const sessions = screenSessions(this.#root);
    if (sessions === null) return this.#withoutLogind();
    if (!sessions.known) return sessions;
    if (sessions.value.length === 0) {
      this.#answer = null;
      return known(Number.POSITIVE_INFINITY);
    }
    this.#askAgain(sessions.value, nowMs);
    if (this.#answer !== null && nowMs - this.#answer.atMs < staleMs) {
      return parseIdleHints(this.#answer.text, nowMs);
    }
    const reason = this.#failure === '' ? 'logind has not answered yet' : this.#failure;
    return unknown(`somebody has a screen, and cannot be told to be away: ${reason}`);
  }

  #withoutLogind(): Reading<number> {
    if (!existsSync(`${this.#root}/tmp/.X11-unix/X0`)) return known(Number.POSITIVE_INFINITY);
    return unknown('a screen is in use, and without logind nothing tells when it was used last');
  }

  #askAgain(sessions: readonly string[], nowMs: number): void {
    const isDue = this.#askedMs === null || nowMs - this.#askedMs >= askEachMs || nowMs < this.#askedMs;
    if (!isDue || this.#isAsking) return;
    this.#askedMs = nowMs;
    this.#isAsking = true;
    void this.#takeAnswer(sessions, nowMs);
  }

  async #takeAnswer(sessions: readonly string[], nowMs: number): Promise<void> {
    try {
      this.#answer = { text: await this.#ask(sessions), atMs: nowMs };
      this.#failure = '';
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    } finally {
      this.#isAsking = false;
    }
  }
}
