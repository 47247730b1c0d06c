// The request heads of a client: what is the same for every call of a method. Made once a method, since the HTTP/2
// layer knows a head by its identity. Source: grpc doc/PROTOCOL-HTTP2.md, "Request-Headers".

import type { FieldList, RequestHead } from '../rpc/transport.ts';
import type { Method } from '../schema/codec/method.ts';

export interface RequestHeadSetup {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  /** Comes before every method's path. */
  readonly pathPrefix: string;
  readonly userAgent: string;
  /** The compressions that replies may have. */
  readonly acceptEncoding: string;
  /** The client's own metadata. */
  readonly metadata: FieldList;
}

export class RequestHeads {
  readonly #setup: RequestHeadSetup;

  constructor(setup: RequestHeadSetup) {
    this.#setup = setup;
  }

  /** The head of calls of a method, with the client's metadata or other. */
  of(method: Method, metadata: FieldList = this.#setup.metadata): RequestHead {
    const { scheme, authority, pathPrefix, userAgent, acceptEncoding } = this.#setup;
    const { codec } = method;
    const contentType = codec === undefined ? 'application/grpc' : `application/grpc+${codec}`;
    return {
      scheme,
      authority,
      path: `${pathPrefix}${method.path}`,
      fields: [
        ...['te', 'trailers', 'content-type', contentType, 'user-agent', userAgent],
        ...['grpc-accept-encoding', acceptEncoding],
        ...metadata,
      ],
      codec,
    };
  }

  /** The head of a call with metadata of its own: a name in it replaces the client's values of that name. */
  without(head: RequestHead, method: Method, fields: FieldList): RequestHead {
    const own = this.#setup.metadata;
    if (own.length === 0) return head;
    const kept: string[] = [];
    for (let i = 0; i < own.length; i += 2) if (!hasField(fields, own[i])) kept.push(own[i], own[i + 1]);
    return kept.length === own.length ? head : this.of(method, kept);
  }
}

function hasField(fields: FieldList, name: string): boolean {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return true;
  return false;
}
