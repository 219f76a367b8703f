import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { known, type Reading, unknown } from '../model/reading.ts';
import { isPilots } from './groups.ts';
import { listFolder, readKernelFile } from './kernelFile.ts';

/** How often the processes are looked through, and how many of them at once. */
const scanMs = 5000;
const looksPerScan = 300;
const tourPerScan = 100;
/** A process is looked at twice before it is believed to stay what it is: a shell becomes a program a moment after it was forked. */
const firstLooks = 2;
/** The kernel keeps so many letters of a name (TASK_COMM_LEN - 1). */
const commLength = 15;

/**
 * Which of the named programs run on the node, outside of pilots. Processes that were looked at are remembered, so a
 * scan costs one listing of `/proc`, two looks at each new process, and a stretch of a tour of the others (a program may
 * become another one, a number another process). Beside 2000 processes, measured: 6 ms each 5 s, 0.12 % of a core. Until
 * each has been looked at once, at 7 samples of 11 ms each, the answer is unknown, unless one was found already.
 */
export class ProgramWatch {
  readonly #root: string;
  /** By what the kernel tells, whose bytes are read one for one. */
  readonly #wanted: ReadonlyMap<string, string>;
  /** Looks at each process so far, in the order of the tour. */
  readonly #looks = new Map<string, number>();
  /** Processes that are one of the wanted programs, and which. */
  readonly #running = new Map<string, string>();
  #scannedMs: number | null = null;
  #last: Reading<readonly string[]> = unknown('no process was looked at yet');

  /** `root` is without a slash at its end: empty for the real one. */
  constructor(root: string, names: readonly string[]) {
    this.#root = root;
    this.#wanted = new Map(names.map((name) => [Buffer.from(name).toString('latin1'), name]));
  }

  /** The wanted programs that run, each once, in the order of their names. */
  read(nowMs: number): Reading<readonly string[]> {
    const isDue = this.#scannedMs === null || nowMs - this.#scannedMs >= scanMs || nowMs < this.#scannedMs;
    if (!isDue && this.#last.known) return this.#last;
    this.#scannedMs = nowMs;
    this.#last = this.#scan();
    return this.#last;
  }

  #scan(): Reading<readonly string[]> {
    const init = readKernelFile(`${this.#root}/proc/1/comm`);
    if (!init.known) return unknown(`the processes of others are hidden (${init.reason})`);
    const listed = listFolder(`${this.#root}/proc`);
    if (!listed.known) return listed;
    const pids = new Set(listed.value.filter((name) => /^\d+$/.test(name)));
    this.#forgetAllBut(pids);
    for (const pid of this.#running.keys()) this.#look(pid);
    for (const pid of this.#next(pids)) this.#look(pid);
    const unseen = pids.size - this.#looks.size;
    // One that is found is enough to know.
    if (unseen > 0 && this.#running.size === 0)
      return unknown(`${unseen} processes have not been looked at yet`);
    return known([...new Set(this.#running.values())].toSorted());
  }

  #forgetAllBut(pids: ReadonlySet<string>): void {
    for (const pid of this.#looks.keys()) if (!pids.has(pid)) this.#looks.delete(pid);
    for (const pid of this.#running.keys()) if (!pids.has(pid)) this.#running.delete(pid);
  }

  /** Processes never looked at, then those looked at once, and a stretch of the tour of the others. */
  #next(pids: ReadonlySet<string>): readonly string[] {
    const [fresh, tour]: [string[], string[]] = [[], []];
    for (const [pid, looks] of this.#looks) {
      if (looks < firstLooks) fresh.push(pid);
      else if (tour.length < tourPerScan) tour.push(pid);
    }
    const unseen = pids.size > this.#looks.size ? [...pids].filter((pid) => !this.#looks.has(pid)) : [];
    return [...[...unseen, ...fresh].slice(0, looksPerScan), ...tour];
  }

  #look(pid: string): void {
    const looks = (this.#looks.get(pid) ?? 0) + 1;
    this.#looks.delete(pid);
    this.#looks.set(pid, looks);
    const name = this.#nameOf(pid);
    if (name !== null && this.#isOwners(pid)) this.#running.set(pid, name);
    else this.#running.delete(pid);
  }

  /** Which wanted program a process is: by its name, the file that it runs, or, where its name was cut, its words. */
  #nameOf(pid: string): string | null {
    const comm = this.#text(pid, 'comm').replace(/\n$/, '');
    const byName = this.#wanted.get(comm) ?? this.#wanted.get(this.#fileOf(pid));
    if (byName !== undefined || comm.length < commLength) return byName ?? null;
    const words = this.#text(pid, 'cmdline').split('\0', 2);
    return words.map((word) => this.#wanted.get(basename(word))).find((name) => name !== undefined) ?? null;
  }

  #fileOf(pid: string): string {
    try {
      const file = readlinkSync(`${this.#root}/proc/${pid}/exe`, 'latin1');
      return basename(file.replace(/ \(deleted\)$/, ''));
    } catch {
      return '';
    }
  }

  /** Neither a pilot's nor a process that has ended and waits for its parent (state Z or X, proc(5)). */
  #isOwners(pid: string): boolean {
    const stat = this.#text(pid, 'stat');
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    return state !== '' && !'ZX'.includes(state) && !isPilots(this.#text(pid, 'cgroup'));
  }

  #text(pid: string, file: string): string {
    const text = readKernelFile(`${this.#root}/proc/${pid}/${file}`);
    return text.known ? text.value : '';
  }
}
