import { Secret } from '../../model/secret.ts';
import { printable, Refusal } from './refusal.ts';

/** Who to be at a server that asks: the two halves of what stood before the `@`. */
interface Credentials {
  /** The protocol and host that alone may be given them, as `https://host:port`. */
  readonly origin: string;
  readonly username: Secret;
  readonly password: Secret;
}

/** A git repository to take a configuration from. */
export interface Source {
  /** What git is given, without credentials. */
  readonly address: string;
  /** A branch (or tag), or null for the repository's own choice. */
  readonly branch: string | null;
  /** Fit for printing. */
  readonly shown: string;
  readonly credentials: Credentials | null;
}

/** The forms that a SOURCE may have, for help and errors. */
export const sourceForms =
  '<user>/<repo>[:<branch>] on GitHub, or a git address (https://…, ssh://…, git@host:path, git://…, file:///…, /absolute/path) with #<branch> for a branch';

const gitHubForm = /^(?<user>[A-Za-z0-9_][A-Za-z0-9_-]*)\/(?<repo>[A-Za-z0-9._-]+)(?:[:#](?<branch>.+))?$/;
const secureShellForm = /^(?:(?<user>[^@:/]+)@)?(?<host>[^@:/]+):(?<path>[^:].*)$/;
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const unprintable = /[\s\u0000-\u001f\u007f-\u009f]/;

/**
 * Reads a SOURCE as the user wrote it. Refuses what is none of the known forms, and everything by which an address could
 * make git run a program or take an option: a refusal never repeats what may hold a password.
 */
export function parseSource(text: string): Source {
  if (text === '') throw new Refusal(`SOURCE is empty: give ${sourceForms}`);
  if (unprintable.test(text)) {
    throw new Refusal('SOURCE has a blank or a control character in it: write it as %20 and the like');
  }
  if (text.startsWith('-')) throw new Refusal('SOURCE begins with "-", which git would take for an option');
  if (/^[A-Za-z0-9+.-]+::/.test(text)) {
    throw new Refusal(
      'SOURCE asks for a git remote helper ("name::…"), which could run any program: not taken',
    );
  }
  const gitHub = gitHubForm.exec(text)?.groups;
  if (gitHub !== undefined) return gitHubSource(gitHub['user'] ?? '', gitHub['repo'] ?? '', gitHub['branch']);
  const { address, branch } = splitBranch(text);
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(address)) return urlSource(address, branch);
  if (address.startsWith('/')) return { address, branch, shown: address, credentials: null };
  return secureShellSource(address, branch);
}

function gitHubSource(user: string, repo: string, branch: string | undefined): Source {
  const name = repo.replace(/\.git$/, '');
  if (/^\.*$/.test(name))
    throw new Refusal(`"${user}/${repo}" is not a GitHub repository: give ${sourceForms}`);
  const address = `https://github.com/${user}/${name}.git`;
  return { address, branch: checkedBranch(branch), shown: address, credentials: null };
}

function splitBranch(text: string): { address: string; branch: string | null } {
  const at = text.lastIndexOf('#');
  if (at < 0) return { address: text, branch: null };
  if (text.includes('@', at)) {
    throw new Refusal('SOURCE has an "@" after its "#": write a "#" that is part of a password as %23');
  }
  return { address: text.slice(0, at), branch: checkedBranch(text.slice(at + 1)) };
}

/** The rules of git-check-ref-format(1), without its rarer corners. */
function checkedBranch(branch: string | undefined): string | null {
  if (branch === undefined) return null;
  const bad =
    branch === '' ||
    /^[-/]|[/.]$|\.lock$|\.\.|\/[/.]|^\.|@\{|[~^:?*[\\]/.test(branch) ||
    unprintable.test(branch);
  if (bad)
    throw new Refusal(`"${printable(branch)}" cannot be the name of a git branch: correct it in SOURCE`);
  return branch;
}

function urlSource(address: string, branch: string | null): Source {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null) throw new Refusal(`SOURCE looks like a URL but is none: give ${sourceForms}`);
  switch (url.protocol) {
    case 'https:':
    case 'http:':
      return webSource(url, branch);
    case 'ssh:':
    case 'git:':
      checkHost(url.hostname);
      checkHost(url.username);
      if (url.password !== '') {
        throw new Refusal(
          `a password in an ${url.protocol}// address is of no use to git: leave it out, use a key`,
        );
      }
      return { address, branch, shown: address, credentials: null };
    case 'file:':
      if (url.hostname !== '')
        throw new Refusal('a file: address needs three slashes: file:///absolute/path');
      return { address, branch, shown: address, credentials: null };
    default:
      throw new Refusal(`git addresses by ${url.protocol}// are not taken: give ${sourceForms}`);
  }
}

/** A web address; what identifies the user in it (a token may stand in either half) never goes to git's command line. */
function webSource(url: URL, branch: string | null): Source {
  const [username, password] = [decoded(url.username), decoded(url.password)];
  const query = url.search === '' ? '' : '?…';
  const bare = new URL(url.href);
  bare.username = '';
  bare.password = '';
  return {
    address: bare.href,
    branch,
    shown: `${bare.origin}${bare.pathname}${query}`,
    credentials:
      username === '' && password === ''
        ? null
        : { origin: bare.origin, username: new Secret(username), password: new Secret(password) },
  };
}

function secureShellSource(address: string, branch: string | null): Source {
  const form = secureShellForm.exec(address)?.groups;
  if (form === undefined) throw new Refusal(`SOURCE is no address that git can clone: give ${sourceForms}`);
  checkHost(form['host'] ?? '');
  checkHost(form['user'] ?? '');
  if (form['user'] === undefined && form['path']?.includes('@') === true) {
    throw new Refusal('SOURCE has a ":" before its "@": ssh takes no password from an address; use a key');
  }
  if (form['path']?.startsWith('-') === true)
    throw new Refusal('the path in SOURCE begins with "-": not taken');
  return { address, branch, shown: address, credentials: null };
}

/** A host or user that begins with "-" would be an option to ssh. */
function checkHost(name: string): void {
  if (decoded(name).startsWith('-')) throw new Refusal('a host or user in SOURCE begins with "-": not taken');
}

function decoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw new Refusal(
      'SOURCE has a "%" that is not followed by two hexadecimal digits: write "%" itself as %25',
    );
  }
  if (plain !== text && unprintable.test(plain)) {
    throw new Refusal('SOURCE has a blank or a control character before its host: not taken');
  }
  return plain;
}
