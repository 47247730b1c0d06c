// What an iterator that somebody wrote by hand gives for a step: an object, as for … of and for await want it, though a
// function would do for them.

/** Throws a TypeError for a step that is none. Read as one, it would be an empty value, again and again. */
export function checkStep(step: unknown, of: string): void {
  if (typeof step === 'object' && step !== null) return;
  throw new TypeError(`an iterator of ${of} returned ${String(step)} instead of { value, done }`);
}
