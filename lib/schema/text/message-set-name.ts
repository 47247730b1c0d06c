// What text format calls the members of a message with message_set_wire_format: an extension that is declared inside the
// message that it holds goes by that message's name. Its own name, as for every other extension, is read too.

import type { FieldPlan, Plan } from '../codec/plan.ts';

/** The name of such a member with its brackets; undefined for every other field. */
export function messageSetName(field: FieldPlan): string | undefined {
  if (field.index >= 0 || !field.owner.type.isMessageSet) return undefined;
  const { name, typeName } = field.field;
  const scope = name.slice(1, Math.max(1, name.lastIndexOf('.')));
  return scope === typeName ? `[${typeName}]` : undefined;
}

/** The member that holds a message of this type. */
export function messageSetMember(plan: Plan, typeName: string): FieldPlan | undefined {
  if (!plan.type.isMessageSet) return undefined;
  for (const { name } of plan.set.model.message(typeName)?.definition.proto.extension ?? []) {
    const field = plan.findExtension(`[${typeName}.${name}]`);
    if (field?.field.typeName === typeName) return field;
  }
  return undefined;
}
