import {
  bootDeadlineMs,
  notArranged,
  shellLine,
  startByHand,
  type BootOutcome,
  type BootPlan,
} from './bootPlan.ts';
import { complaintOf, type Machine } from './machine.ts';

/** What our own line ends with: a comment to the shell that cron gives it to. */
const marker = '# plancton-bootstrap';

/** The line of a crontab that starts the daemon at boot; cron reads `%` as a line's end unless it is escaped. */
export function cronLine(plan: BootPlan): string {
  const command = `PLANCTON_NODE=${shellLine([plan.node])} ${shellLine([plan.planctonctl, ...plan.options, 'start'])}`;
  return `@reboot ${command.replaceAll('%', '\\%')} ${marker}`;
}

/**
 * A crontab with our line in it once: where ours stands already it is replaced, every other line stays as it is.
 * Both texts are bytes as latin1, so that lines in any encoding pass unharmed.
 */
export function crontabWith(line: string, crontab: string): string {
  const bytes = Buffer.from(line, 'utf8').toString('latin1');
  const lines = crontab === '' ? [] : crontab.replace(/\n$/, '').split('\n');
  const at = lines.findIndex(isOurs);
  const others = lines.filter((other) => !isOurs(other));
  const before = at < 0 ? others.length : lines.slice(0, at).filter((other) => !isOurs(other)).length;
  return `${others.toSpliced(before, 0, bytes).join('\n')}\n`;
}

function isOurs(line: string): boolean {
  return line.startsWith('@reboot ') && line.trimEnd().endsWith(marker);
}

/** Puts the start at boot into the user's crontab. */
export async function arrangeByCron(
  plan: BootPlan,
  machine: Machine,
  signal: AbortSignal,
): Promise<BootOutcome> {
  const line = cronLine(plan);
  const failed = (why: string) =>
    notArranged(plan, why, `have cron, or what this system starts things with, run: ${line}`);
  const options = { deadlineMs: bootDeadlineMs, signal, environment: { LC_ALL: 'C' } };
  const listed = await machine.run('crontab', ['-l'], options);
  if (listed.how === 'missing') return failed('there is no systemd that runs, and no crontab program');
  if (listed.how !== 'ended') return failed(complaintOf('crontab -l', listed));
  const none = listed.code === 1 && /no crontab|can't open/i.test(listed.stderr.toString('latin1'));
  // A crontab that could not be read must not be overwritten.
  if (listed.code !== 0 && !none) return failed(complaintOf('crontab -l', listed));
  const before = none ? '' : listed.stdout.toString('latin1');
  const after = crontabWith(line, before);
  if (after !== before) {
    const written = await machine.run('crontab', ['-'], { ...options, input: Buffer.from(after, 'latin1') });
    const complaint = complaintOf('crontab -', written);
    if (complaint !== '') return failed(complaint);
  }
  return {
    arranged: true,
    lines: ["It starts at boot, by the @reboot line in this user's crontab."],
    startNow: startByHand(plan),
  };
}
