// Decodes each hostile reply, as a reply and as a detail of an error, and prints, one line each, how that ended. Run by a process with a small heap: one reply too
// large for it kills the process, and the last line says which.

import { DecodeError } from '../../../lib/schema/codec/wire/decode-error.ts';
import { loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { decodeErrorDetails } from '../../../lib/schema/registry/error-details.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { AS_DETAIL, HOSTILE_REPLIES, type HostileReply } from './replies.ts';
import { lengthDelimited } from './wire.ts';

const DETAIL_OCTETS = 400_000;

async function registryOf({
  schema,
  syntax = 'syntax = "proto3"',
  values,
  keepUnknown,
}: HostileReply): Promise<Registry> {
  const registry = new Registry(values, { keepUnknown: keepUnknown === true });
  registry.add((await loadProtoSource(`${syntax}; package t; ${schema}`, 't.proto')).files, 't.proto');
  return registry;
}

function decode(registry: Registry, bytes: Uint8Array): string {
  try {
    registry.message('t.Reply').decode(bytes, 0, bytes.length);
    return 'OK';
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return `${error.status} ${error.message.replace(/.*?: /, '')}`;
  }
}

/** As the one detail of a google.rpc.Status: as much of it as is not too large for that at first sight. */
function decodeAsDetail(registry: Registry, bytes: Uint8Array): string {
  const value = lengthDelimited(2, bytes.subarray(0, DETAIL_OCTETS));
  const any = Buffer.concat([lengthDelimited(1, Buffer.from('x/t.Reply')), value]);
  return decodeErrorDetails(lengthDelimited(3, any), registry).problem ?? 'OK';
}

const [only] = process.argv.slice(2);
for (const one of HOSTILE_REPLIES) {
  if (only === 'quick' && one.isQuick !== true) continue;
  const bytes = one.reply();
  for (const [as, read] of [
    ['', decode],
    [AS_DETAIL, decodeAsDetail],
  ] as const) {
    process.stdout.write(`${one.name}${as}: `);
    const registry = await registryOf(one);
    const start = performance.now();
    const end = read(registry, bytes);
    const ms = Math.round(performance.now() - start);
    process.stdout.write(`${end} (${ms} ms, ${Math.round(process.memoryUsage().rss / 1e6)} MB)\n`);
  }
}
