import * as z from 'zod/mini';
import { field, list, text } from './fields.ts';
import type { Keys } from './key.ts';
import { parseHostName, parseListen } from './listen.ts';

/** What YAML and people make of `yes` and `no`. */
const logReaders = { local: 'local', yes: 'all', true: 'all', no: 'none', false: 'none' } as const;

/** Where the page and the metrics are. */
export const pageKeys = {
  listen: {
    schema: field(
      'an address and a port as in 127.0.0.1:7526, a port, or none',
      (error) => z.union([z.string(), z.number(), z.literal(false)], { error }),
      (raw) => parseListen(String(raw)),
    ),
    preset: '127.0.0.1:7526',
    type: 'address and port, or `none`',
    help: 'Where the daemon answers browsers (the page) and Prometheus (`/metrics`) by HTTP; `none`: nowhere. It only tells: nothing can be changed there. There is neither a password nor encryption: whoever reaches the address, as any user of this node does by default, sees what pilots run; beyond this node it belongs behind a firewall or a proxy. `*` stands for every address of the node, port 0 for one that is free (`planctonctl status` shows it). While another program has the port, the daemon does its work without it, and tries again each minute.',
    examples: ['7526', "'*:7526'", "'[::1]:7526'", 'none'],
    formerly: ['port', 'http', 'page', 'bind', 'address', 'listen_address', 'prometheus', 'metrics'],
    asWritten: 'value',
  },
  listen_names: {
    schema: list('one name or a list of them', text('a host name or an IP address', parseHostName)),
    preset: [],
    type: 'name or list of names',
    help: 'Further names by which browsers and proxies may ask for it. This node’s name, its addresses and `localhost` always may; any other is refused, lest a page from elsewhere reads this one by a name that it has pointed here (DNS rebinding).',
    examples: ['node17.example.org', '[node17.example.org, plancton.example.org]'],
    formerly: ['server_name', 'hostnames', 'allowed_hosts'],
    aloneIsList: true,
  },
  listen_logs: {
    schema: field(
      'local, yes or no',
      (error) => z.union([z.enum(['local', 'yes', 'no']), z.boolean()], { error }),
      (raw) => logReaders[String(raw) as keyof typeof logReaders],
    ),
    preset: 'no',
    type: '`local`, `yes` or `no`',
    help: 'Who may read there what pilots that have ended wrote (`pilot_logs`), which may hold what only its writer should know: with `no` nobody; with `local` whoever asks from this node itself, any of its users, a proxy on it and pilots with `network_mode: host` included; with `yes` whoever reaches `listen`. `planctonctl logs` is not concerned, and the few words that a pilot says at its end (`shutdown_message`) are shown in any case.',
    examples: ['local', 'no'],
  },
} as const satisfies Keys;
