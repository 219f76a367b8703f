import { notArranged, startByHand, type BootOutcome, type BootPlan } from './bootPlan.ts';
import { arrangeByCron } from './cron.ts';
import type { Machine } from './machine.ts';
import { arrangeBySystemd } from './systemd.ts';

/** Arranges a start at boot: by systemd where it runs, by cron elsewhere. Never throws: what fails is told. */
export async function arrangeBoot(
  plan: BootPlan,
  machine: Machine,
  signal: AbortSignal,
): Promise<BootOutcome> {
  if (!machine.exists(plan.planctonctl)) {
    return notArranged(plan, `there is no ${plan.planctonctl}`, `have "${startByHand(plan)}" run at boot`);
  }
  if ([plan.node, plan.planctonctl, ...plan.options].some((word) => /[\r\n]/.test(word))) {
    return notArranged(plan, 'a path has a line break in it', 'use paths without');
  }
  // sd_booted(3): this folder is there exactly where systemd is what started the machine.
  const arrange = machine.exists('/run/systemd/system') ? arrangeBySystemd : arrangeByCron;
  return arrange(plan, machine, signal);
}
