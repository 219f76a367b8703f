import { writeSync } from 'node:fs';
import { checks } from './checks.ts';
import { run, status } from './guest.ts';

/** How long one check may take. */
const checkMs = 120_000;
const longestWhy = 1500;

/** One line of the report, which whoever started the machine reads at the other end of a serial port. */
function tell(text: string): void {
  writeSync(1, `${text.replaceAll(/\s*\n\s*/g, ' | ')}\n`);
}

function whyOf(error: unknown): string {
  const { message, stack } = error as Error;
  const at = stack?.split('\n').find((line) => line.includes('scenario.cjs'));
  return `${message.slice(0, longestWhy)} (${at?.trim() ?? ''})`;
}

async function withDeadline(work: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it had no end after ${checkMs / 1000} s`)), checkMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function main(): Promise<void> {
  let failed = false;
  for (const { name, see } of checks) {
    const startedMs = performance.now();
    try {
      const seen = await withDeadline(see());
      tell(`ok ${name}: ${seen} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed = true;
      tell(`not ok ${name}: ${whyOf(error)}`);
    }
  }
  if (failed) await showMachine();
  process.exit(failed ? 1 : 0);
}

/** What helps to find out why. */
async function showMachine(): Promise<void> {
  writeSync(1, `status ${JSON.stringify(await status())}\n`);
  for (const words of [
    ['systemctl', 'status', '--no-pager', '--full', 'plancton', 'docker'],
    ['cat', '/var/log/plancton/plancton.log'],
    ['journalctl', '--no-pager', '-n', '150', '-p', 'info'],
  ]) {
    const [program = '', ...args] = words;
    writeSync(1, `--- ${words.join(' ')}\n${(await run(program, ...args)).text}\n`);
  }
}

void main();
