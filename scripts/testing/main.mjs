// Runs every check, independent ones side by side, and ends with one line: `N passed, N failed`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUpMachine } from './needs.mjs';
import { fetchNode } from './otherNode.mjs';
import { endStages, runStage } from './stage.mjs';

/** Beside the one that runs this: the newest of each line that is kept up. */
const otherNodes = ['22.23.3', '24.21.0'];
/** The oldest line that Plancton is for: the built program alone runs in it, for the time that all tests would take. */
const oldestNode = '20.19.6';
const inCi = !['', 'false', '0'].includes(process.env.CI ?? '');
const tool = (name) => join('node_modules', '.bin', name);
const sources = ['src', 'test', 'scripts', 'bench'];
const outcomes = [];
const notRun = [];
let ended = false;

async function stage(one) {
  if (ended) return;
  outcomes.push(await runStage(one));
}

/** What cannot run here is said at the end, and is a failure in CI. */
function cannotRun(what, why) {
  notRun.push(`${what} did NOT run: ${why}`);
  console.log(`==> ${notRun.at(-1)}`);
  if (inCi) outcomes.push({ name: what, passed: 0, failed: 1, skipped: 0 });
}

async function checks() {
  // The page is typed for browsers, and all else for Node.js.
  for (const project of ['.', 'src/page', 'test/page'])
    await stage({ name: 'types', command: tool('tsc'), args: ['--noEmit', '--project', project] });
  await stage({
    name: 'lint',
    command: tool('oxlint'),
    args: ['--type-aware', '--deny-warnings', ...sources],
  });
  await stage({ name: 'format', command: tool('biome'), args: ['format', ...sources] });
  await stage({ name: 'unused', command: tool('knip'), args: ['--no-progress'] });
}

function vitest(name, node, args, more = {}) {
  return {
    name,
    command: node,
    args: [join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args],
    ...more,
  };
}

/**
 * The unit tests under every Node.js but the oldest, simulations under one of them; gives the programs of all but the one
 * that runs this.
 */
async function unitTests(folder) {
  await stage(vitest('unit', process.execPath, ['--project', 'unit', '--project', 'simulation']));
  const nodes = [];
  for (const version of [oldestNode, ...otherNodes]) {
    const name = `node${version.split('.')[0]}`;
    try {
      const node = await fetchNode(version, join(folder, name));
      nodes.push({ name, node });
      if (version !== oldestNode) await stage(vitest(name, node, ['--project', 'unit']));
    } catch (error) {
      cannotRun(`Node.js ${version}`, error.message);
    }
  }
  return nodes;
}

/** Most files of tests with engines that run side by side: they mostly wait. */
const together = 3;

/** Tests that start engines and that no load disturbs, side by side. */
async function realTests() {
  const args = ['--project', 'real', `--maxWorkers=${together}`];
  await stage(vitest('real', process.execPath, args, { deadlineMs: 780_000 }));
}

/** Those that look at the load of the machine, one after another, when nothing else runs. */
async function loneTests(nodes) {
  await stage(vitest('alone', process.execPath, ['--project', 'alone'], { deadlineMs: 840_000 }));
  for (const { name, node } of nodes) {
    const env = { PLANCTON_NODE: node };
    await stage(vitest(name, node, ['--project', 'alone', 'test/smoke.alone.test.ts'], { env }));
  }
}

/** An emulated machine, which takes what the others leave (`nice`). Its checks wait for events, however long those take. */
async function vmTests(obstacle) {
  if (obstacle === null)
    await stage({ name: 'vm', command: 'scripts/test-vm', args: [], deadlineMs: 900_000 });
  else cannotRun('The tests in a virtual machine', obstacle);
}

async function main() {
  const obstacles = setUpMachine(['real', 'vm']);
  const folder = mkdtempSync(join(tmpdir(), 'plancton-nodes-'));
  try {
    const vm = vmTests(obstacles.vm);
    const [nodes] = await Promise.all([unitTests(folder), checks()]);
    if (obstacles.real === null) await realTests();
    else cannotRun('The tests on real engines', obstacles.real);
    await vm;
    if (obstacles.real === null) await loneTests(nodes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.on(signal, () => {
    process.exitCode = code;
    ended = true;
    endStages();
    outcomes.push({ name: signal, passed: 0, failed: 1, skipped: 0 });
  });
}
await main();
const sum = (of) => outcomes.reduce((total, outcome) => total + outcome[of], 0);
if (sum('skipped') > 0) cannotRun(`${sum('skipped')} tests`, 'they skip themselves here, see above');
console.log('');
for (const { name, passed, failed } of outcomes)
  console.log(`  ${name.padEnd(26)} ${passed} passed, ${failed} failed`);
for (const text of notRun) console.log(`  !! ${text}`);
for (const { name, failures = [] } of outcomes)
  for (const line of failures) console.log(`  ${name}: ${line}`);
if (sum('failed') > 0) process.exitCode ||= 1;
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
