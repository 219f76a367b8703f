import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireProgram, run } from './programs.ts';

/** Certificates of an authority, of a server on 127.0.0.1 and of a client: files in PEM, in a folder of a test's own. */
export interface Certificates {
  readonly folder: string;
  /** Signed the other two. */
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string };
  /** Named as Docker's client expects them in DOCKER_CERT_PATH. */
  readonly client: { readonly cert: string; readonly key: string };
  remove(): void;
}

/** Makes an authority and what it signs. */
export async function makeCertificates(): Promise<Certificates> {
  const openssl = requireProgram('openssl', 'openssl');
  const folder = mkdtempSync(join(tmpdir(), 'plancton-tls-'));
  const path = (name: string): string => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['req', '-x509', ...key, '-days', '2', '-subj', '/CN=plancton test authority'];
  await run(openssl, [...authority, '-keyout', path('ca-key.pem'), '-out', path('ca.pem')]);
  const sign = async (name: string, prefix: string, extensions: string): Promise<void> => {
    const request = path(`${name}.csr`);
    const keyPath = path(`${prefix}key.pem`);
    await run(openssl, ['req', ...key, '-subj', `/CN=${name}`, '-keyout', keyPath, '-out', request]);
    writeFileSync(path(`${name}.ext`), extensions);
    const wanted = ['-in', request, '-extfile', path(`${name}.ext`), '-days', '2'];
    const signer = ['-CA', path('ca.pem'), '-CAkey', path('ca-key.pem'), '-CAcreateserial'];
    await run(openssl, ['x509', '-req', ...wanted, ...signer, '-out', path(`${prefix}cert.pem`)]);
  };
  await sign('server', 'server-', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  await sign('client', '', 'extendedKeyUsage=clientAuth\n');
  return {
    folder,
    ca: path('ca.pem'),
    server: { cert: path('server-cert.pem'), key: path('server-key.pem') },
    client: { cert: path('cert.pem'), key: path('key.pem') },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
