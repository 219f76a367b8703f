import { setTimeout as wait } from 'node:timers/promises';

const pieceBytes = 10e6;

/** An owner's program that takes memory at a steady pace (bytes a second, or as fast as it can), and then holds it. */
export async function allocate(bytes: number, paceBytes: number): Promise<void> {
  const held: Buffer[] = [];
  const beganMs = performance.now();
  for (let taken = 0; taken < bytes; taken += pieceBytes) {
    held.push(Buffer.alloc(Math.min(pieceBytes, bytes - taken), 1));
    const dueMs = beganMs + ((taken + pieceBytes) / paceBytes) * 1000;
    await wait(Math.max(0, dueMs - performance.now()));
  }
  setInterval(() => held.length, 60_000);
}
