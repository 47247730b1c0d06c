// protobufjs's JSON form of a schema, shared by its Root, pbjs's json targets and its JSON files: a tree of namespaces. It
// loses file boundaries, comments and custom options, but not names and types.

import { SchemaError } from '../../values/errors.ts';
import type { FileDescriptorProto, ServiceDescriptorProto } from '../descriptors/descriptor-types.ts';
import { qualify } from '../descriptors/names.ts';
import { type FileDraft, fileDraft, linkDrafts } from './file-tree.ts';
import { isObject, type Properties, textOf } from './findings.ts';
import { DESCRIPTOR_PROTO, isOfDescriptorProto } from './own-descriptors.ts';
import { enumOf, fieldOf, messageOf, optionsOf } from './protobufjs-message.ts';

const MAX_DEPTH = 100;
const EDITION = /^\d{4}$/;

/** Whether this is what `Root.toJSON` gives. */
export function isProtobufjsJson(value: Properties): boolean {
  return isObject(value['nested']) && typeof value['nested'] === 'object' && !('file' in value);
}

/** The Root of a protobufjs reflection object: the object itself, or the Root that it is in. */
export function protobufjsRoot(value: Properties): (Properties & { toJSON(): unknown }) | undefined {
  if (typeof value['toJSON'] !== 'function' || typeof value['lookup'] !== 'function') return undefined;
  const { root } = value;
  const top = isObject(root) && typeof root['toJSON'] === 'function' ? root : value;
  return top as Properties & { toJSON(): unknown };
}

export function filesOfProtobufjs(json: Properties, origin: string): FileDescriptorProto[] {
  const tree = new Tree(origin);
  tree.namespace(json, '', undefined, 0);
  return linkDrafts(tree.drafts()).map((file) => {
    // Extensions of options extend the messages that were left out in favor of ours.
    if (!tree.hasDescriptors || file.extension?.length === 0) return file;
    return { ...file, dependency: [...(file.dependency ?? []), DESCRIPTOR_PROTO] };
  });
}

class Tree {
  readonly #origin: string;
  /** By package and syntax. */
  readonly #drafts: Map<string, FileDraft> = new Map();
  /** Packages that are recognizably proto2, for JSON of old versions, which does not say so. */
  readonly #proto2: Set<string> = new Set();

  /** Whether descriptor.proto is part of it. */
  hasDescriptors = false;

  constructor(origin: string) {
    this.#origin = origin;
  }

  drafts(): FileDraft[] {
    const drafts = [...this.#drafts.values()];
    for (const draft of drafts) {
      if (this.#proto2.has(draft.package) && draft.name.endsWith('generated.unknown.proto'))
        draft.syntax = 'proto2';
    }
    return drafts;
  }

  namespace(node: Properties, packageName: string, edition: string | undefined, depth: number): void {
    if (depth > MAX_DEPTH)
      throw new SchemaError(`${this.#origin}: ${packageName}: namespaces are nested too deeply`);
    const own = textOf(node, 'edition') ?? edition;
    for (const [name, child] of Object.entries(isObject(node['nested']) ? node['nested'] : {})) {
      if (!isObject(child))
        throw new SchemaError(`${this.#origin}: ${qualify(packageName, name)} is not a definition`);
      this.#definition(name, child, packageName, textOf(child, 'edition') ?? own, depth);
    }
  }

  #definition(
    name: string,
    node: Properties,
    packageName: string,
    edition: string | undefined,
    depth: number,
  ): void {
    const fullName = qualify(packageName, name);
    const isDefinition = ['values', 'fields', 'methods'].some((key) => isObject(node[key])) || 'id' in node;
    if (!isDefinition) {
      this.namespace(node, fullName, edition, depth + 1);
      return;
    }
    // Ours is used: theirs may be of any age, and is there only for custom options, which are lost anyway.
    if (isOfDescriptorProto(fullName)) {
      this.hasDescriptors = true;
      return;
    }
    const draft = this.#draft(packageName, edition);
    if (isObject(node['values'])) draft.enumType.push(enumOf(name, node));
    else if (isObject(node['fields']))
      draft.messageType.push(messageOf(name, node, packageName, 0, this.#origin));
    else if (isObject(node['methods'])) draft.service.push(serviceOf(name, node));
    else draft.extension.push(fieldOf(name, node, packageName).field);
    if (edition === undefined && looksLikeProto2(node, 0)) this.#proto2.add(packageName);
  }

  #draft(packageName: string, edition: string | undefined): FileDraft {
    const key = `${edition ?? ''} ${packageName}`;
    let draft = this.#drafts.get(key);
    if (draft === undefined) {
      if (edition === undefined) draft = { ...fileDraft(packageName, 'unknown'), syntax: 'proto3' };
      else if (EDITION.test(edition)) draft = fileDraft(packageName, 'editions', `EDITION_${edition}`);
      else draft = fileDraft(packageName, edition);
      this.#drafts.set(key, draft);
    }
    return draft;
  }
}

function serviceOf(name: string, node: Properties): ServiceDescriptorProto {
  const methods = Object.entries(node['methods'] as Properties);
  return {
    name,
    method: methods.map(([methodName, one]) => {
      const method = isObject(one) ? one : {};
      return {
        name: methodName,
        inputType: method['requestType'] as string,
        outputType: method['responseType'] as string,
        clientStreaming: method['requestStream'] === true,
        serverStreaming: method['responseStream'] === true,
        options: optionsOf(method),
      };
    }),
  };
}

function looksLikeProto2(node: Properties, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  if (isObject(node['values'])) {
    const [first] = Object.values(node['values']);
    return first !== 0;
  }
  if (Array.isArray(node['extensions']) || 'extend' in node || node['group'] === true) return true;
  const fields = isObject(node['fields']) ? Object.values(node['fields']) : [];
  const nested = isObject(node['nested']) ? Object.values(node['nested']) : [];
  return (
    fields.some((field) => {
      if (!isObject(field)) return false;
      const { rule, options } = field;
      return (
        rule === 'required' || (isObject(options) && ('default' in options || options['packed'] === false))
      );
    }) || nested.some((one) => isObject(one) && looksLikeProto2(one, depth + 1))
  );
}
