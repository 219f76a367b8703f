import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireProgram, run } from '../support/programs.ts';
import { begin, configure, count, engine, plancton, small, useRig } from './rig.ts';

let release = async (): Promise<void> => undefined;
useRig();
beforeEach(() => {
  configure(plancton, engine.url, `${small}docker_cmd: /bin/sleep 1000\nmax_docks: 2\nmain_sleep: 60\n`);
});
afterEach(() => release());

/** A file in a container's folder that nobody, root and the engine included, may delete. */
async function keepFromRemoval(id: string): Promise<void> {
  const chattr = requireProgram('chattr', 'e2fsprogs');
  const file = join(engine.dataFolder, 'containers', id, 'held');
  writeFileSync(file, '');
  await run(chattr, ['+i', file]);
  release = async () => {
    await run(chattr, ['-i', file]);
    release = async () => undefined;
  };
}

describe('a pilot that the engine cannot remove', () => {
  it('is named with its reason, once, and force-stop ends with an error that names it', async () => {
    await begin(plancton);
    const [pilot] = await plancton.running(2);
    const name = pilot?.Names[0]?.slice(1) ?? '';
    await keepFromRemoval(pilot?.Id ?? '');
    const { code, stderr } = await plancton.ctl('force-stop');
    expect(code).toBe(1);
    const reason = `cannot remove container ${name}: the engine answered 500: .*operation not permitted`;
    expect(stderr).toMatch(
      new RegExp(
        `^Waiting for 1 pilot to be removed\\n[^]*The force-stop was broken off: pilots may be left\\n${reason}\nWhen that is mended, remove them with another planctonctl force-stop\n$`,
      ),
    );
    expect(plancton.pid()).toBeNull();
    expect(count(plancton.log(), new RegExp(`WARN  ${reason}`))).toBe(1);
    await plancton.logged(`force-stop is given up, 1 pilot cannot be removed: ${name}`);

    await release();
    // Without a daemon now, and with nothing in the way.
    expect(await plancton.ctl('force-stop')).toMatchObject({ code: 0 });
    expect(await plancton.pilots()).toEqual([]);
  });
});
