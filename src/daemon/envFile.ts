import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { EngineError } from '../model/engine.ts';

/** The most that is read: what is larger is something else than a file of variables. */
const mostBytes = 65_536;
const variable = /^([A-Za-z_][\w.-]*)=(.*)$/s;

/**
 * The variables of a file of `NAME=value` lines: `#` begins a line that is not read, a value is all that follows the
 * first `=`, taken as it is, and of a name that is there twice the last one counts. Read at each start of a pilot, so
 * that a secret is nowhere kept. Throws `EngineError` (`rejected`) with what is wrong in one line, none of its content in it.
 */
export function readEnvFile(file: string): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const [index, line] of textOf(file).split('\n').entries()) {
    const text = line.replace(/\r$/, '');
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    const [, name, value] = variable.exec(text) ?? [];
    if (name === undefined || value === undefined || value.includes('\0'))
      throw fault(file, `line ${index + 1} is not NAME=value`);
    variables[name] = value;
  }
  return variables;
}

function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(file));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    // Its message would hold bytes of the file.
    throw fault(
      file,
      error instanceof TypeError ? 'it is not UTF-8' : ((error as NodeJS.ErrnoException).code ?? 'unknown'),
    );
  }
}

/** A pipe, which would be waited for, or a device, which never ends, is not read. */
function bytesOf(file: string): Uint8Array {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw fault(file, 'it is not a regular file');
    const bytes = Buffer.alloc(mostBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (length > mostBytes) throw fault(file, `it has more than ${mostBytes} bytes`);
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

function fault(file: string, why: string): EngineError {
  return new EngineError('rejected', `cannot start a pilot: env_file ${file} cannot be used: ${why}`);
}
