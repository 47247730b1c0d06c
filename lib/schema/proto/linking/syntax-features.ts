// The editions features that decide whether a schema is valid: as set on an element or its file, else the default
// of the syntax. (The codec decides what features mean for values and bytes.)

import { editionDefaults, type Features, inheritFeatures } from '../../descriptors/features.ts';
import type { ElementDraft, FileDraft } from '../syntax/draft.ts';

/** The feature as it applies to the element; `file` is the one that it is in. */
export function featureOf<K extends keyof Features>(
  feature: K,
  { options }: ElementDraft,
  file: FileDraft,
): Features[K] | undefined {
  const defaults = editionDefaults(file);
  if (defaults === undefined) return undefined;
  return inheritFeatures(inheritFeatures(defaults, file.options), options)[feature];
}

/** The feature as the element itself sets it. */
export function ownFeature(feature: keyof Features, { options }: ElementDraft): unknown {
  const features: unknown = options?.['features'];
  if (typeof features !== 'object' || features === null || !Object.hasOwn(features, feature))
    return undefined;
  return Object.entries(features).find(([name]) => name === feature)?.[1];
}

export function syntaxOf(file: FileDraft): 'proto2' | 'proto3' | 'editions' {
  return file.syntax === 'proto3' || file.syntax === 'editions' ? file.syntax : 'proto2';
}
