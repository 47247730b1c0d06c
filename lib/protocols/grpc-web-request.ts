// A request of gRPC-Web: message frames, and the trailers as a last frame. Source: grpc doc/PROTOCOL-WEB.md.

import type { CompressionTable } from '../rpc/compression/compression.ts';
import { fieldValue, without } from '../rpc/field-list.ts';
import { clientOutcome, outcomeOfCutShort, trimBlanks } from '../rpc/outcome.ts';
import type { FieldList, StreamRequest } from '../rpc/transport.ts';
import { StatusCode } from '../values/status.ts';
import { isField, mediaType } from './field-list.ts';
import { FramedRequest } from './framed-request.ts';

const BASE_TYPE = 'application/grpc-web';
const STATUS_FIELDS: ReadonlySet<string> = new Set([
  'grpc-status',
  'grpc-message',
  'grpc-status-details-bin',
]);

export class GrpcWebRequest extends FramedRequest {
  protected readonly endBit = 0x80;
  protected readonly endName = 'trailers frame of gRPC-Web';
  /** What came as HTTP trailers, which some servers send although nobody behind a browser could read them. */
  #httpTrailers: FieldList | undefined;

  constructor(request: StreamRequest, compressions: CompressionTable) {
    super(request, compressions);
  }

  protected readHead(fields: FieldList): FieldList | undefined {
    const type = mediaType(fieldValue(fields, 'content-type'));
    const base = this.baseOf(type);
    if (base === undefined || fieldValue(fields, ':status') !== '200') return undefined;
    return withContentType(fields, type.replace(base, 'application/grpc'));
  }

  /** What of a content-type that this call takes is before its codec; undefined for any other content-type. */
  protected baseOf(type: string): string | undefined {
    return isOf(BASE_TYPE, type, this.codec) ? BASE_TYPE : undefined;
  }

  protected get codec(): string {
    const type = this.head.protocol?.contentType ?? '';
    return type.slice(type.lastIndexOf('+') + 1);
  }

  /** Trailers-only, most likely, but that the end of the body is still to come. */
  protected override waitsForEnd(head: FieldList): boolean {
    return fieldValue(head, 'grpc-status') !== undefined;
  }

  override onHeaders(fields: FieldList, endStream: boolean): void {
    const head = endStream ? this.readHead(fields) : undefined;
    if (head === undefined) super.onHeaders(fields, endStream);
    // Trailers-only, as in gRPC.
    else this.concludeAtOnce(undefined, head);
  }

  protected readEnd(octets: Buffer): FieldList | undefined {
    const fields: string[] = [];
    // An octet a character, as in header fields.
    for (const line of octets.toString('latin1').split(/\r?\n/)) {
      if (line === '') continue;
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
      const value = trimBlanks(line.slice(colon + 1));
      if (!isField(name, value)) {
        const shown = JSON.stringify(line.slice(0, 100));
        const details = `the server broke the protocol: the ${this.endName} has the malformed line ${shown}`;
        this.decide(clientOutcome(StatusCode.INTERNAL, details));
        return undefined;
      }
      fields.push(name, value);
    }
    return fields;
  }

  override onTrailers(fields: FieldList): void {
    if (this.isForeign) super.onTrailers(fields);
    else this.#httpTrailers = fields;
  }

  protected onMissingEnd(head: FieldList | undefined): void {
    const trailers = this.#httpTrailers;
    if (trailers !== undefined && fieldValue(trailers, 'grpc-status') !== undefined) {
      if (head === undefined) this.conclude(trailers);
      else this.concludeAtOnce(head, trailers);
    } else if (head !== undefined && fieldValue(head, 'grpc-status') !== undefined) {
      this.concludeAtOnce(without(head, STATUS_FIELDS), head);
    } else {
      const details = `the response of gRPC-Web ended without its trailers frame: it was cut short, or what stands in between dropped it`;
      this.decide(outcomeOfCutShort(StatusCode.UNKNOWN, details, this.isExpired()));
    }
  }
}

/** Whether a content-type has this base and codec; without a codec it is proto. */
export function isOf(base: string, type: string, codec: string): boolean {
  return type === `${base}+${codec}` || (type === base && codec === 'proto');
}

function withContentType(fields: FieldList, type: string): FieldList {
  return fields.map((text, i) => (i % 2 === 1 && fields[i - 1] === 'content-type' ? type : text));
}
