/** Cuts the chunks it is given, one output at a time: what the codec and the pull-driven stage have in common. */
export interface Cutter {
  /** Takes the next chunk. The one before must have been used up: `next` has returned undefined. */
  take(chunk: Uint8Array): void;
  /** The next whole piece, or undefined when more input is needed; from then on the chunk is not referred to. */
  next(): Uint8Array<ArrayBuffer> | undefined;
  /** What is left at the end, if anything. */
  rest(): Uint8Array<ArrayBuffer> | undefined;
  /** Lets go of everything. */
  clear(): void;
}

const NOTHING = new Uint8Array(0);

/**
 * A piece that lies inside one chunk is a view of it. Any other is put together in a target of `size` bytes, allocated
 * when its first bytes come and filled by one copy of each. Allocating the whole target for what may be a short stream
 * costs address space, not memory: untouched pages of fresh zeroed memory are not resident (1 GiB with 1 MB written
 * grew the process by 1 MB, Node 24 on Linux).
 */
export function createCutter(size: number): Cutter {
  let input: Uint8Array = NOTHING;
  let position = 0;
  let target: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;

  return {
    take(chunk) {
      if (!(chunk instanceof Uint8Array)) {
        throw new TypeError(`Cannot cut the stream: a chunk must be a Uint8Array, received ${typeof chunk}`);
      }
      input = chunk;
      position = 0;
    },
    next() {
      const available = input.byteLength - position;
      if (available >= size && !target && isOwned(input)) {
        if (available === size && position === 0) {
          const whole = input;
          input = NOTHING;
          return whole;
        }
        position += size;
        return input.subarray(position - size, position);
      }
      if (available > 0) {
        target ??= allocate(size);
        const end = Math.min(position + size - filled, input.byteLength);
        target.set(position === 0 && end === input.byteLength ? input : input.subarray(position, end), filled);
        filled += end - position;
        position = end;
        if (filled === size) {
          const full = target;
          target = undefined;
          filled = 0;
          return full;
        }
      }
      input = NOTHING;
      position = 0;
      return undefined;
    },
    rest() {
      if (!target) return undefined;
      const { buffer } = target;
      target = undefined;
      // Whoever keeps or transfers a short tail should not have a whole target with it.
      return filled * 2 < size ? new Uint8Array(buffer.transfer(filled)) : new Uint8Array(buffer, 0, filled);
    },
    clear() {
      input = NOTHING;
      position = 0;
      target = undefined;
      filled = 0;
    },
  };
}

/** Shared memory may change while a view of it is on its way: what lies in it is copied. */
function isOwned(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return !("growable" in bytes.buffer);
}

function allocate(size: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(size);
  } catch (cause) {
    throw new RangeError(`Cannot cut the stream: no memory for a chunk of ${size} bytes. Choose a smaller size`, {
      cause,
    });
  }
}
