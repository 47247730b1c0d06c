// What surrounds the TypeScript declarations of a schema; while no schema is loaded, this is the whole file.

const HEAD = `// What a stubless client with this schema takes and gives. Made by client.types():
//
//   import type { Services } from './services.js';
//   const client = new Client<Services>('localhost:50051');

/** What google.protobuf.Value holds. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
/** What google.protobuf.Struct holds. */
export type JsonObject = { [key: string]: JsonValue };
/** A message of any type, named by its '@type'; of a type that is not loaded, with its bytes as 'value'. */
export interface AnyMessage {
  '@type'?: string;
  [field: string]: unknown;
}
`;

/**
 * The text of the file.
 * @param replies the members of Messages
 * @param inputs those of MessageInputs
 * @param methods those of Services
 */
export function framed(
  declarations: readonly string[],
  replies: string,
  inputs: string,
  methods: string,
): string {
  return [
    HEAD,
    ...declarations,
    `/** Messages as replies have them, by full name. */\nexport interface Messages {\n${replies}}\n`,
    `/** Messages as requests take them, by full name. */\nexport interface MessageInputs {\n${inputs}}\n`,
    '/** The methods: by full name and path, and by shorter names where these mean one method only. */',
    `export interface Services {${methods}}\n`,
  ].join('\n');
}
