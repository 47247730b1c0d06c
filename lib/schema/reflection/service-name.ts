// Which service a method's name speaks of, before any schema is there to say so.

import { parentScope } from '../names.ts';

/** The part of a method's name that says its service: '' for a bare name. */
export function serviceOfName(name: string): { readonly service: string; readonly isFullName: boolean } {
  const isFullName = name.startsWith('/');
  const wanted = isFullName ? name.slice(1) : name;
  const slash = wanted.lastIndexOf('/');
  return { service: slash < 0 ? parentScope(wanted) : wanted.slice(0, slash), isFullName };
}
