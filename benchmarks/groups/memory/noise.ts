import { codecStream, type StreamPair } from "@sluice/streams";
import { KiB, MiB } from "../../harness/size.ts";

const STAMP = 16;
/** Of every 256 KiB so many are noise. All of it would deflate at a tenth of the rate, and show no more. */
const NOISE = 32 * KiB;
const EVERY = 256 * KiB;

/** A linear congruential generator's upper bits; longer than the window in which a compressor finds repetition. */
const noise = new Uint8Array(MiB);
for (let at = 0, state = 1; at < noise.length; at += 1) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  noise[at] = state >>> 24;
}

/**
 * Puts noise into the holes of a stamped file, in the memory that the file's stream gave away: a compressor that sees
 * nothing but zeros hands nothing to the stages behind it.
 */
export function noisy(): StreamPair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let taken = 0;
  return codecStream({
    transform(chunk: Uint8Array<ArrayBuffer>, emit) {
      for (let at = STAMP; at < chunk.length; at += EVERY) {
        chunk.set(noise.subarray(taken, taken + Math.min(NOISE, chunk.length - at)), at);
        taken = (taken + NOISE) % noise.length;
      }
      emit(chunk);
    },
  });
}
