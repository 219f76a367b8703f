import { execFile } from 'node:child_process';
import type { CpuClass } from '../model/means.ts';

/** The slice at the top of the tree that holds those of all daemons: weights compare siblings only. */
export const topSlice = 'plancton.slice';

/** How long systemd may take over one call. */
const deadlineMs = 10_000;

/** In order: the next one is tried where systemd does not know the one before (`idle` came with systemd 252). */
const weightsOf: Readonly<Record<CpuClass, readonly string[]>> = {
  idle: ['idle', '1'],
  low: ['1'],
  normal: ['100'],
};

/**
 * Has systemd make the slice of all pilots and give it its weights (systemd.resource-control(5)), until the next boot:
 * systemd then keeps them, which it would not do for what is written behind its back. Gives null, or one line that says
 * what systemd refused. `program` is `systemctl`.
 */
export async function askSystemd(
  program: string,
  cpuClass: CpuClass,
  signal: AbortSignal,
): Promise<string | null> {
  const ask = (...args: string[]): Promise<string | null> =>
    run(program, ['--no-ask-password', ...args], signal);
  const notStarted = await ask('start', topSlice);
  if (notStarted !== null) return notStarted;
  let refusal: string | null = null;
  for (const weight of weightsOf[cpuClass]) {
    refusal = await ask('set-property', '--runtime', topSlice, `CPUWeight=${weight}`, 'IOWeight=1');
    if (refusal === null) return null;
  }
  return refusal;
}

function run(program: string, args: readonly string[], signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { encoding: 'utf8', timeout: deadlineMs, signal } as const;
    execFile(program, args, options, (error, _stdout, stderr) => {
      const said = stderr.replace(/\s+/g, ' ').trim();
      const failed =
        error === null ? '' : error.killed === true ? `no answer in ${deadlineMs / 1000} s` : error.message;
      resolve(error === null ? null : `${program} ${args.slice(1).join(' ')}: ${said || failed}`);
    });
  });
}
