// How deep messages may be nested, written or read: as deep as the official implementations allow.

export const MAX_DEPTH = 100;

export const TOO_DEEP: string = `messages nest more than ${MAX_DEPTH} levels deep`;
