// What error texts call the options, and how they tell a user to set them. A program is told the names of the library's
// options; the command line has names of its own, and says so once, before anything can fail. Texts are put together
// from these words, never rewritten afterwards: what a text quotes of the user's or the server's stays as it is.

export interface OptionWords {
  /** An option by its name in the library, `tls.ca`, with its value where there is one. */
  called(option: string, value?: number): string;
  /** How a value is given to it: `as tls.ca`. */
  given(option: string): string;
  readonly advice: Advice;
}

/** Whole remedies, where they are more than an option's name. */
export interface Advice {
  readonly usePlaintext: string;
  readonly useTls: string;
  readonly wantsTls: string;
  readonly giveCa: string;
  readonly giveThisCa: string;
  /** Behind that only newer versions of TLS are accepted; empty where that is not to be chosen. */
  readonly lowerTlsVersion: string;
  /** For a server without reflection: for a method, for all of its schema, and before there was any. */
  readonly loadFiles: string;
  readonly loadAllFiles: string;
  readonly loadFirst: string;
  /** Where reflection is refused because credentials are missing. */
  readonly authorizeReflection: string;
  /** Behind a list of compressions: those that can be chosen, and accepted; empty where there can be no others. */
  readonly otherCompressions: string;
  readonly otherAccepted: string;
  /** For a server whose messages are of the other codec. */
  readonly useProto: string;
  readonly useJson: string;
  /** For a server that is called something else. */
  readonly otherAuthority: string;
  /** Behind the schemes of targets. */
  readonly otherSchemes: string;
  /** How a host is given a port, beside `host:port`. */
  orPortOf(host: string): string;
  /** Loads a file beside definitions that came otherwise. */
  loadBeside(file: string, origin: string): string;
}

const OF_THE_LIBRARY: OptionWords = {
  called: (option, value) => (value === undefined ? option : `${option} ${value}`),
  given: (option) => `as ${option}`,
  advice: {
    usePlaintext: 'use an http:// target, or leave tls out',
    useTls: 'use an https:// target, or the option tls',
    wantsTls: 'does it want TLS? then use an https:// target, or the option tls',
    giveCa: "give its certificate as tls.ca (ca: 'system' takes the system's roots)",
    giveThisCa: 'give this very certificate as tls.ca',
    lowerTlsVersion: "; minVersion: 'TLSv1.2' would allow one more",
    loadFiles: "load its schema with client.load('….proto')",
    loadAllFiles: "load the schema from files: client.load('….proto')",
    loadFirst: "call client.load('….proto') first",
    authorizeReflection: "(calls' metadata is not sent to it; the option reflection.metadata is)",
    otherCompressions: " (the client's compressions option adds others)",
    otherAccepted: ', and what the compressions option adds',
    useProto: "use codec: 'proto'",
    useJson: "use codec: 'json'",
    otherAuthority: 'see the option authority',
    otherSchemes: ', or the option resolver',
    orPortOf: (host) => ` or new Client('${host}', port)`,
    loadBeside: (file, origin) => `load ${file} beside ${origin}, or use client.reflect()`,
  },
};

let words: OptionWords = OF_THE_LIBRARY;

/** Has all texts from now on use these words; without any, those of the library again. */
export function useOptionWords(others: OptionWords = OF_THE_LIBRARY): void {
  words = others;
}

/** `maxReceiveMessageBytes 4194304`, as whoever reads the text calls it. */
export const called = (option: string, value?: number): string => words.called(option, value);

/** `as tls.ca` */
export const given = (option: string): string => words.given(option);

export const advice = (): Advice => words.advice;
