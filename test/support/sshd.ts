import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './freePort.ts';
import { requireProgram, run, startServer } from './programs.ts';
import { until } from './until.ts';

/** A session with a terminal on a server of a test's own. */
export interface SshSession {
  type(keys: string): void;
  /** Ends the session, and the server. */
  close(): Promise<void>;
}

/** What the machine keeps of its logins is not this server's: it has folders and an account of its own for them. */
const ownFolders = `
  mount -t tmpfs tmpfs /run && mkdir /run/sshd && mount -t tmpfs tmpfs /var/log &&
  mount --bind "$1/shadow" /etc/shadow && exec "$0" -D -e -f "$1/conf"`;

/** Logs in over SSH at 127.0.0.1, as root, and runs `command` there; `folder` is where the server's files go. Takes root. */
export async function openSshSession(folder: string, command: string): Promise<SshSession> {
  const sshd = requireProgram('sshd', 'openssh-server');
  const ssh = requireProgram('ssh', 'openssh-client');
  const at = (name: string): string => join(folder, name);
  mkdirSync(folder);
  for (const key of ['host', 'user'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
  const port = await freePort();
  const address = `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${at('host')}\nPidFile none\n`;
  const account = `AuthorizedKeysFile ${at('user.pub')}\nStrictModes no\nPermitRootLogin yes\nUsePAM no\nUseDNS no\n`;
  writeFileSync(at('conf'), address + account);
  writeFileSync(at('shadow'), 'root:*:1::::::\n', { mode: 0o600 });
  const server = startServer('unshare', ['--mount', 'sh', '-c', ownFolders, sshd, folder], at('log'));
  await until(
    'the SSH server listens, or ends',
    () => server.log().includes('Server listening') || !server.runs(),
  );
  const options = ['IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
  const login = ['-F', 'none', '-tt', '-p', `${port}`, '-i', at('user')];
  const client = spawn(
    ssh,
    [...login, ...options.flatMap((option) => ['-o', option]), 'root@127.0.0.1', `echo opened; ${command}`],
    { stdio: 'pipe' },
  );
  const ended = once(client, 'close');
  let output = '';
  for (const stream of [client.stdout, client.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const close = async (): Promise<void> => {
    client.kill('SIGKILL');
    await ended;
    await server.stop();
  };
  await until('the session', () => /^opened\r?$/m.test(output)).catch(async (error: unknown) => {
    await close();
    throw new Error(`${String(error)}; it said: ${output}${server.log()}`);
  });
  return { type: (keys) => void client.stdin.write(keys), close };
}
