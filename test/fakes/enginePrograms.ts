import { constants } from 'node:os';
import type { LogStream } from '../../src/model/engine.ts';

/** Something that a program writes. */
export interface Said {
  readonly stream: LogStream;
  readonly text: string;
}

/** What a signal does to a program. */
export interface Reaction {
  readonly says: readonly Said[];
  /** The exit code it ends with; null when it pays no heed. */
  readonly endsWith: number | null;
}

/** What a fake container does when its command runs: as much of a shell as tests ask for. */
export interface FakeProgram {
  /** The exit code with which it ends at once by itself; null when it goes on until it is ended. */
  readonly endsWith: number | null;
  /** What it writes as it starts. */
  readonly says: readonly Said[];
  /** What a signal (`SIGTERM`) does to it. */
  onSignal(name: string): Reaction;
}

/** Reads a command as a fake container takes it: `trap`, `exit`, `echo`, and programs that are not there. */
export function programOf(command: readonly string[]): FakeProgram {
  const script = /^(?:\/bin\/)?sh -c (.*)$/s.exec(command.join(' '))?.[1] ?? '';
  const statements = script.replaceAll(/trap '[^']*' \w+;? */g, '');
  const isPlain = /^(?:echo \w+(?: >&2)?; )*exit \d+$/.test(statements);
  return {
    // The init program starts, and ends so when there is nothing to run.
    endsWith: command[0]?.startsWith('/no/such/') ? 127 : isPlain ? exitIn(statements) : null,
    says: saidIn(statements),
    onSignal: (name) => {
      const trap = new RegExp(`trap '([^']*)' ${name.replace(/^SIG/, '')}\\b`).exec(script)?.[1];
      return trap === undefined
        ? { says: [], endsWith: 128 + numberOf(name) }
        : { says: saidIn(trap), endsWith: exitIn(trap) };
    },
  };
}

function saidIn(statements: string): readonly Said[] {
  return [...statements.matchAll(/echo (\w+)( >&2)?/g)].map(([, word = '', toError]) => ({
    stream: toError === undefined ? 'stdout' : 'stderr',
    text: `${word}\n`,
  }));
}

function exitIn(statements: string): number | null {
  const code = /exit (\d+)/.exec(statements)?.[1];
  return code === undefined ? null : Number(code);
}

function numberOf(name: string): number {
  return Object.entries(constants.signals).find(([known]) => known === name)?.[1] ?? 0;
}
