// How loaded a server says it is, in the trailers of its calls. Reads only what weighted_round_robin needs of the
// message. Sources: gRFC A51, xds.data.orca.v3.OrcaLoadReport.

import { RelayedRequest } from '../../rpc/relayed-request.ts';
import type { FieldList, StreamRequest } from '../../rpc/transport.ts';

export interface LoadReport {
  readonly cpuUtilization: number;
  readonly applicationUtilization: number;
  /** Requests a second. */
  readonly rps: number;
  /** Errors a second. */
  readonly eps: number;
}

const TRAILER = 'endpoint-load-metrics-bin';
/** A report is a few numbers; one that holds more than this is not looked at. */
const MAX_REPORT_OCTETS = 16 * 1024;

// Field numbers of OrcaLoadReport, all of them doubles.
const CPU_UTILIZATION = 1;
const RPS_FRACTIONAL = 6;
const EPS = 7;
const APPLICATION_UTILIZATION = 9;

/** Reads the message; undefined when it is malformed. */
export function readLoadReport(octets: Uint8Array): LoadReport | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const doubles = new Map<number, number>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < octets.length; scale *= 128) {
      const octet = octets[at++];
      value += (octet & 0x7f) * scale;
      if (octet < 0x80) return value;
      if (scale >= 2 ** 63) break;
    }
    return Number.NaN;
  };
  while (at < octets.length) {
    const tag = varint();
    switch (tag % 8) {
      case 0:
        if (Number.isNaN(varint())) return undefined;
        break;
      case 1:
        if (at + 8 > octets.length) return undefined;
        doubles.set(Math.floor(tag / 8), view.getFloat64(at, true));
        at += 8;
        break;
      case 2: {
        // Not `at += varint()`, which would forget the octets of the length.
        const length = varint();
        at += length;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        return undefined;
    }
  }
  if (at !== octets.length) return undefined;
  const field = (number: number): number => {
    const value = doubles.get(number) ?? 0;
    return value >= 0 && value < Infinity ? value : 0;
  };
  return {
    cpuUtilization: field(CPU_UTILIZATION),
    applicationUtilization: field(APPLICATION_UTILIZATION),
    rps: field(RPS_FRACTIONAL),
    eps: field(EPS),
  };
}

/** Stands before a request and looks at the trailers for a load report. */
export class ReportedRequest extends RelayedRequest {
  readonly #onReport: (report: LoadReport) => void;

  constructor(request: StreamRequest, onReport: (report: LoadReport) => void) {
    super(request);
    this.#onReport = onReport;
    if (request.onLastFields !== undefined) request.onLastFields = (fields) => this.#look(fields);
  }

  override onHeaders(fields: FieldList, endStream: boolean, leading?: FieldList): void {
    if (endStream) this.#look(fields);
    super.onHeaders(fields, endStream, leading);
  }

  override onTrailers(fields: FieldList): void {
    this.#look(fields);
    super.onTrailers(fields);
  }

  #look(fields: FieldList): void {
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] !== TRAILER || fields[i + 1].length > MAX_REPORT_OCTETS) continue;
      const report = readLoadReport(Buffer.from(fields[i + 1], 'base64'));
      if (report !== undefined) this.#onReport(report);
      return;
    }
  }
}
