/** The 64 characters of an alphabet, by value. */
export const charactersOf = (url: boolean): string =>
  `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${url ? "-_" : "+/"}`;
