// How deep messages may be in each other, written or read: what the official implementations allow.

export const MAX_DEPTH = 100;

export const TOO_DEEP: string = `messages nest more than ${MAX_DEPTH} levels deep`;
