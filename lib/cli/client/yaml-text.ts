// YAML as the package yaml reads it. A file of its own, so that it is imported, and bundled, apart.

import { parseDocument } from 'yaml';

export {
  isAlias as isYamlAlias,
  isMap as isYamlMap,
  parse as parseYaml,
  parseDocument as parseYamlDocument,
} from 'yaml';

/** A value as YAML, with no line broken for its length. */
export function yamlOf(value: unknown): string {
  const document = parseDocument('');
  document.contents = document.createNode(value) as typeof document.contents;
  return document.toString({ lineWidth: 0 });
}
