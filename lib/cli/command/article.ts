// The indefinite article of a noun that is put together with text: the kind of a symbol, the name of a type.

/** `a message`, `an enum` */
export const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
