// The text mode of gRPC-Web: the same body in base64, each piece of it encoded by itself, so that there is padding
// wherever a side flushed. Source: grpc doc/PROTOCOL-WEB.md, "Protocol differences vs gRPC over HTTP2".

import { clientOutcome } from '../rpc/outcome.ts';
import type { StreamEnd } from '../rpc/transport.ts';
import { bufferOf } from '../values/octets.ts';
import { StatusCode } from '../values/status.ts';
import { Base64Groups, GROUP_CHARACTERS } from './base64-groups.ts';
import { GrpcWebRequest, isOf } from './grpc-web-request.ts';

const TEXT_TYPE = 'application/grpc-web-text';

export class GrpcWebTextRequest extends GrpcWebRequest {
  /** Undefined where the server answers with octets, as it may. */
  #groups: Base64Groups | undefined;
  /** By how much the text was longer than its octets: what is to be given back along with those. */
  #surplus = 0;
  /** As much of that as was credited, but not given back. */
  #lent = 0;

  protected override baseOf(type: string): string | undefined {
    if (!isOf(TEXT_TYPE, type, this.codec)) return super.baseOf(type);
    this.#groups = new Base64Groups();
    return TEXT_TYPE;
  }

  override write(bytes: Uint8Array, start: number, end: number, _: boolean, endStream: boolean): boolean {
    const text = bufferOf(bytes, start, end).toString('base64');
    const encoded = Buffer.from(text, 'latin1');
    return super.write(encoded, 0, encoded.length, true, endStream);
  }

  override onData(chunk: Uint8Array, start: number, end: number): void {
    const groups = this.#groups;
    if (groups === undefined || this.isForeign) {
      super.onData(chunk, start, end);
      return;
    }
    if (this.isOver) return;
    const before = groups.pending;
    const octets = groups.decode(chunk, start, end);
    if (!groups.isBroken) this.#surplus += before + end - start - groups.pending - octets.length;
    super.onData(octets, 0, octets.length);
    if (!groups.isBroken) return;
    const text = bufferOf(chunk, start, Math.min(end, start + MAX_SHOWN));
    this.#violated(`is not base64: ${JSON.stringify(text.toString('latin1'))}`);
  }

  override onEnd(end: StreamEnd): void {
    const pending = this.isForeign ? 0 : (this.#groups?.pending ?? 0);
    this.consumed(pending);
    if (pending > 0 && end.kind === 'complete')
      this.#violated(`ended ${pending} characters into a group of ${GROUP_CHARACTERS} of base64`);
    super.onEnd(end);
  }

  // Crediting less than all of a message that is not whole would close the window before it is.
  override credit(octets: number, isAwaited: boolean): void {
    const surplus = this.#surplus;
    this.#surplus = 0;
    this.#lent += surplus;
    super.credit(octets + surplus, isAwaited);
  }

  override taken(octets: number): void {
    super.taken(octets + this.#takeSurplus());
  }

  protected override consumed(octets: number): void {
    super.consumed(octets + this.#takeSurplus());
  }

  #takeSurplus(): number {
    const surplus = this.#surplus + this.#lent;
    this.#surplus = 0;
    this.#lent = 0;
    return surplus;
  }

  #violated(what: string): void {
    const details = `the server broke the protocol: the response of gRPC-Web in text mode ${what}`;
    this.decide(clientOutcome(StatusCode.INTERNAL, details));
  }
}

const MAX_SHOWN = 100;
