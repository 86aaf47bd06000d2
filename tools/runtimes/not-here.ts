/** Something cannot be had on this machine; the message says what, and why. */
export class NotHere extends Error {}
