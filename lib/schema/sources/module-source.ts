// Objects that load takes: walks through one and what it holds, as modules and namespaces do, and asks each kind of source
// whether it recognizes it. Runs none of its code except functions that generators made for this.

import { takeDescriptorObject } from './descriptor-object.ts';
import type { Findings } from './findings.ts';
import { isFunction, isObject, type Properties } from './findings.ts';
import { takeGrpcDefinition } from './grpc-definition.ts';
import { takePbjsService } from './pbjs-static.ts';
import { isMessageType, isProtobufTsService, ProtobufTsTypes } from './protobuf-ts.ts';
import { filesOfProtobufjs, isProtobufjsJson, protobufjsRoot } from './protobufjs-json.ts';
import { takeClientImpl, takeGenericDefinition } from './ts-proto.ts';

const MAX_DEPTH = 16;

/** Adds what is found in the object to `out`, which stays empty if that is nothing. */
export function takeObject(value: Properties, out: Findings): void {
  const types = new ProtobufTsTypes();
  new Walk(out, types).visit(value, value, [], 0);
  types.finish(out);
}

class Walk {
  readonly #out: Findings;
  readonly #types: ProtobufTsTypes;
  readonly #seen: Set<unknown> = new Set();

  constructor(out: Findings, types: ProtobufTsTypes) {
    this.#out = out;
    this.#types = types;
  }

  /** `module` is what the names in code are relative to, `path` the names that lead from there to the value. */
  visit(value: unknown, module: unknown, path: readonly string[], depth: number): void {
    if (!isObject(value) || this.#seen.has(value) || depth > MAX_DEPTH) return;
    this.#seen.add(value);
    if (this.#take(value, module, path) || isFunction(value)) return;
    for (const key of Object.keys(value)) {
      const child = value[key];
      // What importing a CommonJS module gives.
      if (key === 'default' || key === 'module.exports') this.visit(child, child, [], depth + 1);
      else this.visit(child, module, [...path, key], depth + 1);
    }
  }

  #take(value: Properties, module: unknown, path: readonly string[]): boolean {
    const out = this.#out;
    if (isFunction(value)) {
      return (
        takeGrpcDefinition(value, out) ||
        takePbjsService(value, path, module, out) ||
        takeClientImpl(value, module, out)
      );
    }
    const root = protobufjsRoot(value);
    if (root !== undefined) {
      if (this.#seen.has(root) && root !== value) return true;
      this.#seen.add(root);
      const json = root.toJSON();
      if (isObject(json)) out.files.push(...filesOfProtobufjs(json, out.origin));
      return true;
    }
    if (isProtobufTsService(value)) {
      this.#types.addService(value);
      return true;
    }
    if (isMessageType(value)) {
      this.#types.addMessage(value);
      return true;
    }
    if (isProtobufjsJson(value)) {
      out.files.push(...filesOfProtobufjs(value, out.origin));
      return true;
    }
    return (
      takeDescriptorObject(value, out) ||
      takeGrpcDefinition(value, out) ||
      takeGenericDefinition(value, module, out)
    );
  }
}
