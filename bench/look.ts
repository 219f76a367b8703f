import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bundleProgram, daemonFlags } from './bundledProgram.ts';
import { type LookQuestion, makeLookTree } from './lookTree.ts';
import { median } from './numbers.ts';
import type { Row } from './row.ts';
import type { Scene } from './scene.ts';

const runFile = promisify(execFile);
/** What is looked at. From the second of these on, which is what is read at most at one look, the cost is meant to be flat. */
const nodes: readonly LookedAt[] = [
  { pilots: 1, isTight: false },
  { pilots: 8, isTight: false },
  { pilots: 256, isTight: false },
  { pilots: 256, isTight: true },
];
const looks = 30;

interface LookedAt {
  readonly pilots: number;
  /** Memory is within half a reserve of the owner's reserve, as it may be for days. */
  readonly isTight: boolean;
}

/** Every pilot of 256 has been looked at once by then. */
const warmUp = 34;

/**
 * What looking at the node costs with few and with many pilots, in turn: the CPU time of the call that reads every file,
 * in a process with the daemon's flags that calls it once a second. Pilots are the kernel's groups with a sleeping
 * process each, without containers around them; no sign of the owner is asked for.
 */
export async function measureLook(scene: Scene, rounds: number): Promise<readonly Row[]> {
  const program = bundleProgram(scene, 'bench/lookProgram.ts');
  const percents = new Map<LookedAt, number[]>(nodes.map((node) => [node, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const node of nodes) {
      const percent = await look(scene, program, node);
      percents.get(node)?.push(percent);
      scene.say(`look, ${named(node)}: ${percent.toFixed(3)} % of a core`);
    }
  }
  return nodes.map((node) => rowOf(node, percents));
}

/** Share of a core in percent, of one process that looks for a while. */
async function look(scene: Scene, program: string, { pilots, isTight }: LookedAt): Promise<number> {
  const tree = await makeLookTree(scene.folder, pilots);
  try {
    const { root, version } = tree;
    const question: LookQuestion = { root, version, pilots, isTight, looks, warmUp };
    const words = [...daemonFlags(scene), program, JSON.stringify(question)];
    const { stdout } = await runFile(process.execPath, words, { env: scene.env, signal: scene.signal });
    const { costsMs, reasons } = JSON.parse(stdout) as { costsMs: number[]; reasons: string[] };
    if (reasons.length > 0) throw new Error(`it did not see what it was to look at: ${reasons.join('; ')}`);
    return costsMs.reduce((sum, cost) => sum + cost, 0) / costsMs.length / 10;
  } finally {
    await tree.remove();
  }
}

function rowOf(node: LookedAt, percents: ReadonlyMap<LookedAt, readonly number[]>): Row {
  const others = nodes.filter((other) => other !== node);
  const beside = others.map((other) => `${named(other)}: ${median(percents.get(other) ?? []).toFixed(3)} %`);
  return {
    what: `looking each second, share of a core, ${named(node)}`,
    bar: { atMost: 0.2 },
    unit: ' %',
    decimals: 3,
    samples: percents.get(node) ?? [],
    unmeasured: null,
    beside: `others: ${beside.join('; ')}; pilots are bare groups with a sleeping process each`,
    original: '',
  };
}

function named({ pilots, isTight }: LookedAt): string {
  return `${pilots} ${pilots === 1 ? 'pilot' : 'pilots'}${isTight ? ', memory tight' : ''}`;
}
