// Extensions of the messages that a server has described: they are in files to which no service leads, and a server is
// asked for them by the type that they extend (grpc/reflection/v1/reflection.proto).

import type { DescriptorProto, FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import type { ExtensionNumber } from '../descriptors/extension-number.ts';
import { qualify } from '../descriptors/names.ts';
import { type CollectedFiles, collectExtensions, type PresentFiles } from './file-collection.ts';
import type { Budget } from './limits.ts';
import type { ReflectionSession } from './session.ts';

/** How many types a server is asked about for one request of the user's, and how many extensions are fetched. */
export const MAX_EXTENDED_TYPES = 100;
export const MAX_EXTENSIONS = 1000;

/** What is already known. */
export interface PresentExtensions extends PresentFiles {
  hasExtension(extension: ExtensionNumber): boolean;
}

/**
 * The full names of the messages in these files that can be extended, except options, which are extended by what
 * imports them.
 */
export function extensibleTypes(files: readonly FileDescriptorProto[]): string[] {
  const found: string[] = [];
  const add = (message: DescriptorProto, scope: string): void => {
    const fullName = qualify(scope, message.name);
    if ((message.extensionRange?.length ?? 0) > 0) found.push(fullName);
    for (const nested of message.nestedType ?? []) add(nested, fullName);
  };
  for (const file of files) {
    if (file.package === 'google.protobuf') continue;
    for (const message of file.messageType ?? []) add(message, file.package ?? '');
  }
  return found;
}

/** The files of all extensions of these types that the server knows and that are not known here yet. */
export async function collectExtensionsOf(
  types: readonly string[],
  session: ReflectionSession,
  present: PresentExtensions,
  budget: Budget,
): Promise<CollectedFiles> {
  const asked = types.slice(0, MAX_EXTENDED_TYPES);
  budget.countQuestions(asked.length);
  const answers = await session.ask(
    asked.map((allExtensionNumbersOfType) => ({ allExtensionNumbersOfType })),
  );
  const extensions = answers.flatMap((answer, i): ExtensionNumber[] => {
    // Many servers have no answer to this question, and then no extensions either.
    if (answer.kind !== 'numbers') return [];
    const numbers = [...new Set(answer.numbers)];
    return numbers.map((extensionNumber) => ({ containingType: asked[i], extensionNumber }));
  });
  const wanted = extensions.filter((one) => !present.hasExtension(one)).slice(0, MAX_EXTENSIONS);
  return collectExtensions(session, wanted, present, budget);
}
