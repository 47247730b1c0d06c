// What can be asked about a schema: descriptions, TypeScript types, messages from text. One module, so that it can be
// imported on demand; see provided-introspection.ts.

export { fromText } from '../text/from-text.ts';
export { describe } from './describe.ts';
export { typesOf } from './types.ts';
