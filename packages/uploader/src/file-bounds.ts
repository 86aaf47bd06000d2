import { SizeMismatchError } from "@sluice/source";
import type { FileInfo, PartTarget } from "./part-target.ts";
import { TooLargeError } from "./upload-errors.ts";

/** What the bytes of a file are held to as they are read: the size that was announced, and what its target takes. */
export class FileBounds {
  readonly #file: FileInfo;
  readonly #target: Pick<PartTarget<never, never, never>, "name" | "limits">;

  constructor(file: FileInfo, target: Pick<PartTarget<never, never, never>, "name" | "limits">) {
    this.#file = file;
    this.#target = target;
  }

  /** @throws {TooLargeError | SizeMismatchError} when so many bytes are too many. */
  check(read: number): void {
    const { maxBytes = Infinity } = this.#target.limits;
    if (read > maxBytes) throw this.tooLarge(read, maxBytes);
    if (read > (this.#file.size ?? Infinity)) this.end(read);
  }

  /** @throws {SizeMismatchError} unless so many bytes are all of them. */
  end(read: number): void {
    const { name, size = read } = this.#file;
    if (read !== size) throw new SizeMismatchError(JSON.stringify(name), size, read);
  }

  tooLarge(read: number, limit: number): TooLargeError {
    return new TooLargeError(this.#file.name, this.#target.name, read, limit);
  }
}
