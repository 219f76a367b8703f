import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireProgram } from '../support/programs.ts';
import { onTerminal, type OnTerminal } from '../support/terminal.ts';
import { until } from '../support/until.ts';

const bin = resolve(import.meta.dirname, '../../bin');
let folder: string;
let env: Readonly<Record<string, string>>;

/** What is typed before Tab, and what the command is then given. `site/` has a configuration, logs and a file. */
const cases: readonly (readonly [typed: string, given: string])[] = [
  ['planctonctl hist', 'history'],
  ['planctonctl force-sto', 'force-stop'],
  ['planctonctl --rund', '--rundir'],
  ['planctonctl history --outc', 'history --outcome'],
  ['planctonctl history --outcome fin', 'history --outcome finished'],
  ['planctonctl account --by ou', 'account --by outcome'],
  ['planctonctl --confdir ./site/co', '--confdir ./site/conf/'],
  ['planctonctl check site/conf/con', 'check site/conf/config.yaml'],
  ['planctonctl completion fi', 'completion fish'],
  ['planctonctl --confdir site/conf renew lon', '--confdir site/conf renew long-pilots'],
  ['planctonctl --confdir=site/conf try lon', '--confdir=site/conf try long-pilots'],
  ['planctonctl --logdir site/log logs plancton-worker-1', '--logdir site/log logs plancton-worker-1t5x82'],
  [
    'planctonctl history --logdir site/log --name plancton-worker-1',
    'history --logdir site/log --name plancton-worker-1t5x82',
  ],
  ['planctonctl help kin', 'help kinds'],
  ['plancton-bootstrap --dry', '--dryrun'],
];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plancton-completion-'));
  for (const name of ['site/conf', 'site/log/pilots', 'site/odd/pilots', 'bin', 'home'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, 'site/conf/config.yaml'),
    'pilots:\n  - {name: short, image: a}\n  - {name: long-pilots, image: a}\n',
  );
  writeFileSync(join(folder, 'site/log/pilots/plancton-worker-1t5x82.log'), '');
  for (const name of ['*', 'a $(echo b)']) writeFileSync(join(folder, `site/odd/pilots/${name}.log`), '');
  // They say what they are given; what the shell itself asks goes to the real one.
  for (const name of ['planctonctl', 'plancton-bootstrap']) {
    const script = `#!/bin/sh\ncase " $* " in *" --values "*) exec ${bin}/${name} "$@" ;; esac\necho "GIVEN[$*]"\n`;
    writeFileSync(join(folder, 'bin', name), script, { mode: 0o755 });
  }
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(
      join(folder, `completion.${shell}`),
      execFileSync(join(bin, 'planctonctl'), ['completion', shell]),
    );
  env = {
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    HOME: join(folder, 'home'),
    INPUTRC: '/dev/null',
    ...Object.fromEntries(
      ['CONFIG', 'DATA', 'CACHE'].map((one) => [`XDG_${one}_HOME`, join(folder, 'home')]),
    ),
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

const textOf = (shell: OnTerminal): string => stripVTControlCharacters(shell.output());

/** Names that a shell may not take for anything else: the folder they are in has a `site`, no pilot is called so. */
const oddCases: typeof cases = [
  ['planctonctl --logdir site/odd logs s', '--logdir site/odd logs s'],
  ['planctonctl --logdir site/odd logs a', '--logdir site/odd logs a $(echo b)'],
];

/** Types each line in an interactive shell, with Tab and Enter behind it. */
async function typeAll(
  words: readonly string[],
  prepare: string,
  typedCases: typeof cases = cases,
): Promise<readonly string[]> {
  const shell = onTerminal(words, env, folder);
  shell.type(`${prepare}; echo "RE""ADY"\n`);
  await until('the shell has its completion', () => /READY/.test(textOf(shell)));
  const given: string[] = [];
  for (const [typed] of typedCases) {
    shell.type(`${typed}\t\n`);
    await until(`an answer to ${typed}`, () => textOf(shell).split('GIVEN[').length === given.length + 2);
    given.push(/.*GIVEN\[([^\]]*)\]/s.exec(textOf(shell))?.[1]?.trimEnd() ?? '');
  }
  shell.type('exit\n');
  await shell.ended;
  return given;
}

describe('Tab completes commands, options, and what the node knows', () => {
  it('in bash, without the package bash-completion', async () => {
    const words = [requireProgram('bash', 'bash'), '--norc', '--noprofile', '-i'];
    const all = [...cases, ...oddCases];
    const told = await typeAll(words, `source ${folder}/completion.bash`, all);
    expect(told).toEqual(all.map(([, given]) => given));
  });

  it('in zsh', async () => {
    const words = [requireProgram('zsh', 'zsh'), '-f', '-i'];
    const prepare = `autoload -Uz compinit; compinit -u -D; source ${folder}/completion.zsh`;
    // Zsh takes the slash of a folder away again at Enter.
    const wanted = cases.map(([, given]) => given.replace(/\/$/, ''));
    expect(await typeAll(words, prepare)).toEqual(wanted);
  });

  it('in fish', () => {
    const fish = requireProgram('fish', 'fish');
    const lines = cases.map(([typed]) => `echo "GIVEN["(complete -C '${typed}' | string split -f1 \\t)"]"`);
    const script = [`source ${folder}/completion.fish`, ...lines].join('\n');
    const told = execFileSync(fish, ['--no-config', '-c', script], {
      env: { ...process.env, ...env },
      cwd: folder,
      encoding: 'utf8',
    });
    const lastWords = cases.map(([, given]) => `GIVEN[${given.split(' ').at(-1)?.replace(/^.*=/, '')}]`);
    expect(told.trimEnd().split('\n')).toEqual(lastWords);
  });
});
