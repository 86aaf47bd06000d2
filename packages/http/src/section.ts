/** Some of the bytes; they themselves where it is all of them: a view for every chunk is garbage that adds up. */
export function section(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): Uint8Array<ArrayBuffer> {
  return start === 0 && end === bytes.byteLength ? bytes : bytes.subarray(start, end);
}
