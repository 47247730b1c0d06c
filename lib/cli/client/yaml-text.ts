// YAML as the package yaml reads it. A file of its own, so that it is imported, and bundled, apart.

import { parseDocument } from 'yaml';

export {
  isAlias as isYamlAlias,
  isMap as isYamlMap,
  parse as parseYaml,
  parseDocument as parseYamlDocument,
} from 'yaml';

/** A value as YAML that readers of YAML 1.1 take for the same, with no line broken for its length, and no aliases. */
export function yamlOf(value: unknown): string {
  const document = parseDocument('', { compat: 'yaml-1.1' });
  document.contents = document.createNode(value, {
    aliasDuplicateObjects: false,
  }) as typeof document.contents;
  return document.toString({ lineWidth: 0 });
}

/** A text with the line ends that a file has. */
export const likeLinesOf = (file: string, text: string): string =>
  file.includes('\r\n') ? text.replace(/\r?\n/g, '\r\n') : text;
