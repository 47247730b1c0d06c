// Prints the replies of a call in the form that was asked for. Knows nothing of calls.

import type { Client } from '../../index.ts';
import { decodeReply } from '../../requests/run/raw-method.ts';
import { escapeJson, escapeLines, jsonText } from '../command/escape.ts';
import { UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import type { JsonValues, OutputForm } from '../options/output.ts';
import { delimited, TEXT_SEPARATOR } from '../requests/message-split.ts';
import { ReplyText } from './reply-text.ts';

/** Replies of fewer bytes cannot become long text, unless defaults are shown too. */
const SMALL_REPLY_BYTES = 4096;
/** Spaces a level of JSON on a terminal, and of text format. */
const INDENT = 2;

export interface ReplyPrinterSetup {
  readonly client: Client;
  /** Full name of the replies' type. */
  readonly type: string;
  readonly isStream: boolean;
  readonly form: OutputForm;
  readonly json: JsonValues;
  /** What replies come as, by its name in the library. Binary output is of the wire format all the same. */
  readonly codec?: 'proto' | 'json' | undefined;
  /** Whether the server may be asked for types that the schema lacks. */
  readonly asksServer: boolean;
  readonly io: Io;
}

export class ReplyPrinter {
  readonly #setup: ReplyPrinterSetup;
  readonly #options: Required<JsonValues>;
  #count = 0;
  /** All replies that one JSON object is to hold. */
  readonly #kept = new ReplyText(INDENT);
  #isUnresolvable: boolean;
  /** Whether it was said that unknown fields are left out. */
  #isTold = false;

  constructor(setup: ReplyPrinterSetup) {
    this.#setup = setup;
    this.#isUnresolvable = !setup.asksServer;
    this.#options = {
      emitDefaults: setup.json.emitDefaults === true,
      protoNames: setup.json.protoNames === true,
      unknownFields: setup.json.unknownFields === true,
    };
    if (setup.form === 'binary' && setup.io.out.isTerminal) {
      throw new UsageError('binary output would garble the terminal; write it to a file: … > reply.bin');
    }
  }

  /** Prints one reply; await it before the next. */
  async print(bytes: Uint8Array): Promise<void> {
    const { io, form, isStream } = this.#setup;
    if (form === 'binary') {
      const message = await this.#binary(bytes);
      await io.out.write(isStream ? delimited(message) : message);
    } else await this.printDecoded(await this.decode(bytes), bytes);
  }

  async #binary(bytes: Uint8Array): Promise<Uint8Array> {
    const { client, type, codec } = this.#setup;
    return codec === 'json' ? client.encode(type, await this.decode(bytes), { codec: 'proto' }) : bytes;
  }

  /** Prints one reply that was decoded of these bytes; await it before the next. */
  async printDecoded(reply: unknown, bytes: Uint8Array): Promise<void> {
    const { io, form } = this.#setup;
    const isFirst = this.#count++ === 0;
    this.#limit(reply, bytes);
    if (form === 'text') {
      const text = this.#toText(reply).trimEnd();
      await io.out.line(`${isFirst ? '' : `${TEXT_SEPARATOR}\n`}${escapeLines(text)}`);
    } else {
      const json = this.#toJsonText(reply, form === 'json' ? INDENT : 0);
      await io.out.line(io.out.colours.json(escapeJson(json)));
    }
  }

  /** A reply as JSON.stringify takes it. */
  async value(bytes: Uint8Array): Promise<unknown> {
    const tree = this.#toJson(await this.decode(bytes));
    this.#kept.add(tree, bytes.length);
    return tree;
  }

  /** RpcError with RESOURCE_EXHAUSTED for a reply that would be text of a size that this process might not bear. */
  #limit(reply: unknown, bytes: Uint8Array): void {
    const { form } = this.#setup;
    const emitDefaults = this.#options.emitDefaults && form !== 'text';
    if (bytes.length < SMALL_REPLY_BYTES && !emitDefaults) return;
    const tree = this.#toJson(reply, emitDefaults);
    new ReplyText(form === 'jsonl' ? 0 : INDENT).add(tree, bytes.length);
  }

  /** Decoded, with the types of Any values and extensions fetched from the server where they are not known. */
  async decode(bytes: Uint8Array): Promise<unknown> {
    const { client, type } = this.#setup;
    const reply = decodeReply(client, type, bytes);
    if (this.#isUnresolvable) return reply;
    try {
      return await client.resolve(reply, { signal: this.#setup.io.signal });
    } catch {
      // Without reflection the bytes of an unknown Any are shown instead, of this reply and of those that follow.
      this.#isUnresolvable = true;
      return reply;
    }
  }

  #toText(reply: unknown): string {
    const { client, type } = this.#setup;
    return this.#withUnknownFields(({ unknownFields }) => client.toText(type, reply, { unknownFields }));
  }

  #toJsonText(reply: unknown, indent: number): string {
    const { client, type } = this.#setup;
    try {
      return this.#withUnknownFields((options) => client.toJsonString(type, reply, { ...options, indent }));
    } catch {
      // What has no form in ProtoJSON is shown as it is.
      return jsonText(reply, indent);
    }
  }

  /** Unknown fields are left out where there are too many to show, which is told once. */
  #withUnknownFields<T>(show: (options: Required<JsonValues>) => T): T {
    try {
      return show(this.#options);
    } catch (error) {
      if (!this.#options.unknownFields || !(error instanceof RangeError)) throw error;
      const shown = show({ ...this.#options, unknownFields: false });
      if (!this.#isTold) {
        notice(this.#setup.io, `a reply is shown without its unknown fields: ${error.message}`);
      }
      this.#isTold = true;
      return shown;
    }
  }

  #toJson(reply: unknown, emitDefaults: boolean = this.#options.emitDefaults): unknown {
    const { client, type } = this.#setup;
    try {
      return this.#withUnknownFields((options) => client.toJson(type, reply, { ...options, emitDefaults }));
    } catch {
      // What has no form in ProtoJSON is shown as it is.
      return JSON.parse(jsonText(reply));
    }
  }
}
