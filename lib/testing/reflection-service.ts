// grpc.reflection.v1 and v1alpha of a test server, which report its schema. Source: grpc doc/server-reflection.md.

import type { FileDescriptorProto } from '../schema/descriptors/descriptor-types.ts';
import { bundledFiles } from '../schema/reflection/bundled-files.ts';
import { encodeFileDescriptor } from '../schema/registry/descriptor-set.ts';
import { Registry } from '../schema/registry/registry.ts';
import { StatusCode } from '../values/status.ts';
import { ServiceTable } from './service-table.ts';

interface ReflectionRequest {
  readonly fileByFilename?: string;
  readonly fileContainingSymbol?: string;
  readonly listServices?: string;
}

/** The service for these schemas: the first that knows a name answers. */
export async function reflectionTable(schemas: () => Promise<readonly Registry[]>): Promise<ServiceTable> {
  const registry = new Registry();
  const names = ['grpc/reflection/v1/reflection.proto', 'grpc/reflection/v1alpha/reflection.proto'];
  registry.add(await bundledFiles(names), 'the package itself');
  const table = new ServiceTable(registry);
  async function* answer(requests: AsyncIterable<ReflectionRequest>): AsyncGenerator<object> {
    const known = [...(await schemas()), registry];
    for await (const request of requests) {
      yield { validHost: '', originalRequest: request, ...answerOf(request, known) };
    }
  }
  table.use(
    Object.fromEntries(table.services.map((service) => [`${service}/ServerReflectionInfo`, answer])),
    false,
  );
  return table;
}

function answerOf(request: ReflectionRequest, known: readonly Registry[]): object {
  const { fileByFilename, fileContainingSymbol, listServices } = request;
  if (listServices !== undefined) {
    const names = new Set(known.flatMap(({ services }) => services.map(({ fullName }) => fullName)));
    return { listServicesResponse: { service: [...names].sort().map((name) => ({ name })) } };
  }
  for (const registry of known) {
    const file =
      fileByFilename === undefined
        ? fileOf(registry, fileContainingSymbol ?? '')
        : registry.file(fileByFilename)?.proto;
    if (file !== undefined)
      return { fileDescriptorResponse: { fileDescriptorProto: withImports(registry, file) } };
  }
  const wanted = fileByFilename === undefined ? `symbol ${fileContainingSymbol}` : `file ${fileByFilename}`;
  return { errorResponse: { errorCode: StatusCode.NOT_FOUND, errorMessage: `there is no ${wanted} here` } };
}

/** The file that defines a symbol, or the service or message whose member it is. */
function fileOf(registry: Registry, symbol: string): FileDescriptorProto | undefined {
  const found = registry.find(symbol) ?? registry.find(symbol.slice(0, Math.max(0, symbol.lastIndexOf('.'))));
  return found?.file.proto;
}

/** A file and all that it imports, as bytes. */
function withImports(registry: Registry, file: FileDescriptorProto): Uint8Array[] {
  const files = new Map<string, FileDescriptorProto>();
  const pending = [file];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (files.has(next.name)) continue;
    files.set(next.name, next);
    for (const name of next.dependency ?? []) {
      const imported = registry.file(name)?.proto;
      if (imported !== undefined) pending.push(imported);
    }
  }
  const all = [...files.values()];
  return all.map((one) => encodeFileDescriptor(one, all));
}
