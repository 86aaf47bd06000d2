// What suites import as "vitest": its collector and its assertions without the rest of it, so that they run wherever
// JavaScript does. Types are the compiler's to judge, so `expectTypeOf` does nothing here.
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  customMatchers,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";
import { getCurrentTest } from "@vitest/runner";

export { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "@vitest/runner";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

type Expect = Chai.ExpectStatic & {
  extend(matchers: object): void;
  poll(read: () => unknown, options?: object): unknown;
  unreachable(message?: string): never;
};
const scope = globalThis as unknown as Record<symbol, object>;
const expectIn = chai.expect as unknown as { extend(expect: Expect, matchers: object): void };

/** Made as Vitest makes its own, which it does not export. */
export const expect: Expect = Object.assign(
  (value: unknown, message?: string) => {
    const assertion = chai.expect(value, message) as Chai.Assertion & { withTest(test: unknown): Chai.Assertion };
    const test = getCurrentTest();
    return test === undefined ? assertion : assertion.withTest(test);
  },
  chai.expect,
  scope[ASYMMETRIC_MATCHERS_OBJECT],
  {
    extend: (matchers: object) => expectIn.extend(expect, matchers),
    poll,
    unreachable(message = "") {
      throw new chai.AssertionError(`expected "${message}" not to be reached`);
    },
  },
) as unknown as Expect;

/** Expects it again and again until it holds, or the time is over. */
function poll(read: () => unknown, { interval = 50, timeout = 1_000 } = {}): unknown {
  const again = async (matcher: string, args: readonly unknown[]): Promise<void> => {
    const begun = performance.now();
    for (;;) {
      try {
        const assertion = expect(await read()) as unknown as Record<string, (...args: readonly unknown[]) => void>;
        assertion[matcher]?.(...args);
        return;
      } catch (error) {
        if (performance.now() - begun > timeout) throw error;
        await new Promise((resolve) => setTimeout(resolve, interval));
      }
    }
  };
  return new Proxy(
    {},
    {
      get:
        (_, matcher) =>
        (...args: unknown[]) =>
          again(String(matcher), args),
    },
  );
}

setState({ assertionCalls: 0, isExpectingAssertions: false }, expect as never);
scope[GLOBAL_EXPECT] = expect;
expect.extend(customMatchers);

/** Answers every expectation about types, however it is chained. */
const nothing: unknown = new Proxy(() => {}, { get: () => nothing, apply: () => nothing });
export const expectTypeOf: unknown = nothing;
