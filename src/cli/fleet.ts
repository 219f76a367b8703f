import { readFleet } from '../fleet/readFleet.ts';
import type { FleetAnswer } from '../model/fleet.ts';
import type { Places } from '../model/places.ts';
import { spanText } from '../decide/numbers.ts';
import { UserFault } from './fault.ts';
import { type FleetOptions, sourceOf } from './fleetOptions.ts';
import { questionOf, spanOf } from './fleetQuestion.ts';
import { checkChoice, chosenNodes } from './fleetRows.ts';
import { courseLines, dayLines, nodeLines } from './fleetText.ts';
import { localTime } from './historyOptions.ts';
import { Output, writeOut } from './output.ts';
import { showsUnicode } from './sparkline.ts';

/**
 * Prints what the database that nodes report to knows of them: a table, or JSON (`FleetAnswer`) for programs. Resolves to
 * the exit code. Throws `UserFault` where the database cannot be asked.
 */
export async function fleet(places: Places, options: FleetOptions, write = writeOut): Promise<number> {
  const question = questionOf(options, Date.now());
  const limit = limitOf(options.limit);
  const timeoutMs = spanOf('--timeout', options.timeout ?? '2m');
  checkChoice(options);
  const source = sourceOf(options, places, process.env);
  let answer: FleetAnswer;
  try {
    answer = await readFleet(source, question, AbortSignal.timeout(timeoutMs));
  } catch (error) {
    if (error instanceof Error && error.name === 'SourceFault') throw new UserFault(error.message);
    throw error;
  }
  const output = new Output(write);
  const nodes = chosenNodes(answer, options);
  if (options.json === true) output.line(JSON.stringify({ ...answer, nodes: nodes.slice(0, limit) }));
  else if (nodes.length > 0) {
    output.line(`${answer.source}, ${localTime(answer.askedMs)}`);
    output.line('');
    const course = courseLines(answer, showsUnicode(process.env));
    for (const line of [...course, ...dayLines(answer), ...nodeLines(nodes, limit)]) output.line(line);
  }
  output.end();
  if (nodes.length === 0) process.stderr.write(`${emptyText(answer, question.forgetMs)}\n`);
  return 0;
}

function emptyText({ nodes, source }: FleetAnswer, forgetMs: number): string {
  if (nodes.length > 0) return `None of ${nodes.length} nodes fits`;
  return `${source}: no node has reported in the last ${spanText(forgetMs)}`;
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new UserFault(`--limit: expected a whole number, not ${JSON.stringify(text)}`);
  return count;
}
