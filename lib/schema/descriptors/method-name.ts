// The ways to write the name of a method: `SayHello`, `Greeter/SayHello` or `Greeter.SayHello`, with or without the
// package, and the path `/helloworld.Greeter/SayHello`. Syntax only: which method a name means, registry/method-index.ts
// knows once there is a schema; until then its service is what a server can be asked for.

import { lastPart, parentScope } from './names.ts';

export interface MethodName {
  /** With dots only: `helloworld.Greeter.SayHello`, or as much of that as was given. */
  readonly dotted: string;
  /** The service as it was given, with or without its package; '' for a bare method name. */
  readonly service: string;
  readonly method: string;
  /** Whether it is a path, so that the service is a full name. */
  readonly isPath: boolean;
}

export function parseMethodName(name: string): MethodName {
  const isPath = name.startsWith('/');
  const wanted = isPath ? name.slice(1) : name;
  const slash = wanted.lastIndexOf('/');
  const dotted = slash < 0 ? wanted : `${wanted.slice(0, slash)}.${wanted.slice(slash + 1)}`;
  return { dotted, service: parentScope(dotted), method: lastPart(dotted), isPath };
}
