// What is to be sent, worked out before anything is: which requests of a file, to which target, for which rows, and whether
// each of them fits its schema.

import { type Client, type MethodDescription, SchemaError } from '../../index.ts';
import { typeNameOfUrl } from '../../schema/descriptors/names.ts';
import { type Row, rowsOf } from '../file/data-rows.ts';
import type { RequestFile, SavedRequest, SchemaChoice } from '../file/request-file.ts';
import type { Mistake, SourceNode } from '../file/source-file.ts';
import { filled, jsonOf, TemplateProblem, UNKNOWN } from '../file/template.ts';
import type { Secrets } from '../secrets.ts';
import { type BoundRequest, bindRequest, checkCaptures, type Files } from './bound-request.ts';
import type { SnapshotFile } from './snapshot.ts';
import {
  type Environment,
  layerOfEntries,
  unknownLayer,
  type VariableLayer,
  Variables,
} from './variables.ts';

/** What decides which client a request is sent with. */
export interface TargetChoice {
  /** As the file has it; undefined where it names none. */
  readonly target: string | undefined;
  readonly schema: SchemaChoice | undefined;
  readonly protocol: SavedRequest['protocol'];
  readonly codec: SavedRequest['codec'];
  readonly compress: string | undefined;
}

export interface OpenTarget {
  readonly client: Client;
  /** What `stubless call` is given to reach it: its first word, and options. */
  readonly target: string;
  readonly optionWords: readonly string[];
  /** For calls that do not say so themselves. */
  readonly timeoutMs: number | undefined;
}

/** What is wrong with the target or the schema that a file names, before anything is asked of a server. */
export class TargetProblem extends Error {
  override readonly name = 'TargetProblem';
  readonly of: 'target' | 'schema';

  constructor(of: 'target' | 'schema', problem: string) {
    super(problem);
    this.of = of;
  }
}

/** Where clients come from: one for each target and schema, however many requests it has. */
export interface Targets {
  /**
   * Throws a TargetProblem for what the file of requests is to blame for.
   * @param file the file of requests, whose folder paths are relative to
   */
  open(choice: TargetChoice, file: string): Promise<OpenTarget>;
}

export interface PlanOptions {
  readonly targets: Targets;
  /** Before what the file says: what was given, then the environment chosen. */
  readonly variables: readonly VariableLayer[];
  readonly environment: Environment;
  readonly secrets: Secrets;
  readonly signal: AbortSignal;
  /** Whether a request was asked for; what it needs the captures of is run as well. */
  selects(request: SavedRequest): boolean;
  /** The text of a data file, by its path as the file of requests has it. Throws an Error that says why it cannot be read. */
  readText(path: string, file: string): string;
  /** The snapshots of a file of requests; undefined while there are none. */
  readSnapshots?(file: string): SnapshotFile | undefined;
}

export interface PlannedRequest {
  readonly request: SavedRequest;
  /** With the number of its row. */
  readonly name: string;
  readonly target: OpenTarget;
  readonly method: MethodDescription;
  readonly row: VariableLayer;
  /** Captures that it needs, by the name of the request that gives them. */
  readonly needs: ReadonlyMap<string, string>;
  /** Undefined for one whose messages or patterns depend on captures. */
  readonly bound: BoundRequest | undefined;
  readonly files: Files;
}

export interface PlannedFile {
  readonly file: RequestFile;
  readonly variables: Variables;
  readonly requests: readonly PlannedRequest[];
}

/** Plans a file. What is wrong with it is added to its mistakes. Rejects where a target cannot be opened. */
export async function planFile(file: RequestFile, options: PlanOptions): Promise<PlannedFile> {
  return new FilePlanner(file, options).plan();
}

const TYPE = '@type';

/** The full names of types that a node has for values of Any. */
function typesIn(node: SourceNode): readonly string[] {
  if (node.kind === 'scalar') return [];
  if (node.kind === 'list') return node.items.flatMap(typesIn);
  return node.entries.flatMap(({ key, value }) => {
    if (key !== TYPE) return typesIn(value);
    return value.kind === 'scalar' && typeof value.value === 'string' ? [typeNameOfUrl(value.value)] : [];
  });
}

class FilePlanner {
  readonly #file: RequestFile;
  readonly #options: PlanOptions;
  readonly #variables: Variables;
  readonly #methods = new Map<Client, Map<string, MethodDescription | undefined>>();
  /** Captures of the requests so far, and whose they are. */
  readonly #captured = new Map<string, string>();
  readonly #used = new Set<string>();
  #snapshots: { readonly file: SnapshotFile | undefined } | undefined;

  constructor(file: RequestFile, options: PlanOptions) {
    this.#file = file;
    this.#options = options;
    this.#variables = new Variables(
      [...options.variables, layerOfEntries(file.variables)],
      options.environment,
      options.secrets,
    );
  }

  async plan(): Promise<PlannedFile> {
    const { requests } = this.#file;
    const planned: PlannedRequest[] = [];
    let beside: SavedRequest[] = [];
    for (const [index, request] of requests.entries()) {
      // What runs beside each other cannot have each other's captures.
      if (!request.isParallel) beside = this.#endBeside(beside);
      planned.push(...(await this.#planRequest(request, requests.slice(index + 1), beside)));
      if (request.isParallel) beside.push(request);
      else this.#endBeside([request]);
    }
    const { source } = this.#file;
    source.mistakes.push(...(this.#snapshots?.file?.source.mistakes ?? []));
    return { file: this.#file, variables: this.#variables, requests: this.#selected(planned) };
  }

  #endBeside(requests: readonly SavedRequest[]): SavedRequest[] {
    for (const { captures, name } of requests) for (const one of captures) this.#captured.set(one.name, name);
    return [];
  }

  async #planRequest(
    request: SavedRequest,
    later: readonly SavedRequest[],
    beside: readonly SavedRequest[],
  ): Promise<PlannedRequest[]> {
    const { source } = this.#file;
    const rows = this.#rows(request);
    const planned: PlannedRequest[] = [];
    for (const [index, row] of rows.entries()) {
      this.#used.clear();
      const before = source.mistakes.length;
      const tell = (at: number, problem: string): void => {
        const mistake: Mistake = {
          place: source.placeOf(at),
          problem: this.#explained(problem, later, beside),
        };
        // A mistake in a request of many rows is one.
        const isTold = source.mistakes.some(
          (one) =>
            one.problem === mistake.problem &&
            one.place.line === mistake.place.line &&
            one.place.column === mistake.place.column,
        );
        const inRow = index === 0 ? '' : ` (in row ${index + 1})`;
        if (!isTold) source.mistakes.push({ ...mistake, problem: `${mistake.problem}${inRow}` });
      };
      const scope = this.#scope(row);
      const target = await this.#target(request, scope, tell);
      if (target === undefined) continue;
      const method = await this.#method(target.client, request, tell);
      if (method === undefined) continue;
      await this.#loadTypes(target.client, request);
      const name = request.each === undefined ? request.name : `${request.name} [${index + 1}]`;
      const files = { source, snapshot: this.#snapshot(request, name) };
      const bound = bindRequest(target.client, method, request, scope, tell, files);
      checkCaptures(target.client, method, request, tell);
      if (source.mistakes.length > before) break;
      const needs = new Map(Array.from(this.#used, (name) => [name, this.#captured.get(name) ?? '']));
      planned.push({
        request,
        name,
        target,
        method,
        row,
        needs,
        bound: needs.size === 0 ? bound : undefined,
        files,
      });
    }
    return planned;
  }

  /** Asks for the types that values of Any name, which a method's own schema need not have. */
  async #loadTypes(client: Client, { messages, expect }: SavedRequest): Promise<void> {
    if (!this.#file.source.text.includes(TYPE)) return;
    const { status, reply, replies } = expect;
    const nodes = [...messages.map(({ node }) => node), status, reply, replies];
    for (const name of new Set(nodes.flatMap((node) => (node === undefined ? [] : typesIn(node))))) {
      // What cannot be had is told where it is used.
      await client.symbol(name, { signal: this.#options.signal }).catch(() => {});
    }
  }

  #snapshot({ expect }: SavedRequest, name: string): Files['snapshot'] {
    if (!expect.snapshot) return undefined;
    this.#snapshots ??= { file: this.#options.readSnapshots?.(this.#file.source.path) };
    const { file } = this.#snapshots;
    const node = file?.entries.get(name);
    return file === undefined || node === undefined ? undefined : { source: file.source, node };
  }

  #scope(row: VariableLayer): Variables {
    const unknown = unknownLayer(this.#captured.keys());
    const watched = new Map(unknown);
    const scope = this.#variables.with(watched).with(row);
    scope.onUse = (name) => {
      if (!row.has(name) && watched.has(name)) this.#used.add(name);
    };
    return scope;
  }

  /** Where a variable is a capture that comes too late, that is what is told. */
  #explained(problem: string, later: readonly SavedRequest[], beside: readonly SavedRequest[]): string {
    const [, name] = /^\$\{([\w.-]+)\} is not defined/.exec(problem) ?? [];
    if (name === undefined) return problem;
    const captures = ({ captures: list }: SavedRequest): boolean => list.some((one) => one.name === name);
    const besideIt = beside.find(captures);
    if (besideIt !== undefined) {
      return `\${${name}} is captured by '${besideIt.name}', which runs beside this request; leave out 'parallel' here`;
    }
    const after = later.find(captures);
    return after === undefined ? problem : `\${${name}} is captured by '${after.name}', which comes later`;
  }

  #rows(request: SavedRequest): readonly VariableLayer[] {
    const { each } = request;
    if (each === undefined) return [new Map()];
    if ('rows' in each) return each.rows.map(layerOfEntries);
    const { source } = this.#file;
    let text: string;
    try {
      text = this.#options.readText(each.file, source.path);
    } catch (error) {
      source.wrong(each.at, error instanceof Error ? error.message : String(error));
      return [];
    }
    const { rows, mistakes } = rowsOf(each.form, each.file, text);
    source.mistakes.push(...mistakes);
    return rows.map((row: Row) => new Map(Array.from(row, ([name, value]) => [name, { value }])));
  }

  async #target(
    request: SavedRequest,
    scope: Variables,
    tell: (at: number, problem: string) => void,
  ): Promise<OpenTarget | undefined> {
    const node = request.target ?? this.#file.target;
    const text = node === undefined ? undefined : this.#targetText(node, scope, tell);
    if (node !== undefined && text === undefined) return undefined;
    const { protocol, codec, compress } = request;
    const schema = request.schema ?? this.#file.schema;
    const choice = { target: text, schema, protocol, codec, compress };
    const { source } = this.#file;
    try {
      return await this.#options.targets.open(choice, source.path);
    } catch (error) {
      if (!(error instanceof TargetProblem)) throw error;
      tell((error.of === 'schema' ? schema?.at : node?.at) ?? request.at, error.message);
      return undefined;
    }
  }

  #targetText(
    node: SourceNode,
    scope: Variables,
    tell: (at: number, problem: string) => void,
  ): string | undefined {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
    try {
      const value = jsonOf(filled(node.value, scope));
      if (value !== UNKNOWN) return String(value);
      tell(node.at, 'the target cannot depend on what a request captures');
    } catch (error) {
      if (!(error instanceof TemplateProblem)) throw error;
      tell(error.at ?? node.at, error.message);
    }
    return undefined;
  }

  async #method(
    client: Client,
    { method: name, methodAt }: SavedRequest,
    tell: (at: number, problem: string) => void,
  ): Promise<MethodDescription | undefined> {
    const known = this.#methods.get(client) ?? new Map<string, MethodDescription | undefined>();
    this.#methods.set(client, known);
    if (known.has(name)) return known.get(name);
    try {
      const method = await client.method(name, { signal: this.#options.signal });
      known.set(name, method);
      return method;
    } catch (error) {
      // That a server cannot be asked is no mistake of the file.
      if (!(error instanceof SchemaError) || error.cause !== undefined) throw error;
      tell(methodAt, error.message);
      return undefined;
    }
  }

  /** Those that were asked for, and what they need. */
  #selected(planned: readonly PlannedRequest[]): readonly PlannedRequest[] {
    const wanted = new Set<string>();
    for (const { request, needs } of planned.toReversed()) {
      if (!wanted.has(request.name) && !this.#options.selects(request)) continue;
      wanted.add(request.name);
      for (const name of needs.values()) wanted.add(name);
    }
    return planned.filter(({ request }) => wanted.has(request.name));
  }
}
