import type { Machine, Ran } from './machine.ts';
import { printable, Refusal } from './refusal.ts';
import type { Source } from './source.ts';

/** What bounds a clone. */
export interface CloneLimits {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Told how far git is, in its own words; left out, git is not asked to tell. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/**
 * Takes the newest state of a repository into an empty folder by the `git` program. Throws a Refusal that says what git
 * said, without any secret; the folder may then hold anything.
 */
export async function cloneInto(
  folder: string,
  source: Source,
  machine: Machine,
  limits: CloneLimits,
): Promise<void> {
  const { deadlineMs, signal, onProgress } = limits;
  const environment = { ...quietGit, ...credentialHelper(source) };
  const onStderr = onProgress === undefined ? {} : { onStderr: progressReader(onProgress) };
  const options = { deadlineMs, signal, environment, ...onStderr };
  const telling = onProgress === undefined ? '--quiet' : '--progress';
  let ran = await machine.run('git', cloneArguments(source, folder, [telling, '--depth=1']), options);
  if (ran.how === 'ended' && /dumb http transport/.test(ran.stderr.toString('utf8'))) {
    // A web server that only hands out files cannot give a part of a history.
    ran = await machine.run('git', cloneArguments(source, folder, [telling]), options);
  }
  if (ran.how === 'ended' && ran.code === 0) return;
  throw new Refusal(whyNot(source, ran, limits));
}

/** Git tells how far it is in lines that each end with a carriage return: `Receiving objects:  42% (42/100)`. */
const progressLine = /^(?:remote: )?([A-Z][a-z]+ [a-z]+): +(\d+)%/;

function progressReader(onProgress: (text: string) => void): (text: string) => void {
  return (text) => {
    const told = text.split(/[\r\n]/).flatMap((line) => progressLine.exec(line) ?? []);
    if (told.length > 0) onProgress(`${told.at(-2)}, ${told.at(-1)} %`);
  };
}

function cloneArguments(source: Source, folder: string, more: readonly string[]): string[] {
  const branch = source.branch === null ? [] : [`--branch=${source.branch}`];
  const never = ['-c', 'protocol.ext.allow=never', '-c', 'protocol.fd.allow=never'];
  // `--no-local`: a repository on this machine too is read through git's protocol, so that the depth holds.
  const clone = ['clone', ...more, '--no-local', ...branch];
  return [...never, ...clone, '--', source.address, folder];
}

/** Nothing is ever asked for, nothing but these protocols is spoken, and no repository of the caller's is meant. */
const quietGit: Readonly<Record<string, string | undefined>> = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  SSH_ASKPASS_REQUIRE: 'never',
  GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_OBJECT_DIRECTORY: undefined,
  GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_NAMESPACE: undefined,
};

/**
 * Credentials reach git by the environment, which only this user may read: a command line is open to everybody. The
 * helper serves their own host alone (a redirect elsewhere gets nothing) and stands before the user's helpers, which
 * are put aside so that none of them stores what it sees (gitcredentials(7)).
 */
function credentialHelper(source: Source): Record<string, string> {
  if (source.credentials === null) return {};
  const { origin, username, password } = source.credentials;
  return {
    PLANCTON_GIT_USERNAME: username.reveal(),
    PLANCTON_GIT_PASSWORD: password.reveal(),
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: '',
    GIT_CONFIG_KEY_1: `credential.${origin}.helper`,
    GIT_CONFIG_VALUE_1:
      '!f() { printf "username=%s\\npassword=%s\\n" "$PLANCTON_GIT_USERNAME" "$PLANCTON_GIT_PASSWORD"; }; f',
  };
}

function whyNot(source: Source, ran: Ran, limits: CloneLimits): string {
  switch (ran.how) {
    case 'missing':
      return 'git is not installed, and it is what fetches a configuration: install it (Debian, Ubuntu: apt-get install git; Fedora, RHEL: dnf install git; Alpine: apk add git) and try again';
    case 'failed':
      return `git could not be run: ${printable(ran.why)}`;
    case 'timeout':
      return `${source.shown} was not cloned within ${limits.deadlineMs / 1000} s: see whether its server answers, or allow more with --timeout`;
    case 'aborted':
      return 'interrupted: nothing was changed';
    case 'ended':
      return `git could not clone ${source.shown}: ${complaint(source, ran.stderr.toString('utf8'))}`;
  }
}

/** What git complained of, in one line and without secrets. */
function complaint(source: Source, stderr: string): string {
  const lines = withoutSecrets(source, stderr)
    .split(/[\r\n]/)
    .map((line) => printable(line.trim()))
    .filter((line) => line !== '' && !isProgress(line));
  const telling = lines.filter((line) =>
    /^(fatal|error|remote|ssh|.*denied|.*verification failed)/i.test(line),
  );
  return (telling.length > 0 ? telling : lines).slice(0, 4).join(' / ') || 'it did not say why';
}

/** What git says of its progress is no complaint. */
function isProgress(line: string): boolean {
  return /^Cloning into |^(remote: )?(Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Updating) |^remote: Total /.test(
    line,
  );
}

/** A name beside a password is no secret; a name alone is a token. */
function withoutSecrets(source: Source, text: string): string {
  const { username, password } = source.credentials ?? { username: null, password: null };
  const secret = password?.reveal() === '' ? username : password;
  const hidden = secret?.hideIn(text) ?? text;
  // git repeats addresses in forms of its own, with what it was redirected to: no user and no query of any is shown.
  return hidden
    .replaceAll(/(https?:\/\/)[^/@\s']*@/g, '$1')
    .replaceAll(/(https?:\/\/[^?\s']*)\?[^\s']*/g, '$1?…');
}
