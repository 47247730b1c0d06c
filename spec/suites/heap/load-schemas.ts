// Takes each hostile schema as reflection would, makes a codec of it, and prints, one line each, how that ended and for how
// long it held the event loop at most. Run by a process with a small heap: what is too large for it kills the process, and
// the last line says which.

import { checkReflectionOptions } from '../../../lib/catalog/reflection-options.ts';
import type { ReflectionStream } from '../../../lib/schema/reflection/invoke.ts';
import { LayeredRegistry } from '../../../lib/schema/reflection/layered-registry.ts';
import { Reflector } from '../../../lib/schema/reflection/reflector.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { HOSTILE_SCHEMAS, type HostileSchema } from './schemas.ts';
import { lengthDelimited } from './wire.ts';

/** Field 4 of a ServerReflectionResponse: a FileDescriptorResponse with the files in its field 1. */
function answerOf(files: readonly Uint8Array[]): Uint8Array {
  return lengthDelimited(4, Buffer.concat(files.map((file) => lengthDelimited(1, file))));
}

/** ErrorResponse with NOT_FOUND. */
const NOT_FOUND = Uint8Array.of(0x3a, 2, 8, 5);

/** A server that answers the first question with all that it has, and knows no more. */
function streamOf(files: readonly Uint8Array[]): ReflectionStream {
  let asked = 0;
  let answered = 0;
  return {
    send: () => {
      asked++;
    },
    receive: async () => {
      if (answered >= asked) throw new Error('nothing was asked');
      return { kind: 'message', bytes: answered++ === 0 ? answerOf(files) : NOT_FOUND };
    },
    close: () => {},
  };
}

async function load({ service = 't.S', files }: HostileSchema): Promise<string> {
  const schema = new LayeredRegistry();
  const sent = files();
  const reflector = new Reflector({
    invoke: () => streamOf(sent),
    schema,
    limits: checkReflectionOptions(undefined).limits,
    version: 'v1',
    server: 'evil',
    now: () => 0,
    connection: () => 1,
  });
  const options = { waitForReady: false, timeoutMs: 10_000, signal: new AbortController().signal };
  try {
    await reflector.fetchService(service, true, options);
    schema.current.method(`${service}/M`).reply.decode(new Uint8Array(), 0, 0);
    return 'OK';
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return error.message.length > 1000 ? `a text of ${error.message.length} characters` : error.message;
  }
}

const [only, pick] = process.argv.slice(2);
for (const one of HOSTILE_SCHEMAS) {
  if (only === 'quick' && one.isQuick !== true) continue;
  if (pick !== undefined && !one.name.includes(pick)) continue;
  process.stdout.write(`${one.name}: `);
  const { user, system } = process.cpuUsage();
  const end = await load(one);
  const used = process.cpuUsage();
  const ms = Math.round((used.user + used.system - user - system) / 1000);
  process.stdout.write(`${end} (${ms} ms, ${Math.round(process.memoryUsage().rss / 1e6)} MB)\n`);
}
