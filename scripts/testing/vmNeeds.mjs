// Sets up what the tests in a virtual machine need; fails, saying why, where that cannot be had.
import { setUpMachine } from './needs.mjs';

const { vm: obstacle } = setUpMachine(['vm']);
if (obstacle !== null) {
  console.error(`The virtual machine cannot run: ${obstacle}`);
  process.exitCode = 1;
}
