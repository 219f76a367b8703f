import { once } from 'node:events';
import { expect, it } from 'vitest';
import { engineApi } from '../support/engineApi.ts';
import { until } from '../support/until.ts';
import { begin, configure, engine, plancton, small, useRig } from '../daemon/rig.ts';

useRig();

const script =
  'i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo "line $i"; echo "oops $i" >&2; sleep 0.2; done';
const talker = `${small}docker_cmd: [/bin/sh, -c, '${script}']\nmax_docks: 1\nmain_sleep: 1\n`;

it('the log of a pilot is printed while it runs, followed to its end, and there when it has ended', async () => {
  configure(plancton, engine.url, talker);
  await begin(plancton);
  const [pilot] = await plancton.running(1);
  const name = pilot?.Names[0]?.slice(1) ?? '';
  await until('some lines', async () => (await plancton.ctl('logs', name)).stdout.includes('line 3\n'));
  const running = await plancton.ctl('logs', name.slice(-6));
  expect(running.code).toBe(0);
  expect(running.stdout).toMatch(/^line 1\nline 2\nline 3\n/);
  expect(running.stderr).toMatch(/^oops 1\noops 2\n/);

  const child = plancton.launch(['logs', '-f', name.slice(0, -2)]);
  const closed = once(child, 'close') as Promise<[number | null]>;
  let followed = '';
  child.stdout?.on('data', (chunk) => (followed += String(chunk)));
  await until('what comes', () => /line 1\n[^]*line \d\d\n/.test(followed));
  await plancton.ctl('drain');
  await engineApi(engine.socket, `/containers/${pilot?.Id}/kill`, { method: 'POST' });
  expect((await closed)[0]).toBe(0);

  await until('its removal', async () => (await plancton.pilots()).every((one) => one.Id !== pilot?.Id));
  const ended = await plancton.ctl('logs', name);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('line 1\n');
});

it('a follower that is interrupted ends, and the pilot does not', async () => {
  configure(plancton, engine.url, talker);
  await begin(plancton);
  const [pilot] = await plancton.running(1);
  const child = plancton.launch(['logs', '-f', pilot?.Names[0]?.slice(1) ?? '']);
  let followed = '';
  child.stdout?.on('data', (chunk) => (followed += String(chunk)));
  await until('what comes', () => followed.includes('line 2\n'));
  child.kill('SIGINT');
  expect((await once(child, 'close'))[0]).toBe(130);
  expect((await plancton.running(1))[0]?.Id).toBe(pilot?.Id);
});

it('without a daemon the engine tells which pilots there are, and one that is none is named', async () => {
  configure(plancton, engine.url, talker);
  await begin(plancton);
  const [pilot] = await plancton.running(1);
  await plancton.ctl('stop');
  const name = pilot?.Names[0]?.slice(1) ?? '';
  expect((await plancton.ctl('logs', name)).stdout).toContain('line 1\n');
  const nobody = await plancton.ctl('logs', 'zzzzzzz');
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toMatch(
    /^planctonctl: there is no pilot zzzzzzz, neither in the engine nor in \S+\/pilots\n$/,
  );
  expect((await plancton.ctl('ps')).stdout).toContain(`\n${name}  `);
  for (const command of ['ps', 'kinds']) {
    expect(await plancton.ctl(command)).toMatchObject({ code: 1, stderr: 'Not running\n' });
    expect(await plancton.ctl(command, '--json')).toEqual({ code: 1, stdout: 'null\n', stderr: '' });
  }
});
