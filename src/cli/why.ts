import { join } from 'node:path';
import type { WhyAnswer } from '../daemon/answers.ts';
import type { Places } from '../model/places.ts';
import { findDaemon } from './findDaemon.ts';
import { lastLines } from './leftBehind.ts';
import { whySilent } from './silence.ts';
import { ask } from './statusClient.ts';

/** Lines of the log that are shown where no daemon can be asked. */
const lastCount = 5;

/** Prints why there are this many pilots; 1 when no daemon answers. */
export async function why(places: Places, options: { json?: boolean; profile?: boolean }): Promise<number> {
  const pid = await findDaemon(places);
  const answer = pid === null ? null : ((await ask(places, '/why')) as WhyAnswer | null);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    return answer === null ? 1 : 0;
  }
  if (answer === null) {
    process.stderr.write(
      `${pid === null ? 'Not running' : `PID ${pid} does not answer: ${whySilent(pid, places)}`}\n`,
    );
    const file = join(places.logFolder, 'plancton.log');
    const lines = lastLines(file, lastCount);
    if (lines.length > 0)
      process.stdout.write(`The last lines of ${file}:\n${lines.map((line) => `  ${line}\n`).join('')}`);
    return 1;
  }
  process.stdout.write(`${(options.profile === true ? profileText(answer) : whyText(answer)).join('\n')}\n`);
  return 0;
}

/** The answer in a few paragraphs for a person. */
export function whyText({ now, more, fewer, ladder, account, forecast }: WhyAnswer): readonly string[] {
  return [
    now,
    ...paragraph('One more:', more),
    ...paragraph('One fewer:', fewer),
    ...paragraph('Relief:', ladder.length === 0 ? ['the owner is not disturbed'] : ladder),
    ...paragraph('Account:', [account, ...(forecast === null ? [] : [forecast.sentence])]),
  ];
}

function profileText({ forecast }: WhyAnswer): readonly string[] {
  return forecast === null
    ? ['The node does not learn: learn is off']
    : [...forecast.week, '', forecast.sentence];
}

function paragraph(title: string, sentences: readonly string[]): readonly string[] {
  return sentences.length === 0 ? [] : ['', title, ...sentences.map((sentence) => `  ${sentence}`)];
}
