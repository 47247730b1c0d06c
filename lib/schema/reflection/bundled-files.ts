// The schemas that ship with the package, for servers that do not send the files that everybody has. Only here does
// reflection need the .proto parser, so it is imported when a server turns out to be one of these.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';

/**
 * Files that others publish, not the examples that ship with them. The name comes from the server: it cannot lead
 * upwards.
 */
const PUBLISHED = /^(?:google|grpc|buf|gogoproto|protoc-gen-openapiv2)(?:\/[A-Za-z0-9_-]+)+\.proto$/;

/** The bundled files with these names and what they import; other names are ignored. */
export async function bundledFiles(names: readonly string[]): Promise<readonly FileDescriptorProto[]> {
  const published = names.filter((name) => PUBLISHED.test(name));
  if (published.length === 0) return [];
  const { bundledDirectory, isBundled, loadProto } = await import('../proto/load-proto.ts');
  const there: string[] = [];
  for (const name of published) if (await isBundled(name)) there.push(name);
  if (there.length === 0) return [];
  const paths = there.map((name) => join(bundledDirectory(), ...name.split('/')));
  return (await loadProto(paths.map((path) => pathToFileURL(path)))).files;
}

/** The bundled files that define these symbols, among those that servers' files often use and seldom come with. */
export async function bundledFilesOf(symbols: Iterable<string>): Promise<readonly FileDescriptorProto[]> {
  const names = new Set<string>();
  for (const symbol of symbols) {
    if (!symbol.startsWith('google.')) continue;
    const name = (await import('../proto/linking/well-known-files.ts')).wellKnownFile(symbol);
    if (name !== undefined) names.add(name);
  }
  return bundledFiles([...names]);
}
