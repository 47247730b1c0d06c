// The editions features that decide whether a schema is valid: as set on an element or its file, else the default
// of the syntax. (What features mean for values and bytes is the codec's.)

import type { ElementDraft, FileDraft } from './draft.ts';

type Feature = 'enumType' | 'fieldPresence' | 'jsonFormat';

const DEFAULTS: Readonly<Record<'proto2' | 'proto3' | 'editions', Readonly<Record<Feature, string>>>> = {
  proto2: { enumType: 'CLOSED', fieldPresence: 'EXPLICIT', jsonFormat: 'LEGACY_BEST_EFFORT' },
  proto3: { enumType: 'OPEN', fieldPresence: 'IMPLICIT', jsonFormat: 'ALLOW' },
  editions: { enumType: 'OPEN', fieldPresence: 'EXPLICIT', jsonFormat: 'ALLOW' },
};

/** What holds for the element; `file` is the one that it is in. */
export function featureOf(feature: Feature, element: ElementDraft, file: FileDraft): string {
  return setFeature(feature, element) ?? setFeature(feature, file) ?? DEFAULTS[syntaxOf(file)][feature];
}

export function setFeature(feature: Feature, { options }: ElementDraft): string | undefined {
  const features: unknown = options?.['features'];
  if (typeof features !== 'object' || features === null || !Object.hasOwn(features, feature))
    return undefined;
  const value: unknown = Object.entries(features).find(([name]) => name === feature)?.[1];
  return typeof value === 'string' ? value : undefined;
}

export function syntaxOf(file: FileDraft): 'proto2' | 'proto3' | 'editions' {
  return file.syntax === 'proto3' || file.syntax === 'editions' ? file.syntax : 'proto2';
}
