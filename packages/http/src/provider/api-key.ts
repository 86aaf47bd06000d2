import { describe } from "../describe.ts";
import { environment } from "./environment.ts";

/** A key, or a function that is asked for it before each request, so that keys can be rotated. */
export type ApiKey = string | (() => string | Promise<string>);

/** What a provider calls its key, and where people find one. */
export interface KeyPlace {
  /** The provider's name, for messages. */
  readonly provider: string;
  readonly option: string;
  /** The environment's variable that is taken when no key is given. */
  readonly variable: string;
  /** A page where one gets a key. */
  readonly page: string;
}

/**
 * The key that was given, or the environment's, as a function to ask before each request.
 *
 * @throws {TypeError} at once, when there is none, or it is neither text nor a function. The function returned rejects
 * with one when the caller's own gives no text.
 */
export function keyOf(
  given: ApiKey | undefined,
  { provider, option, variable, page }: KeyPlace,
): () => Promise<string> {
  const key = given ?? environment(variable);
  const wrong = (received: string) =>
    new TypeError(
      `Cannot use ${provider}: "${option}" must be a key or a function that gives one, received ${received}`,
    );
  if (key === undefined || key === "") {
    throw new TypeError(`${wrong("none").message}. Set ${variable}, or get a key at ${page}`);
  }
  if (typeof key !== "string" && typeof key !== "function") throw wrong(describe(key));
  return async () => {
    const asked: unknown = typeof key === "function" ? await key() : key;
    if (typeof asked !== "string" || asked === "")
      throw wrong(`a function that gave ${asked === "" ? "an empty string" : describe(asked)}`);
    return asked;
  };
}
