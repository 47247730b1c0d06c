// A stream of Connect: message frames both ways, and a last frame of JSON that says how the call ended.
// Source: connectrpc.com/docs/protocol, "Streaming RPCs".

import { fieldValue } from '../rpc/field-list.ts';
import { clientOutcome, outcomeOfCutShort } from '../rpc/outcome.ts';
import type { FieldList, StreamEnd } from '../rpc/transport.ts';
import { StatusCode } from '../values/status.ts';
import { errorTrailers, isObject, jsonObject, metadataFields } from './connect-error.ts';
import { connectFields, isOfGrpc, withoutLast } from './connect-fields.ts';
import { mediaType } from './field-list.ts';
import { FramedRequest } from './framed-request.ts';
import { END_OF_STREAM_BIT } from './wire-names.ts';

export class ConnectStream extends FramedRequest {
  protected readonly endBit: number = END_OF_STREAM_BIT;
  protected readonly endName = 'end-of-stream message of Connect';

  override callFields(): FieldList | undefined {
    return connectFields(super.callFields(), 'connect-content-encoding');
  }

  protected readHead(fields: FieldList): FieldList | undefined {
    const type = mediaType(fieldValue(fields, 'content-type'));
    if (fieldValue(fields, ':status') !== '200' || type !== this.head.protocol?.contentType) return undefined;
    const own: string[] = [];
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i];
      const value = fields[i + 1];
      if (name === 'content-type') own.push(name, type.replace('connect', 'grpc'));
      else if (name === 'connect-content-encoding') own.push('grpc-encoding', value);
      else if (name !== 'connect-accept-encoding' && !isOfGrpc(name)) own.push(name, value);
    }
    return own;
  }

  protected readEnd(octets: Buffer): FieldList | undefined {
    const text = octets.toString('utf8');
    const end = jsonObject(text);
    const metadata = end === undefined ? undefined : metadataFields(end['metadata']);
    const error = end?.['error'] ?? undefined;
    if (metadata === undefined || (error !== undefined && !isObject(error))) {
      const details = `the server broke the protocol: the ${this.endName} is ${JSON.stringify(text.slice(0, 100))}`;
      this.decide(clientOutcome(StatusCode.INTERNAL, details));
      return undefined;
    }
    const status = error === undefined ? ['grpc-status', '0'] : errorTrailers(error, StatusCode.UNKNOWN);
    return [...status, ...metadata];
  }

  /** Connect has no HTTP trailers. */
  override onTrailers(fields: FieldList): void {
    if (this.isForeign) super.onTrailers(fields);
  }

  override onEnd(end: StreamEnd): void {
    super.onEnd(withoutLast(end));
  }

  protected onMissingEnd(): void {
    const details = `the response ended without the ${this.endName}: it was cut short`;
    this.decide(outcomeOfCutShort(StatusCode.INTERNAL, details, this.isExpired()));
  }
}
