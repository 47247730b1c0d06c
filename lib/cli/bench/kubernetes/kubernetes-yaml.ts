// YAML as Kubernetes reads it: version 1.1, in which `yes`, `0o7` and `1:30` are not texts. A file of its own, so that the
// package yaml is imported only for it.

import { Document } from 'yaml';

/** A resource as a document of its own. */
export function kubernetesYaml(resource: object): string {
  const document = new Document(resource, { version: '1.1' });
  return document.toString({ lineWidth: 0, directives: false });
}
