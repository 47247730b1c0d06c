// Prints the replies of a call in the form that was asked for. Knows nothing of calls.

import type { Client } from '../index.ts';
import { escapeJson, escapeLines, jsonText } from './escape.ts';
import { UsageError } from './failure.ts';
import type { Io } from './io.ts';
import { delimited, TEXT_SEPARATOR } from './message-split.ts';
import type { JsonValues, OutputForm } from './options/output.ts';

export interface ReplyPrinterSetup {
  readonly client: Client;
  /** Full name of the replies' type. */
  readonly type: string;
  readonly isStream: boolean;
  readonly form: OutputForm;
  readonly json: JsonValues;
  readonly io: Io;
}

export class ReplyPrinter {
  readonly #setup: ReplyPrinterSetup;
  readonly #options: { readonly emitDefaults: boolean; readonly protoNames: boolean };
  #count = 0;

  constructor(setup: ReplyPrinterSetup) {
    this.#setup = setup;
    this.#options = {
      emitDefaults: setup.json.emitDefaults === true,
      protoNames: setup.json.protoNames === true,
    };
    if (setup.form === 'binary' && setup.io.out.isTerminal) {
      throw new UsageError('binary output would garble the terminal; write it to a file: … > reply.bin');
    }
  }

  /** Prints one reply; await it before the next. */
  async print(bytes: Uint8Array): Promise<void> {
    const { io, form, isStream } = this.#setup;
    const isFirst = this.#count++ === 0;
    if (form === 'binary') {
      await io.out.write(isStream ? delimited(bytes) : bytes);
      return;
    }
    const reply = await this.#decode(bytes);
    if (form === 'text') {
      const text = this.#setup.client.toText(this.#setup.type, reply).trimEnd();
      await io.out.line(`${isFirst ? '' : `${TEXT_SEPARATOR}\n`}${escapeLines(text)}`);
    } else {
      const json = JSON.stringify(this.#toJson(reply), undefined, form === 'json' ? 2 : undefined);
      await io.out.line(io.out.colours.json(escapeJson(json)));
    }
  }

  /** A reply as JSON.stringify takes it. */
  async value(bytes: Uint8Array): Promise<unknown> {
    return this.#toJson(await this.#decode(bytes));
  }

  /** Decoded, with the types of Any values fetched from the server where they are not known. */
  async #decode(bytes: Uint8Array): Promise<unknown> {
    const { client, type } = this.#setup;
    const reply: unknown = client.decode(type, bytes);
    if (this.#isWhole(reply)) return reply;
    try {
      return await client.resolve(reply, { signal: this.#setup.io.signal });
    } catch {
      // Without reflection the bytes of an unknown Any are shown instead.
      return reply;
    }
  }

  #isWhole(reply: unknown): boolean {
    try {
      this.#setup.client.toJson(this.#setup.type, reply);
      return true;
    } catch {
      return false;
    }
  }

  #toJson(reply: unknown): unknown {
    try {
      return this.#setup.client.toJson(this.#setup.type, reply, this.#options);
    } catch {
      // What has no form in ProtoJSON is shown as it is.
      return JSON.parse(jsonText(reply));
    }
  }
}
