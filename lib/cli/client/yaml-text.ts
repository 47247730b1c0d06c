// YAML as the package yaml reads it. A file of its own, so that it is imported, and bundled, apart.

export {
  isAlias as isYamlAlias,
  isMap as isYamlMap,
  parse as parseYaml,
  parseDocument as parseYamlDocument,
} from 'yaml';
