// What error texts call the options, and how they tell users to set them. Programs see the names of the library's
// options; the command line sets its own names once, before anything can fail. Texts are composed of these words and
// never rewritten afterwards, so whatever they quote from the user or the server stays as it is.

import { type SetterOf, useSetters } from '../option-setter.ts';

export interface OptionWords {
  /** An option, given its name in the library such as `tls.ca`, with its value if there is one. */
  called(option: string, value?: number): string;
  /** How a value is passed: `as tls.ca`. */
  given(option: string): string;
  /** What users set something with that they tried to set otherwise; undefined where they cannot. */
  readonly setter: SetterOf | undefined;
  readonly advice: Advice;
}

/** Whole remedies, where they take more than an option's name. */
export interface Advice {
  readonly usePlaintext: string;
  readonly useTls: string;
  readonly wantsTls: string;
  /** For a server that speaks nothing but HTTP/2. */
  readonly useHttp2: string;
  /** For a server that may speak nothing but HTTP/1.1, and what to ask of one that said nothing. */
  readonly useHttp1: string;
  readonly wantsHttp1: string;
  readonly giveCa: string;
  readonly giveThisCa: string;
  /** Added to a complaint about the TLS version; empty if the version cannot be chosen. */
  readonly lowerTlsVersion: string;
  /** For a server without reflection: what to load for a method, for a whole schema, and before any call. */
  readonly loadFiles: string;
  readonly loadAllFiles: string;
  readonly loadFirst: string;
  /** For reflection that is refused because credentials are missing. */
  readonly authorizeReflection: string;
  /** Added to a list of compressions that can be chosen, and accepted; empty if there can be no others. */
  readonly otherCompressions: string;
  readonly otherAccepted: string;
  /** For a server that speaks another protocol than the client: one of these. */
  useProtocol(...names: readonly string[]): string;
  /** For a server whose messages are of the other codec. */
  readonly useProto: string;
  readonly useJson: string;
  /** For a server that goes by another name. */
  readonly otherAuthority: string;
  /** What to use if a server has no health service. */
  readonly insteadOfHealth: string;
  /** Added to a list of target schemes. */
  readonly otherSchemes: string;
  /** The other way to give a host a port, besides `host:port`. */
  orPortOf(host: string): string;
  /** How to load a file alongside definitions from another kind of source. */
  loadBeside(file: string, origin: string): string;
}

const OF_THE_LIBRARY: OptionWords = {
  called: (option, value) => (value === undefined ? option : `${option} ${value}`),
  given: (option) => `as ${option}`,
  setter: undefined,
  advice: {
    usePlaintext: 'use an http:// target, or leave tls out',
    useTls: 'use an https:// target, or the tls option',
    wantsTls: 'does it want TLS? then use an https:// target, or the tls option',
    useHttp2: "leave out httpVersion: '1.1'",
    useHttp1: "use httpVersion: '1.1'",
    wantsHttp1: "does it speak HTTP/1.1 alone? then use httpVersion: '1.1'",
    giveCa: "give its certificate as tls.ca (ca: 'system' takes the system's roots)",
    giveThisCa: 'give this very certificate as tls.ca',
    lowerTlsVersion: "; minVersion: 'TLSv1.2' would allow one more",
    loadFiles: "load its schema with client.load('….proto')",
    loadAllFiles: "load the schema from files: client.load('….proto')",
    loadFirst: "call client.load('….proto') first",
    authorizeReflection: "(calls' metadata is not sent to it; that of the reflection.metadata option is)",
    otherCompressions: " (the client's compressions option adds others)",
    otherAccepted: ', and what the compressions option adds',
    useProtocol: (...names) => `use protocol: ${names.map((name) => `'${name}'`).join(' or ')}`,
    useProto: "use codec: 'proto'",
    useJson: "use codec: 'json'",
    otherAuthority: 'see the authority option',
    insteadOfHealth: 'client.waitForReady() tells whether it can be reached',
    otherSchemes: ', or the resolver option',
    orPortOf: (host) => ` or new Client('${host}', port)`,
    loadBeside: (file, origin) => `load ${file} alongside ${origin}, or use client.reflect()`,
  },
};

let words: OptionWords = OF_THE_LIBRARY;

/** Makes all texts from now on use these words; without an argument, those of the library again. */
export function useOptionWords(others: OptionWords = OF_THE_LIBRARY): void {
  words = others;
  useSetters(others.setter);
}

/** `maxReceiveMessageBytes 4194304`, or what the reader of the text calls it. */
export const called = (option: string, value?: number): string => words.called(option, value);

/** `as tls.ca` */
export const given = (option: string): string => words.given(option);

export const advice = (): Advice => words.advice;
