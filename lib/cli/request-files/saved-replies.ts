// How much of a call's replies a saved request holds. Apart from what writes it, as the REPL keeps no more of any call.

/** So many replies are written as what is expected; of more, only their number. */
export const MAX_SAVED_REPLIES = 20;
