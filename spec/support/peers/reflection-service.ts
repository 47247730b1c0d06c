// grpc.reflection.v1 for a server on @grpc/grpc-js: what @grpc/proto-loader knows of its files, for every symbol that
// it has. It must not know stubless, nor anything of what its services do.

import { join } from 'node:path';
import type { Server, ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

interface ReflectionRequest {
  readonly fileContainingSymbol?: string | undefined;
  readonly fileByFilename?: string | undefined;
  readonly listServices?: string | undefined;
}

const NOT_FOUND = 5;

/** Adds the service, which tells of what `definition` holds. */
export function addReflection(server: Server, definition: PackageDefinition): void {
  const own = loadSync('grpc/reflection/v1/reflection.proto', {
    includeDirs: [join(process.cwd(), 'protos')],
    defaults: true,
    oneofs: true,
  });
  server.addService(own['grpc.reflection.v1.ServerReflection'] as ServiceDefinition, {
    ServerReflectionInfo(call: ServerDuplexStream<ReflectionRequest, object>) {
      call.on('data', (request: ReflectionRequest) => {
        call.write({ validHost: '', originalRequest: request, ...answer(request, definition) });
      });
      call.on('end', () => call.end());
    },
  });
}

function answer(request: ReflectionRequest, definition: PackageDefinition): object {
  if (request.listServices) {
    const services = Object.keys(definition).filter((name) => !('format' in definition[name]));
    return { listServicesResponse: { service: services.map((name) => ({ name })) } };
  }
  const symbol = request.fileContainingSymbol;
  const isKnown =
    symbol !== undefined && Object.keys(definition).some((name) => `${symbol}.`.startsWith(`${name}.`));
  if (!isKnown && !request.fileByFilename) {
    return { errorResponse: { errorCode: NOT_FOUND, errorMessage: `no symbol ${symbol}` } };
  }
  // Each definition of a message has all files.
  for (const one of Object.values(definition)) {
    if ('fileDescriptorProtos' in one) {
      return { fileDescriptorResponse: { fileDescriptorProto: one.fileDescriptorProtos } };
    }
  }
  return { errorResponse: { errorCode: NOT_FOUND, errorMessage: 'no files' } };
}
