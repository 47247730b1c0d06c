// YAML as the package yaml reads it. A file of its own, so that it is imported, and bundled, apart.

import { parseDocument } from 'yaml';

export {
  isAlias as isYamlAlias,
  isMap as isYamlMap,
  parse as parseYaml,
  parseDocument as parseYamlDocument,
} from 'yaml';

/**
 * A value as YAML, with no line broken for its length.
 * @param version 1.1 for readers to whom `yes`, `1:30` and the like are no texts, as Kubernetes is
 */
export function yamlOf(value: unknown, version: '1.1' | '1.2' = '1.2'): string {
  const document = parseDocument('', { version });
  document.contents = document.createNode(value) as typeof document.contents;
  return document.toString({ lineWidth: 0 });
}
