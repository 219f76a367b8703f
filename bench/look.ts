import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bundleProgram, daemonFlags } from './bundledProgram.ts';
import { type LookQuestion, makeLookTree } from './lookTree.ts';
import { median } from './numbers.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

const runFile = promisify(execFile);
/** The second of these is what is read at most at one look: from there on the cost is meant to be flat. */
const pilotCounts = [1, 8, 256] as const;
const looks = 30;
/** Every pilot of 256 has been looked at once by then. */
const warmUp = 34;

/**
 * What looking at the node costs with few and with many pilots, in turn: the CPU time of the call that reads every file,
 * in a process with the daemon's flags that calls it once a second. Pilots are the kernel's groups with a sleeping
 * process each, without containers around them; no sign of the owner is asked for.
 */
export async function measureLook(scene: Scene, rounds: number): Promise<readonly Row[]> {
  const program = bundleProgram(scene, 'bench/lookProgram.ts');
  const percents = new Map<number, number[]>(pilotCounts.map((pilots) => [pilots, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const pilots of pilotCounts) {
      const percent = await look(scene, program, pilots);
      percents.get(pilots)?.push(percent);
      scene.say(`look, ${pilots} pilots: ${percent.toFixed(3)} % of a core`);
    }
  }
  return pilotCounts.map((pilots) => rowOf(pilots, percents));
}

/** Share of a core in percent, of one process that looks for a while. */
async function look(scene: Scene, program: string, pilots: number): Promise<number> {
  const tree = await makeLookTree(scene.folder, pilots);
  try {
    const question: LookQuestion = { root: tree.root, version: tree.version, pilots, looks, warmUp };
    const words = [...daemonFlags(scene), program, JSON.stringify(question)];
    const { stdout } = await runFile(process.execPath, words, { env: scene.env, signal: scene.signal });
    const { costsMs, reasons } = JSON.parse(stdout) as { costsMs: number[]; reasons: string[] };
    if (reasons.length > 0) throw new Error(`it did not see what it was to look at: ${reasons.join('; ')}`);
    return costsMs.reduce((sum, cost) => sum + cost, 0) / costsMs.length / 10;
  } finally {
    await tree.remove();
  }
}

function rowOf(pilots: number, percents: ReadonlyMap<number, readonly number[]>): Row {
  const others = pilotCounts.filter((count) => count !== pilots);
  const beside = others.map((count) => `${count}: ${median(percents.get(count) ?? []).toFixed(3)} %`);
  return {
    what: `looking each second, share of a core, ${pilots} ${pilots === 1 ? 'pilot' : 'pilots'}`,
    bar: { atMost: 0.2 },
    unit: ' %',
    decimals: 3,
    samples: percents.get(pilots) ?? [],
    unmeasured: null,
    beside: `with ${beside.join(', with ')}; pilots are bare groups with a sleeping process each`,
    original: '',
  };
}
