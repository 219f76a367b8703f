import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Image } from './image.ts';

/** How a virtual machine ended. */
export interface MachineEnd {
  /** Null for one that went off by itself. */
  readonly fault: string | null;
}

interface MachineOptions {
  readonly image: Image;
  readonly seed: string;
  /** Gets what the kernel and systemd say. */
  readonly console: string;
  /** Gets each line of the second serial port. */
  onLine(line: string): void;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** A panic ends the machine, because a machine that should start anew goes off (-no-reboot). */
const kernelCommandLine =
  'root=/dev/vda rw console=ttyS0 panic=-1 loglevel=4 mitigations=off systemd.show_status=true';

/**
 * Boots the image and waits until the machine is off. It is emulated (TCG), as there is nothing else where machines are
 * virtual themselves. What is written to the image's disk is forgotten.
 */
export async function runMachine(options: MachineOptions): Promise<MachineEnd> {
  const { image, seed, deadlineMs } = options;
  const args = [
    ['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2G'],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ['-kernel', image.kernel, '-initrd', image.initrd, '-append', kernelCommandLine],
    ['-drive', `file=${image.disk},format=raw,if=virtio,snapshot=on,cache=unsafe`],
    ['-drive', `file=${seed},format=raw,if=virtio,readonly=on`],
    ['-serial', `file:${options.console}`],
    ['-chardev', 'stdio,id=report,signal=off', '-serial', 'chardev:report'],
  ].flat();
  // Behind the others here, and never left behind, not even by one that is killed.
  const words = ['--pdeathsig', 'KILL', 'nice', '-n', '5', 'qemu-system-x86_64', ...args];
  const child = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  createInterface({ input: child.stdout }).on('line', (line) => options.onLine(line));
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += String(text)));
  const ending = AbortSignal.any([options.signal, AbortSignal.timeout(deadlineMs)]);
  const end = (): void => void child.kill('SIGKILL');
  ending.addEventListener('abort', end);
  if (ending.aborted) end();
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      complaint += error.message;
      resolve(127);
    });
    child.once('close', (code) => resolve(code));
  });
  ending.removeEventListener('abort', end);
  if (options.signal.aborted) return { fault: 'it was interrupted' };
  if (ending.aborted) return { fault: `it was not off after ${deadlineMs / 1000} s` };
  return { fault: code === 0 ? null : `the emulator ended with ${code}: ${complaint.trim()}` };
}
