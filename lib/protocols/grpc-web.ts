// gRPC-Web: gRPC's message frames as the body of an HTTP request and response of any version, with the trailers as a last
// frame of the body. Source: grpc doc/PROTOCOL-WEB.md.

import type { CompressionTable } from '../rpc/compression/compression.ts';
import { clientOutcome, fieldValue, trimBlanks } from '../rpc/outcome.ts';
import type { FieldList, StreamRequest } from '../rpc/transport.ts';
import { StatusCode } from '../values/status.ts';
import { AdaptingTransport } from './adapting-transport.ts';
import { isField, mediaType, without } from './field-list.ts';
import { FramedRequest } from './framed-request.ts';
import type { CodecName, Protocol } from './protocol.ts';
import { GRPC_WEB_TYPE, TRAILERS_FRAME_BIT } from './wire-names.ts';

const LABEL = 'gRPC-Web';
const STATUS_FIELDS: ReadonlySet<string> = new Set([
  'grpc-status',
  'grpc-message',
  'grpc-status-details-bin',
]);

export const GRPC_WEB: Protocol = {
  name: 'grpc-web',
  // Over HTTP/2 most servers take it, but not what stands before them.
  isFullDuplex: false,
  factsOf: ({ requestStream, responseStream }, codec) => ({
    label: LABEL,
    contentType: `${GRPC_WEB_TYPE}+${codec}`,
    isUnary: !requestStream && !responseStream,
    isSafe: false,
  }),
  headFields: (_method, codec, { userAgent, acceptEncoding }) => [
    ...['content-type', `${GRPC_WEB_TYPE}+${codec}`, 'x-grpc-web', '1'],
    ...['user-agent', userAgent, 'x-user-agent', userAgent, 'grpc-accept-encoding', acceptEncoding],
  ],
  over: (channel, compressions) =>
    new AdaptingTransport(channel, (request) => new GrpcWebRequest(request, compressions)),
};

class GrpcWebRequest extends FramedRequest {
  protected readonly endBit: number = TRAILERS_FRAME_BIT;
  protected readonly endName = 'trailers frame of gRPC-Web';
  /** What came as HTTP trailers, which some servers send although nobody behind a browser could read them. */
  #httpTrailers: FieldList | undefined;

  constructor(request: StreamRequest, compressions: CompressionTable) {
    super(request, compressions);
  }

  protected readHead(fields: FieldList): FieldList | undefined {
    const type = mediaType(fieldValue(fields, 'content-type'));
    const wanted = this.head.protocol?.contentType ?? GRPC_WEB_TYPE;
    // Without a codec it is proto.
    const isOurs = type === wanted || (type === GRPC_WEB_TYPE && wanted === `${GRPC_WEB_TYPE}+${PROTO}`);
    if (!isOurs || fieldValue(fields, ':status') !== '200') return undefined;
    return withContentType(fields, type.replace(GRPC_WEB_TYPE, 'application/grpc'));
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

  protected readEnd(text: string): FieldList | undefined {
    const fields: string[] = [];
    for (const line of text.split(/\r?\n/)) {
      if (line === '') continue;
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
      const value = Buffer.from(trimBlanks(line.slice(colon + 1)), 'utf8').toString('latin1');
      if (!isField(name, value)) {
        const details = `the server broke the protocol: the ${this.endName} has the malformed line ${JSON.stringify(line.slice(0, 100))}`;
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
      const details = `the response of ${LABEL} ended without its trailers frame: it was cut short, or what stands in between dropped it`;
      this.decide(clientOutcome(StatusCode.UNKNOWN, details));
    }
  }
}

const PROTO: CodecName = 'proto';

function withContentType(fields: FieldList, type: string): FieldList {
  return fields.map((text, i) => (i % 2 === 1 && fields[i - 1] === 'content-type' ? type : text));
}
