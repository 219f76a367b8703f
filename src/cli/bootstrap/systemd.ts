import { join } from 'node:path';
import { bootDeadlineMs, notArranged, startByHand, type BootOutcome, type BootPlan } from './bootPlan.ts';
import { complaintOf, type Machine } from './machine.ts';
import { whyOf } from './refusal.ts';

const unitName = 'plancton.service';
/** By its first line we know a unit file of ours, and may write it anew. */
const marker =
  '# Made by plancton-bootstrap, which writes it anew: your changes belong in plancton.service.d/*.conf';

/** The text of the unit. `KillMode=process`: a stop concerns the daemon alone, pilots go on and are adopted later. */
export function unitText(plan: BootPlan): string {
  const command = [plan.planctonctl, ...plan.options, 'nodaemon'];
  const after = plan.asUser
    ? []
    : ['Wants=network-online.target', 'After=network-online.target docker.service podman.socket'];
  return [
    marker,
    '[Unit]',
    'Description=Plancton, which fills the idle time of this computer with pilots',
    ...after,
    '',
    '[Service]',
    'Type=notify',
    'NotifyAccess=all',
    // systemd's PATH is poor, and the launcher takes the Node that it is told.
    `Environment=${unitWord(`PLANCTON_NODE=${plan.node}`)}`,
    `ExecStart=${command.map(unitWord).join(' ')}`,
    'KillMode=process',
    // The daemon's tick pings: one that hangs is started again, and the next one adopts its pilots.
    'WatchdogSec=120',
    // `planctonctl stop` allows the daemon 120 s to end.
    'TimeoutStopSec=130',
    'Restart=on-failure',
    'RestartSec=10',
    '',
    '[Install]',
    `WantedBy=${plan.asUser ? 'default.target' : 'multi-user.target'}`,
    '',
  ].join('\n');
}

/** A word of ExecStart: `%` and `$` stand for themselves when doubled, the rest as in C (systemd.service(5)). */
function unitWord(word: string): string {
  const literal = word.replaceAll('%', '%%').replaceAll('$', () => '$$');
  if (/^[\w@%+=:,./$-]+$/.test(literal)) return literal;
  return `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Where the unit goes: the machine's, or the user's own. */
function unitFile(plan: BootPlan): string {
  return plan.asUser
    ? join(plan.homeFolder, '.config', 'systemd', 'user', unitName)
    : join('/etc/systemd/system', unitName);
}

/** Writes the unit and enables it; it is not started. */
export async function arrangeBySystemd(
  plan: BootPlan,
  machine: Machine,
  signal: AbortSignal,
): Promise<BootOutcome> {
  const file = unitFile(plan);
  const systemctl = plan.asUser ? 'systemctl --user' : 'systemctl';
  const options = { deadlineMs: bootDeadlineMs, signal, environment: { LC_ALL: 'C' } };
  const failed = (why: string, byHand: string) => notArranged(plan, why, byHand);
  const text = unitText(plan);
  try {
    const there = machine.readText(file);
    if (there !== null && !there.startsWith(marker)) {
      return failed(`${file} is there already and not ours`, `enable that one, or remove it and try again`);
    }
    if (there !== text) machine.writeText(file, text);
  } catch (error) {
    return failed(`${file} could not be written: ${whyOf(error)}`, `have systemd run "${startByHand(plan)}"`);
  }
  const byHand = `${systemctl} daemon-reload && ${systemctl} enable ${unitName}`;
  for (const verb of [['daemon-reload'], ['enable', unitName]]) {
    const args = [...(plan.asUser ? ['--user'] : []), '--no-pager', '--no-ask-password', ...verb];
    const ran = await machine.run('systemctl', args, options);
    const complaint = complaintOf(`${systemctl} ${verb.join(' ')}`, ran);
    if (complaint !== '') return failed(`${file} was written, but ${complaint}`, byHand);
  }
  return {
    arranged: true,
    lines: [`It starts at boot, by ${file}.`, ...(plan.asUser ? [lingerHint] : [])],
    startNow: `${systemctl} start plancton`,
  };
}

const lingerHint =
  "As it is this user's, it starts at the first login and ends with the last: loginctl enable-linger makes that boot and shutdown.";
