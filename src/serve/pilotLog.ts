import { join } from 'node:path';
import type { Settings } from '../model/settings.ts';
import { readEnd } from '../record/fileEnd.ts';
import { namesLater } from '../record/laterFile.ts';
import { type Reply, type Route, textReply } from './reply.ts';

/** As much of a log as is told: its end. */
const mostBytes = 262_144;

/** What logs are told from. */
export interface PilotLogParts {
  /** The daemon's log folder; logs of pilots are in `pilots` below it. */
  readonly logFolder: string;
  readonly logReaders: () => Settings['listenLogs'];
}

/**
 * `/api/log?name=`: the end of what a pilot wrote that has ended, as it was kept. The name is looked for in the folder
 * of kept logs and never makes a path by itself.
 */
export function pilotLogRoute({ logFolder, logReaders }: PilotLogParts): Route {
  const folder = join(logFolder, 'pilots');
  return async ({ query, isLocal }) => {
    const readers = logReaders();
    if (readers === 'none' || (readers === 'local' && !isLocal)) return refusal(readers);
    const wanted = `${query.get('name') ?? ''}.log`;
    const found = (await namesLater(folder)).find((name) => name === wanted);
    const end = found === undefined ? null : await readEnd(join(folder, found), mostBytes, 'refuse');
    if (end === null)
      return textReply(
        404,
        'no log of this name is kept: the pilot runs still, wrote nothing, or ended long ago',
      );
    return { type: 'text/plain; charset=utf-8', body: fromWholeLine(end.bytes, end.fileBytes) };
  };
}

function refusal(readers: 'local' | 'none'): Reply {
  const who = readers === 'none' ? 'nobody' : 'this node itself alone';
  return textReply(
    403,
    `what pilots wrote is told to ${who} here: listen_logs changes that, and there is planctonctl logs`,
  );
}

/** Says how much is missing, and begins with a whole line. */
function fromWholeLine(bytes: Buffer, fileBytes: number): Uint8Array {
  if (fileBytes <= bytes.length) return bytes;
  const rest = bytes.subarray(bytes.indexOf(10) + 1);
  const mark = `[plancton: the first ${fileBytes - rest.length} bytes are left out here]\n`;
  return Buffer.concat([Buffer.from(mark), rest]);
}
