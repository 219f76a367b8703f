import { spawn } from 'node:child_process';
import { Secret } from '../model/secret.ts';

/** How long a credential helper may take: it may ask a key ring or the network. */
export const helperDeadlineMs = 10_000;

/** A user and the password or token that goes with it. */
export interface Credentials {
  readonly username: string;
  readonly secret: Secret;
  /** The secret is an identity token, not a password. */
  readonly isToken: boolean;
}

const outputLimit = 1_000_000;

/**
 * Asks `docker-credential-<name>` for a registry's credentials by Docker's protocol (the server's name on its input,
 * JSON on its output); null when it has none. Rejects with an Error of one line that quotes nothing the helper said.
 */
export async function askHelper(
  name: string,
  server: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<Credentials | null> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new Error(`"${name}" in Docker's configuration is no name of a credential helper`);
  }
  const program = `docker-credential-${name}`;
  const { status, output } = await runHelper(program, server, env, signal);
  if (status !== 0) {
    // The one thing that a helper says in words: it is part of the protocol.
    if (/credentials not found/i.test(output)) {
      return null;
    }
    throw new Error(`${program} failed for ${server} (exit ${status}): run it by hand to see why`);
  }
  return parseCredentials(program, output);
}

function parseCredentials(program: string, output: string): Credentials {
  let told: { Username?: unknown; Secret?: unknown };
  try {
    told = JSON.parse(output) as typeof told;
  } catch {
    throw new Error(`${program} did not answer with JSON`);
  }
  if (typeof told?.Username !== 'string' || typeof told.Secret !== 'string') {
    throw new Error(`${program} answered without Username and Secret`);
  }
  return { username: told.Username, secret: new Secret(told.Secret), isToken: told.Username === '<token>' };
}

function runHelper(
  program: string,
  server: string,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<{ readonly status: number | string; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...env },
      timeout: helperDeadlineMs,
      killSignal: 'SIGKILL',
      signal,
    });
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output = output.length < outputLimit ? output + chunk : output;
    });
    // A helper that does not read its input is not at fault for that.
    child.stdin.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'ENOENT' ? 'there is no such program on the path' : (error.code ?? error.name);
      reject(new Error(`cannot run ${program}: ${why}`, { cause: error }));
    });
    child.on('close', (code, killedBy) => {
      const late = killedBy === 'SIGKILL' ? `killed, perhaps after ${helperDeadlineMs / 1000} s` : killedBy;
      resolve({ status: code ?? late ?? 'unknown', output });
    });
    child.stdin.end(server);
  });
}
