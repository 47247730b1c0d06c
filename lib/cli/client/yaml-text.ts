// YAML as the package yaml reads it. A file of its own, so that it is imported, and bundled, apart.

export { parse as parseYaml } from 'yaml';
