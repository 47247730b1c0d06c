// The system's root certificates as PEM, wherever they are: from the runtime where it can tell, else from the files
// in which systems keep them. It must not know what they are for.

import { delimiter, join } from 'node:path';
import { nodeFs, nodeTls } from './node-tls.ts';
import type { RootEnvironment } from './tls-settings.ts';

/** Where distributions keep the store in one file; the first that is there counts. Source: Go's crypto/x509. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const SYSTEM_DIRECTORIES = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

const PEM_CERTIFICATE = '-----BEGIN CERTIFICATE-----';

/** The Mozilla roots that come with the runtime. */
export function bundledRoots(): string {
  return nodeTls().rootCertificates.join('\n');
}

/** What the runtime trusts where nothing else is said, as PEM. */
export function defaultRoots({ extraFile }: RootEnvironment): string[] {
  // Not in Node 20.
  const { getCACertificates } = nodeTls() as { getCACertificates?: (type: 'default') => readonly string[] };
  const known = getCACertificates?.('default') ?? [];
  if (known.length > 0) return [...known];
  const extra = extraFile === undefined ? undefined : readIfThere(extraFile);
  return extra === undefined ? [bundledRoots()] : [bundledRoots(), extra];
}

/** The system's store, or what SSL_CERT_FILE and SSL_CERT_DIR put in its place, and NODE_EXTRA_CA_CERTS. */
export function systemRoots({ certFile, certDir, extraFile }: RootEnvironment): string {
  const found: string[] = [];
  if (certFile !== undefined) found.push(readNamed(certFile, 'SSL_CERT_FILE'));
  if (certDir !== undefined) found.push(...certDir.split(delimiter).flatMap(certificatesIn));
  if (certFile === undefined && certDir === undefined) found.push(storeOfSystem());
  if (extraFile !== undefined) found.push(readNamed(extraFile, 'NODE_EXTRA_CA_CERTS'));
  const roots = found.join('\n');
  if (!roots.includes(PEM_CERTIFICATE)) {
    throw new Error(
      `the system's root certificates were not found (tried ${[...SYSTEM_FILES, ...SYSTEM_DIRECTORIES].join(', ')}); set SSL_CERT_FILE, or use Node 22.15 or later, which asks the system itself`,
    );
  }
  return roots;
}

function storeOfSystem(): string {
  // Not in Node 20.
  const { getCACertificates } = nodeTls() as { getCACertificates?: (type: 'system') => readonly string[] };
  const known = getCACertificates?.('system') ?? [];
  // It lists a certificate for each name that its file has.
  if (known.length > 0) return [...new Set(known)].join('\n');
  for (const file of SYSTEM_FILES) {
    const text = readIfThere(file);
    if (text !== undefined) return text;
  }
  for (const directory of SYSTEM_DIRECTORIES) {
    const found = certificatesIn(directory);
    if (found.length > 0) return found.join('\n');
  }
  return '';
}

/** The certificates in a directory, each once: the hashed names there are links to others. */
function certificatesIn(directory: string): string[] {
  let names: string[];
  try {
    names = nodeFs().readdirSync(directory).sort();
  } catch {
    // As OpenSSL does: a directory that is not there holds none.
    return [];
  }
  const texts = names.map((name) => readIfThere(join(directory, name)) ?? '');
  return [...new Set(texts.filter((text) => text.includes(PEM_CERTIFICATE)))];
}

function readIfThere(file: string): string | undefined {
  try {
    return nodeFs().readFileSync(file, 'latin1');
  } catch {
    // Not there, a directory, or not for us: the next place may be.
    return undefined;
  }
}

function readNamed(file: string, variable: string): string {
  try {
    return nodeFs().readFileSync(file, 'latin1');
  } catch (error) {
    throw new Error(
      `${variable} names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): ${file}`,
      { cause: error },
    );
  }
}
