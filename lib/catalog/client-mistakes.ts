// What to tell a program that expects a client to have the members of other gRPC libraries' clients: a method of the
// service itself, a service or package of grpc-js's loadPackageDefinition, or grpc-js's own methods. Makes no calls.

import type { ServiceInfo } from '../schema/registry/loaded-method.ts';

const ANY_KIND = 'client.request(method, message) makes calls of every kind';
const CLOSE = 'await client.close() ends its connections';
const LOAD = "await client.load('….proto') reads schemas";

const OF_OTHERS: Readonly<Record<string, string>> = {
  getChannel: 'its connection is client.channel',
  makeUnaryRequest: ANY_KIND,
  makeClientStreamRequest: ANY_KIND,
  makeServerStreamRequest: ANY_KIND,
  makeBidiStreamRequest: ANY_KIND,
  call: ANY_KIND,
  invoke: ANY_KIND,
  unary: ANY_KIND,
  connect: 'it connects at its first call, and await client.waitForReady() does so before',
  disconnect: CLOSE,
  shutdown: CLOSE,
  loadSync: LOAD,
  loadPackageDefinition: LOAD,
};

/** What to write instead of a member that a client does not have; undefined unless it is a known mistake. */
export function missingOfClient(name: string, services: readonly ServiceInfo[]): string | undefined {
  const other = Object.hasOwn(OF_OTHERS, name) ? OF_OTHERS[name] : undefined;
  if (other !== undefined) return `a client has no method '${name}': ${other}`;
  return aboutMethod(name, services) ?? aboutService(name, services) ?? aboutUnknown(name);
}

function aboutMethod(name: string, services: readonly ServiceInfo[]): string | undefined {
  for (const { fullName, methods } of services) {
    // The methods of generated clients begin with a lower-case letter.
    const method = methods.find((one) => one.name === name || uncapitalized(one.name) === name);
    if (method !== undefined) return byName(name, `'${method.fullName}'`, fullName, method.name);
  }
  return undefined;
}

function aboutService(name: string, services: readonly ServiceInfo[]): string | undefined {
  const service = services.find(
    // Users of nice-grpc and Connect name a client after its service, with a lower-case letter.
    (one) => one.name === name || uncapitalized(one.name) === name || one.fullName.startsWith(`${name}.`),
  );
  if (service === undefined) return undefined;
  return `a client has no member '${name}': a service as an object is client.service('${service.fullName}')`;
}

/** Nothing that is loaded explains the name, but it looks like a method: nothing else begins with a capital letter. */
function aboutUnknown(name: string): string | undefined {
  return /^[A-Z][a-zA-Z0-9]*$/.test(name) ? byName(name, `'${name}'`, 'package.Service', name) : undefined;
}

function byName(asked: string, fullName: string, service: string, method: string): string {
  return `a client has no method '${asked}': call it by its name, await client.request(${fullName}, { … }), or by its service, await client.service('${service}').${method}({ … })`;
}

function uncapitalized(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}
