// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// A call that is written to a file of requests, with what came back as what is expected: `stubless call … --save FILE#NAME`.
// What looks like a secret is not written: a variable of the environment stands in its place.

import { existsSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import type { Client, MethodDescription, Status } from '../../index.ts';
import { SCHEMA_LINE } from '../../requests/file/keys.ts';
import { mistakeText } from '../../requests/file/source-file.ts';
import { literalText, literalValue } from '../../requests/file/template.ts';
import { DEFAULT_TIMEOUT_MS } from '../../requests/run/run-requests.ts';
import { writtenPattern } from '../../requests/run/snapshot.ts';
import { fromEnvironment, type SecretName, Secrets, variableFor } from '../../requests/secrets.ts';
import { isSecret } from '../../values/secret-metadata.ts';
import { durationText } from '../../values/text/duration-text.ts';
import { likeLinesOf, parseYaml, parseYamlDocument, yamlOf } from '../client/yaml-text.ts';
import { LocalError, writing } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import type { ConnectionValues } from '../options/connection.ts';
import type { RequestValues } from '../options/request.ts';
import type { SchemaValues } from '../options/schema-options.ts';
import { hideOptions } from './open-targets.ts';
import { openRequestFile } from './read-file.ts';
import { requestPlace } from './request-place.ts';
import { MAX_SAVED_REPLIES } from './saved-replies.ts';
import { maskedSnapshot } from './snapshot-files.ts';

type SaveOptions = ConnectionValues & RequestValues & SchemaValues;

export class SavedCall {
  readonly #path: string;
  readonly #name: string;
  readonly #target: string;
  readonly #options: SaveOptions;
  readonly #io: Io;
  readonly #secrets: Secrets;
  /** Variables of which it was said that they are to be set. */
  readonly #told = new Set<string>();
  /** No more of them than are written: a stream may have no end. */
  readonly #replies: Uint8Array[] = [];
  #replyCount = 0;

  private constructor(
    path: string,
    name: string,
    target: string,
    options: SaveOptions,
    io: Io,
    secrets: Secrets,
  ) {
    this.#path = path;
    this.#name = name;
    this.#target = target;
    this.#options = options;
    this.#io = io;
    this.#secrets = secrets;
    hideOptions(secrets, options, io.env);
  }

  /**
   * Throws a LocalError where the file has mistakes, or such a request.
   * @param secrets what is not written, besides that of the options
   */
  static open(
    place: string,
    target: string,
    options: SaveOptions,
    io: Io,
    secrets: Secrets = new Secrets(),
  ): SavedCall {
    const { path, name } = requestPlace(place);
    if (existsSync(path)) {
      const { source, requests } = openRequestFile(path);
      const [mistake] = source.mistakes;
      if (mistake !== undefined) throw new LocalError(`--save: ${mistakeText(mistake)}`);
      const same = requests.find((request) => request.name === name);
      if (same !== undefined) {
        const { line } = source.placeOf(same.at);
        throw new LocalError(`--save: ${path} has a request '${name}' in line ${line}; give another name`);
      }
    }
    return new SavedCall(path, name, target, options, io, secrets);
  }

  replyCame(reply: Uint8Array): void {
    if (++this.#replyCount <= MAX_SAVED_REPLIES) this.#replies.push(reply);
  }

  /** All of a call at once: as many as are written, and how many there were. */
  repliesCame(first: readonly Uint8Array[], count: number): void {
    for (const reply of first) this.replyCame(reply);
    this.#replyCount = count;
  }

  async write(
    client: Client,
    method: MethodDescription,
    requests: readonly Uint8Array[],
    status: Status,
    sentCount: number,
  ): Promise<void> {
    if (sentCount > requests.length) {
      throw new LocalError(
        `--save: the call had ${sentCount} requests, of which the first ${requests.length} were kept; it is not written`,
      );
    }
    const isNew = !existsSync(this.#path);
    const request = {
      name: this.#name,
      method: method.path.slice(1),
      ...this.#settings(),
      ...this.#withoutSecrets(messagesOf(client, method, requests)),
      expect: maskedSnapshot(this.#expectation(client, method, status), this.#secrets),
    };
    const text = isNew ? this.#newFile(request) : this.#withRequest(request);
    await writing(this.#path, () => writeFileSync(this.#path, text));
    notice(this.#io, `${isNew ? 'made' : 'added to'} ${this.#path}: '${this.#name}'`);
  }

  #newFile(request: object): string {
    const file = { target: this.#target, ...this.#schema(), requests: [request] };
    if (/\.json$/i.test(this.#path)) return `${JSON.stringify(file, undefined, 2)}\n`;
    return `${SCHEMA_LINE}${yamlOf(file)}`;
  }

  #withRequest(request: object): string {
    const { text } = openRequestFile(this.#path).source;
    // Numbers beyond 2^53 that stand in the file already are to stay what they are.
    const document = parseYamlDocument(text, { intAsBigInt: true, uniqueKeys: false });
    const { target } = (parseYaml(text, { merge: true }) ?? {}) as { target?: unknown };
    const own = target === this.#target ? request : { ...request, target: this.#target };
    const list = document.get('requests', true) as unknown as YamlList | undefined;
    // An alias, or the list of a mapping that is merged.
    if (list?.items === undefined) {
      throw new LocalError(
        `--save: 'requests' of ${this.#path} is written elsewhere; write the list out there`,
      );
    }
    const end = list.range[1] - 1;
    if (/\.json$/i.test(this.#path) && text[end] === ']') {
      const added = JSON.stringify(own, undefined, 2).replace(/^/gm, '    ');
      const comma = list.items.length === 0 ? '' : ',';
      return `${text.slice(0, end).trimEnd()}${comma}\n${added}\n  ${text.slice(end)}`;
    }
    document.addIn(['requests'], document.createNode(own));
    return likeLinesOf(text, document.toString(FORM));
  }

  /** Where the schema is, from the file's folder. */
  #schema(): object {
    const { proto, importPath, protoset, reflect } = this.#options;
    const path = (name: string): string => relative(dirname(resolve(this.#path)), resolve(name));
    const schema = {
      ...(proto === undefined ? {} : { proto: proto.map(path) }),
      ...(importPath === undefined ? {} : { importPath: importPath.map(path) }),
      ...(protoset === undefined ? {} : { protoset: protoset.map(path) }),
      ...(reflect === undefined ? {} : { reflect }),
    };
    return Object.keys(schema).length === 0 ? {} : { schema };
  }

  #settings(): object {
    const { header = [], rpcHeader = [], token, timeout, protocol, codec, compress } = this.#options;
    const metadata: Record<string, string | string[]> = {};
    const given: (readonly [string, string])[] = [...header, ...rpcHeader];
    if (token !== undefined) given.push(['authorization', `Bearer ${token}`]);
    for (const [name, value] of given) {
      const text = this.#withoutSecret(name, value);
      const before = metadata[name];
      metadata[name] = before === undefined ? text : [before, text].flat();
    }
    return {
      ...(given.length === 0 ? {} : { metadata }),
      ...(timeout === undefined || timeout === DEFAULT_TIMEOUT_MS || timeout === Number.POSITIVE_INFINITY
        ? {}
        : { timeout: durationText(timeout) }),
      ...(protocol === undefined ? {} : { protocol }),
      ...(codec === undefined ? {} : { codec }),
      ...(compress === undefined ? {} : { compress }),
    };
  }

  /** With variables of the environment in place of secrets, of those that were captured as well. */
  #withoutSecrets<Value>(value: Value): Value {
    const missing = new Set<string>();
    const instead = ({ name, isCaptured }: SecretName): string => {
      const variable = isCaptured ? variableFor(name) : name;
      if (this.#io.env[variable] === undefined) missing.add(variable);
      return `\${env:${variable}}`;
    };
    const text = JSON.stringify(value, (_, item: unknown) =>
      typeof item === 'string' ? this.#secrets.replaced(item, instead) : item,
    );
    for (const variable of missing) {
      if (this.#told.has(variable)) continue;
      this.#told.add(variable);
      notice(this.#io, `a secret is not written to ${this.#path}; set ${variable} in the environment`);
    }
    return JSON.parse(text) as Value;
  }

  /** What the command line takes from the environment, the file does too. */
  #withoutSecret(name: string, value: string): string {
    const withVariables = value.replace(
      /(\$?)\$\{([A-Za-z_]\w*)\}/g,
      (whole, dollar: string, variable: string) => (dollar === '' ? `\${env:${variable}}` : whole),
    );
    if (withVariables !== value) return this.#withoutSecrets(withVariables);
    const { variable, text } = fromEnvironment(name, value);
    const masked = this.#secrets.masked(value);
    // Of a request of another file, or the value of another option.
    if (masked !== text && (masked !== value || !isSecret(name, value))) return this.#withoutSecrets(value);
    notice(
      this.#io,
      `the value of '${name}' is not written to ${this.#path}; set ${variable} in the environment`,
    );
    return text;
  }

  #expectation(client: Client, method: MethodDescription, status: Status): object {
    const replies = this.#replies.map((bytes) => writtenPattern(jsonOf(client, method.replyType, bytes)));
    const ended =
      status.codeName === 'OK'
        ? {}
        : { status: { code: status.codeName, message: literalText(status.details) } };
    if (!method.cardinality.endsWith('stream'))
      return replies.length === 0 ? { status: 'OK', ...ended } : { reply: replies[0] };
    const isMore = this.#replyCount > MAX_SAVED_REPLIES;
    return { ...ended, replies: isMore ? { $length: this.#replyCount } : replies };
  }
}

/** As much of the package's list as is looked at. */
interface YamlList {
  readonly range: readonly [number, number, number];
  readonly items?: readonly unknown[];
}

const FORM = { lineWidth: 0 } as const;

function messagesOf(client: Client, method: MethodDescription, requests: readonly Uint8Array[]): object {
  const messages = requests.map((bytes) => literalValue(jsonOf(client, method.requestType, bytes)));
  if (method.cardinality.startsWith('stream')) return { requests: messages };
  return messages.length === 0 || Object.keys(messages[0] as object).length === 0
    ? {}
    : { request: messages[0] };
}

function jsonOf(client: Client, type: string, bytes: Uint8Array): unknown {
  return JSON.parse(client.toJsonString(type, client.decode(type, bytes)));
}
