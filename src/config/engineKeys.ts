import type { Keys } from './key.ts';
import { section } from './key.ts';
import { absolutePath, text, Unfit, yesOrNo } from './fields.ts';
import { parseEngineUrl } from './urls.ts';

const tlsKeys = {
  ca: {
    schema: absolutePath('a file'),
    preset: null,
    type: 'path',
    help: 'Certificates (PEM) that the engine’s own must be signed by; by default those that the system trusts.',
    examples: ['/etc/plancton/tls/ca.pem'],
  },
  cert: {
    schema: absolutePath('a file'),
    preset: null,
    type: 'path',
    help: 'The certificate (PEM) to show to the engine; needs `key`.',
    examples: [],
  },
  key: {
    schema: absolutePath('a file'),
    preset: null,
    type: 'path',
    help: 'The private key (PEM) of `cert`.',
    examples: [],
  },
  verify: {
    schema: yesOrNo(),
    preset: true,
    type: 'yes or no',
    help: 'Whether the engine’s certificate is checked.',
    examples: ['true', 'false'],
  },
} as const satisfies Keys;

const engineKeys = {
  url: {
    schema: text('unix:///path, tcp://host:port, http://… or https://…', parseEngineUrl),
    preset: null,
    type: 'text',
    help: 'Where the engine listens. With another one, pilots of the engine before get back what was taken from them (they are thawed, and have their CPUs), and run on there without being looked after.',
    examples: ['unix:///var/run/docker.sock', 'tcp://10.0.0.7:2376'],
    formerly: ['host', 'socket'],
  },
  context: {
    schema: text('the name of a Docker context', (raw) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9_.+-]*$/.test(raw)) throw new Unfit();
      return raw;
    }),
    preset: null,
    type: 'text',
    help: 'The Docker context to use (see `docker context ls`); not together with `url`.',
    examples: ['default'],
  },
  tls: {
    schema: section('ca, cert, key, verify', tlsKeys),
    preset: null,
    type: 'section',
    help: 'TLS for `tcp://` and `https://`.',
    examples: ['{cert: /etc/plancton/tls/cert.pem, key: /etc/plancton/tls/key.pem}'],
    children: tlsKeys,
  },
} as const satisfies Keys;

/** Which engine is used. */
export const engineSection = {
  engine: {
    schema: section('url, context or tls', engineKeys),
    preset: {},
    type: 'section',
    help: 'The container engine. Without it, as Docker’s own command line has it: `DOCKER_HOST`, else `DOCKER_CONTEXT`, else Docker’s current context, else the usual sockets, Docker’s before Podman’s.',
    examples: [],
    formerly: ['docker', 'podman'],
    children: engineKeys,
  },
} as const satisfies Keys;
