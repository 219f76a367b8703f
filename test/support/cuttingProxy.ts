import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

/** Passes everything on to an engine, except for answers that it was told to lose. */
export interface CuttingProxy {
  /** Where it listens: on the network, so that the load of this machine says nothing about pilots. */
  readonly url: string;
  /** The answer to the next request that matches is lost: the engine has it, the client's connection ends. */
  cutAfter(request: RegExp): void;
  cuts(): number;
  stop(): Promise<void>;
}

/** Starts a proxy for the engine at `engineSocket`. */
export async function startCuttingProxy(engineSocket: string): Promise<CuttingProxy> {
  let wanted: RegExp | null = null;
  let cuts = 0;
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = createConnection(engineSocket);
    for (const one of [client, upstream]) {
      open.add(one);
      one
        .on('error', () => undefined)
        .on('close', () => {
          open.delete(one);
          client.destroy();
          upstream.destroy();
        });
    }
    let lost = false;
    client.on('data', (chunk: Buffer) => {
      if (wanted?.test(chunk.toString('latin1')) === true) {
        wanted = null;
        lost = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (!lost) client.write(chunk);
      else {
        cuts += 1;
        client.destroy();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter: (request) => {
      wanted = request;
    },
    cuts: () => cuts,
    stop: async () => {
      for (const one of open) one.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
