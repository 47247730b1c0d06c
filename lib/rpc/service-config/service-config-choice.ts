// Chooses among the service configs that a name's DNS TXT records offer, so that a change can be tried on some clients
// first. Pure: records, the client and chance are arguments. Source: gRFC A2.

import { ConfigObject, shortJson } from './config-object.ts';
import { type CheckedServiceConfig, parseServiceConfig } from './service-config.ts';

/** What a choice may ask of a client. */
export interface ServiceConfigClient {
  /** The name of this machine, as the system has it. */
  readonly hostname: string;
  /** From 0 to 100, the latter excluded; the same for a client's whole life, so that it does not change sides. */
  readonly percentile: number;
}

/** What `clientLanguage` calls this client, as grpc-js does. */
const LANGUAGE = 'node';
const ATTRIBUTE = 'grpc_config=';
const CHOICE_NAMES: readonly string[] = ['clientLanguage', 'percentage', 'clientHostname', 'serviceConfig'];

/**
 * The service config for this client among TXT records (each the list of its character strings); undefined where no
 * record offers one, or none is for this client. TypeError when a record cannot be read, or the chosen config cannot.
 */
export function chooseServiceConfig(
  records: readonly (readonly string[])[],
  client: ServiceConfigClient,
): CheckedServiceConfig | undefined {
  for (const strings of records) {
    const text = strings.join('');
    if (!text.startsWith(ATTRIBUTE)) continue;
    const chosen = choose(text.slice(ATTRIBUTE.length), client);
    if (chosen !== undefined) return parseServiceConfig(chosen, { isStrict: false });
  }
  return undefined;
}

function choose(json: string, client: ServiceConfigClient): unknown {
  let choices: unknown;
  try {
    choices = JSON.parse(json);
  } catch (error) {
    throw new TypeError(
      `service config: ${ATTRIBUTE} in a TXT record is not JSON: ${(error as Error).message}`,
    );
  }
  if (!Array.isArray(choices)) {
    throw new TypeError(
      `service config: ${ATTRIBUTE} in a TXT record must be an array of choices, not ${shortJson(choices)}`,
    );
  }
  // All are read, also those behind the chosen one: a record that is partly wrong is wrong (gRFC A2).
  const read = choices.map(
    // Strict: a criterion that is not known might well exclude this client.
    (choice, index) => new ConfigObject(choice, `choices[${index}]`, CHOICE_NAMES, { isStrict: true }),
  );
  const matches = read.map((choice) => isFor(choice, client));
  return read[matches.indexOf(true)]?.value('serviceConfig');
}

function isFor(choice: ConfigObject, client: ServiceConfigClient): boolean {
  const languages = texts(choice, 'clientLanguage').map((language) => language.toLowerCase());
  const hostnames = texts(choice, 'clientHostname');
  const percentage = choice.uint32('percentage') ?? 100;
  if (percentage > 100) throw choice.mistake('percentage', 'a whole number from 0 to 100');
  const config = choice.value('serviceConfig');
  if (typeof config !== 'object' || Array.isArray(config)) {
    throw choice.mistake('serviceConfig', 'an object');
  }
  return (
    (languages.length === 0 || languages.includes(LANGUAGE)) &&
    (hostnames.length === 0 || hostnames.includes(client.hostname)) &&
    client.percentile < percentage
  );
}

function texts(choice: ConfigObject, name: string): readonly string[] {
  return choice.list(name).map((value, index) => {
    if (typeof value === 'string') return value;
    throw new TypeError(
      `service config: ${choice.at(name)}[${index}] must be a string, not ${shortJson(value)}`,
    );
  });
}
