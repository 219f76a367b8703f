import { join } from 'node:path';
import { readEnd } from '../record/fileEnd.ts';
import type { Question, Reply, Route } from './reply.ts';

/** The page itself: what is asked for, the file that it is, and its type. */
const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
} as const;

/** No file of the page is so large. */
const mostBytes = 1_000_000;

/**
 * The routes of the page's files in `folder`. They are read when they are asked for and not kept, and each is there a second
 * time, compressed when it was built (`.gz`): the daemon compresses nothing.
 */
export function pageRoutes(folder: string): Readonly<Record<string, Route>> {
  return Object.fromEntries(
    Object.entries(files).map(([path, [name, type]]) => [
      path,
      (question) => fileReply(join(folder, name), type, question),
    ]),
  );
}

async function fileReply(path: string, type: string, question: Question): Promise<Reply> {
  const isPacked = takesGzip(question.acceptEncoding);
  const file = await readEnd(isPacked ? `${path}.gz` : path, mostBytes, 'follow');
  if (file === null) throw new Error(`${path} is not there: install Plancton again`);
  // Packages have their files be of one age, so it is not that by which a later version is told.
  const tag = `"${file.fileBytes.toString(36)}-${Math.round(file.changedMs).toString(36)}"`;
  const headers = {
    etag: tag,
    vary: 'accept-encoding',
    'cache-control': 'no-cache',
    ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
  };
  const isKnown = question.ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
  return isKnown ? { status: 304, type, body: '', headers } : { type, body: file.bytes, headers };
}

/** Whether an `Accept-Encoding` takes gzip (RFC 9110, 12.5.3). */
function takesGzip(header: string): boolean {
  return header
    .toLowerCase()
    .split(',')
    .some((part) => {
      const [coding, ...parameters] = part.split(';').map((one) => one.trim());
      return coding === 'gzip' && !parameters.some((one) => /^q=0(\.0*)?$/.test(one));
    });
}
