// What the type tests state with.

/** Whether two types are the same; `any` equals only itself. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `holds<Equal<A, B>>(true)` where A and B are the same type. */
export function holds<T extends boolean>(_value: T): void {}
