// The request heads of a client: the fields that are the same for every call of a method. Each is made once, since the
// HTTP/2 layer recognises a head by its identity. Source: grpc doc/PROTOCOL-HTTP2.md, "Request-Headers".

import type { Protocol } from '../protocols/protocol.ts';
import { hasField } from '../rpc/field-list.ts';
import type { FieldList, RequestHead } from '../rpc/transport.ts';
import type { Method } from '../schema/codec/method.ts';

export interface RequestHeadSetup {
  readonly protocol: Protocol;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  /** Put before every method's path. */
  readonly pathPrefix: string;
  readonly userAgent: string;
  /** The compression algorithms that replies may use. */
  readonly acceptEncoding: string;
  /** The client's own metadata. */
  readonly metadata: FieldList;
}

export class RequestHeads {
  readonly #setup: RequestHeadSetup;

  constructor(setup: RequestHeadSetup) {
    this.#setup = setup;
  }

  /** The head of a method's calls, with the client's metadata or other metadata. */
  of(method: Method, metadata: FieldList = this.#setup.metadata): RequestHead {
    const { scheme, authority, pathPrefix, protocol } = this.#setup;
    const { codec } = method;
    return {
      scheme,
      authority,
      path: `${pathPrefix}${method.path}`,
      fields: [...protocol.headFields(method, codec ?? 'proto', this.#setup), ...metadata],
      codec,
      protocol: protocol.factsOf(method, codec ?? 'proto'),
    };
  }

  /** The head of a call with metadata of its own, which replaces the client's entries of the same names. */
  without(head: RequestHead, method: Method, fields: FieldList): RequestHead {
    const own = this.#setup.metadata;
    if (own.length === 0) return head;
    const kept: string[] = [];
    for (let i = 0; i < own.length; i += 2) if (!hasField(fields, own[i])) kept.push(own[i], own[i + 1]);
    return kept.length === own.length ? head : this.of(method, kept);
  }
}
