import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { engineApi } from '../support/engineApi.ts';
import { importBusybox, pushImage, removeTag, tagImage } from '../support/image.ts';
import { makePlancton, type TestPlancton } from '../support/plancton.ts';
import { registryUser, startRegistry, type TestRegistry } from '../support/registry.ts';
import { until } from '../support/until.ts';
import { begin, configure, count, inspect, type RigEngine, runContainer, small, startEngine } from './rig.ts';

let engine: RigEngine;
let registry: TestRegistry;
let plancton: TestPlancton;
let name: string;
let serial = 0;

beforeAll(async () => {
  engine = await startEngine();
  registry = await startRegistry({ htpasswd: true });
});
afterAll(async () => {
  await registry.stop();
  await engine.stop();
});
beforeEach(() => {
  plancton = makePlancton(engine.socket);
  serial += 1;
  name = `${registry.host}/grid/pilot${serial}:2.1`;
});
afterEach(() => plancton.remove());

/** Pushes an image that is there under no other name afterwards; gives its id. */
async function publish(reference: string, note: string): Promise<string> {
  const id = await importBusybox(engine.socket, reference, [`LABEL note=${note}`]);
  await pushImage(engine.socket, reference, registryUser);
  await removeTag(engine.socket, reference);
  return id;
}

/** A daemon that looks for news each second would pull between an image's new name here and its push, and undo the name. */
const isNews = 'image_expiration: 1\n';

function use(image: string, more = ''): void {
  const yaml = small.replace(/docker_image: .*/, `docker_image: ${image}`);
  configure(
    plancton,
    engine.url,
    `${yaml}max_docks: 1\nmain_sleep: 600\n${/docker_cmd/.test(more) ? '' : 'docker_cmd: /bin/sleep 1000\n'}${more}`,
  );
}

/** A Docker configuration whose `config.json` is this; gives the variable that names it. */
function dockerConfig(config: unknown): { DOCKER_CONFIG: string } {
  const folder = join(plancton.folder, 'docker');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  return { DOCKER_CONFIG: folder };
}

const auth = Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64');
const loggedIn = (): { DOCKER_CONFIG: string } => dockerConfig({ auths: { [registry.host]: { auth } } });
const imageIds = async (): Promise<string[]> =>
  ((await engineApi(engine.socket, '/images/json')) as { Id: string }[]).map((image) => image.Id);

describe('a private registry', () => {
  it('is entered with the credentials that the Docker configuration keeps', async () => {
    await publish(name, 'first');
    use(name);
    await begin(plancton, loggedIn());
    const [pilot] = await plancton.running(1);
    await plancton.logged(`pulled image ${name}`);
    expect(pilot?.Labels).toMatchObject({ note: 'first' });
    expect(plancton.log()).not.toContain(registryUser.password);
    expect((await plancton.status()).images).toMatchObject([{ reference: name, error: '' }]);
  });

  it('is entered with what a credential helper tells', async () => {
    await publish(name, 'helped');
    use(name);
    const folder = join(plancton.folder, 'helpers');
    mkdirSync(folder);
    const told = { ServerURL: registry.host, Username: registryUser.username, Secret: registryUser.password };
    const helper = join(folder, 'docker-credential-sealed');
    writeFileSync(helper, `#!/bin/sh\ncat > ${folder}/asked\ncat <<'END'\n${JSON.stringify(told)}\nEND\n`);
    chmodSync(helper, 0o755);
    const config = dockerConfig({ credHelpers: { [registry.host]: 'sealed' } });
    await begin(plancton, { ...config, PATH: `${folder}:${process.env['PATH'] ?? ''}` });
    await plancton.running(1);
    expect(readFileSync(join(folder, 'asked'), 'utf8').trim()).toBe(registry.host);
    expect(plancton.log()).not.toContain(registryUser.password);
  });

  it('without credentials refuses, which the log tells, and the local image has to do', async () => {
    await importBusybox(engine.socket, name);
    use(name);
    await begin(plancton);
    await plancton.running(1);
    await plancton.logged(new RegExp(`WARN  pilots run the local image ${name}: it cannot be pulled`));
    const [image] = (await plancton.status()).images;
    expect(image?.error).toContain('cannot pull image');
    expect(image?.id).not.toBeNull();
  });
});

describe('image_expiration', () => {
  it('brings the new image, and the old one that we brought goes when no pilot uses it', async () => {
    const old = await publish(name, 'old');
    use(name, 'docker_cmd: /bin/sleep 1\n');
    await begin(plancton, loggedIn());
    await plancton.running(1);
    expect(await imageIds()).toContain(old);
    const fresh = await importBusybox(engine.socket, `${name}-next`, ['LABEL note=fresh']);
    await tagImage(engine.socket, `${name}-next`, name);
    await pushImage(engine.socket, name, registryUser);
    // As it was before: only the registry has the new one under this name.
    await tagImage(engine.socket, old, name);
    // A pilot that started meanwhile has it for as long as it lives.
    await until('its other name can go', async () =>
      removeTag(engine.socket, `${name}-next`).then(
        () => true,
        () => false,
      ),
    );
    use(name, `docker_cmd: /bin/sleep 1\n${isNews}`);
    await until('a pilot of the new image', async () =>
      (await plancton.pilots()).some((pilot) => pilot.ImageID === fresh),
    );
    await plancton.logged(`superseded image ${old} removed`);
    expect(await imageIds()).not.toContain(old);
    expect(await imageIds()).toContain(fresh);
  });

  it('of another name lets the one of before go, name and all', async () => {
    const old = await publish(name, 'first');
    const next = `${name}-second`;
    await publish(next, 'second');
    const login = loggedIn();
    use(name, 'docker_cmd: /bin/sleep 1\n');
    await begin(plancton, login);
    await plancton.running(1);
    use(next, 'docker_cmd: /bin/sleep 1\n');
    await plancton.logged(`superseded image ${old} removed`);
    expect(await imageIds()).not.toContain(old);
    await plancton.running(1);
  });

  it('leaves an old image alone that the owner uses, or has under a name of his own', async () => {
    const old = await publish(name, 'mine');
    use(name);
    await begin(plancton, loggedIn());
    await plancton.running(1);
    await tagImage(engine.socket, old, 'owner/treasure:1');
    await importBusybox(engine.socket, name, ['LABEL note=second']);
    await pushImage(engine.socket, name, registryUser);
    use(name, isNews);
    await plancton.ctl('status');
    const [pilot] = await plancton.pilots();
    await engineApi(engine.socket, `/containers/${pilot?.Id}?force=1`, { method: 'DELETE' });
    await plancton.logged(`superseded image ${old} kept: something else uses it`);
    expect(await imageIds()).toContain(old);
    await removeTag(engine.socket, 'owner/treasure:1');
  });

  it('tries an old image that had to be kept again later, also as another daemon', async () => {
    const old = await publish(name, 'used');
    use(name);
    const login = loggedIn();
    await begin(plancton, login);
    const [pilot] = await plancton.running(1);
    const witness = await runContainer(engine.socket, `witness${serial}`, { Image: old });
    await importBusybox(engine.socket, name, ['LABEL note=second']);
    await pushImage(engine.socket, name, registryUser);
    use(name, isNews);
    await engineApi(engine.socket, `/containers/${pilot?.Id}?force=1`, { method: 'DELETE' });
    await plancton.logged(`superseded image ${old} kept: something else uses it`);
    await plancton.ctl('stop');
    await engineApi(engine.socket, `/containers/${witness}?force=1`, { method: 'DELETE' });
    expect(await imageIds()).toContain(old);

    const file = join(plancton.runFolder, 'state/memory.json');
    const memory = JSON.parse(readFileSync(file, 'utf8')) as { images: { superseded: object[] } };
    expect(memory.images.superseded).toMatchObject([{ id: old, kept: 1 }]);
    // As if its ten minutes were over.
    const superseded = memory.images.superseded.map((one) => ({ ...one, notBeforeMs: 0 }));
    writeFileSync(file, JSON.stringify({ ...memory, images: { ...memory.images, superseded } }));
    await begin(plancton, login);
    await plancton.logged(`superseded image ${old} removed`);
    expect(await imageIds()).not.toContain(old);
  });

  it('an image that was there before us is never removed', async () => {
    const owners = await importBusybox(engine.socket, name, ['LABEL note=owners']);
    await pushImage(engine.socket, name, registryUser);
    use(name, 'docker_cmd: /bin/sleep 1\n');
    await begin(plancton, loggedIn());
    await plancton.running(1);
    const other = `${name}-other`;
    const fresh = await importBusybox(engine.socket, other, ['LABEL note=published']);
    await tagImage(engine.socket, other, name);
    await pushImage(engine.socket, name, registryUser);
    await tagImage(engine.socket, owners, name);
    use(name, `docker_cmd: /bin/sleep 1\n${isNews}`);
    await until(
      'a pilot of the new image',
      async () => (await plancton.pilots()).some((pilot) => pilot.ImageID === fresh),
      40_000,
    );
    await runContainer(engine.socket, `witness${serial}`, { Image: owners });
    expect((await inspect(engine.socket, `witness${serial}`)).Image).toBe(owners);
    expect(plancton.log()).not.toContain('superseded');
    await engineApi(engine.socket, `/containers/witness${serial}?force=1`, { method: 'DELETE' });
  });
});

describe('a registry that is away', () => {
  afterEach(() => registry.resume());

  it('holds up nobody whose image is there, is named once, and gives the fresh image when it is back', async () => {
    await publish(name, 'fresh');
    const old = await importBusybox(engine.socket, name, ['LABEL note=old']);
    await registry.pause();
    use(name, 'docker_cmd: /bin/sleep 1\n');
    const login = loggedIn();
    await begin(plancton, login);
    const [first] = await plancton.running(1);
    expect(first?.ImageID).toBe(old);
    await plancton.logged(/WARN {2}pilots run the local image/);

    // The next daemon knows that there is nothing to wait for, and asks all the same.
    await plancton.ctl('stop');
    await begin(plancton, login);
    await plancton.logged(/WARN {2}pilots run the local image/);
    const status = await plancton.status();
    expect(status.refusals.map(({ rule }) => rule)).not.toContain('image');
    await registry.resume();
    const log = await plancton.logged(/pulled image \S+ in [\d.]+ m?s, after \d+ failures?$/m);
    expect(count(log, /WARN {2}pilots run the local image/)).toBe(1);
    const fresh = await until('a pilot of the fresh image', async () =>
      (await plancton.pilots()).find((pilot) => pilot.ImageID !== old),
    );
    expect(fresh.ImageID).not.toBe(old);
    expect((await plancton.status()).images[0]?.error).toBe('');
  });
});

describe('an image that is nowhere', () => {
  it('is named, asked for with growing pauses, and used once it appears', async () => {
    use(name);
    await begin(plancton, loggedIn());
    await plancton.logged(`cannot pull image ${name}`);
    const status = await until('the reason', async () => {
      const now = await plancton.status();
      return now.refusals.some((reason) => reason.rule === 'image') ? now : null;
    });
    expect(status.refusals[0]?.text).toContain(`image ${name} is not there: cannot pull image`);
    expect(status.pilots.running).toBe(0);
    await publish(name, 'late');
    const log = await plancton.logged(/started plancton-worker/);
    const at = (line: RegExp): number => Date.parse(line.exec(log)?.[1] ?? '');
    const pauseMs = at(/^(\S+) INFO {2}pulled image/m) - at(/^(\S+) WARN {2}cannot pull image/m);
    expect(pauseMs).toBeGreaterThanOrEqual(9000);
    expect(count(log, /WARN {2}cannot pull image/)).toBe(1);
    expect(count(log, /INFO {2}pulling image/)).toBe(1);
    expect(log).toMatch(/pulled image \S+ in [\d.]+ m?s, after 1 failure$/m);
  });

  it('a wrong name is told with its place', async () => {
    use('Some:Where:Else');
    const { code, stderr } = await plancton.ctl('start');
    expect(code).toBe(1);
    expect(stderr).toMatch(/config\.yaml:3:15 docker_image: expected an image/);
  });
});
