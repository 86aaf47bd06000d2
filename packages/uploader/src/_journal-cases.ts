import fc from "fast-check";
import type { Entry } from "./journal.ts";

/** Strings that are trouble as file names, as names of locks, or as text. */
export const KEYS: readonly string[] = [
  "",
  "a",
  "A",
  "..",
  ".",
  "/",
  "a/b",
  "a\\b",
  "../../etc/passwd",
  "-",
  "CON",
  "a\u0000",
  "a\u0000b",
  "\n",
  "__proto__",
  "\u00e9",
  "e\u0301",
  "\ud800",
  "\udc00",
  "\ufffd",
  "\u{1f30a}",
  '{"key":"a"}',
  "k".repeat(10_000),
  `${"k".repeat(9_999)}K`,
];

/** What JSON does not give back, and where it is. */
export const NOT_JSON: readonly (readonly [entry: () => unknown, path: string])[] = [
  [() => ({ when: new Date(0) }), "entry.when"],
  [() => ({ parts: [{}, { etags: new Map() }] }), "entry.parts[1].etags"],
  [() => ({ bytes: new Uint8Array(1) }), "entry.bytes"],
  [() => ({ "the size": 1n }), 'entry["the size"]'],
  [() => ({ rate: Number.NaN }), "entry.rate"],
  [() => ({ rate: Number.POSITIVE_INFINITY }), "entry.rate"],
  [() => ({ list: [undefined] }), "entry.list[0]"],
  [() => ({ call() {} }), "entry.call"],
  [() => ({ sign: Symbol("x") }), "entry.sign"],
  [
    () => {
      const self: Record<string, unknown> = {};
      self["self"] = self;
      return self;
    },
    "entry.self",
  ],
  [() => [1], "entry"],
  [() => null, "entry"],
  [() => "text", "entry"],
  [() => new Error("x"), "entry"],
];

export function aKey(): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom(...KEYS), aString());
}

export function anEntry(): fc.Arbitrary<Entry> {
  return fc.dictionary(aString(), fc.jsonValue({ maxDepth: 3 })).map((entry) => plain(entry) as Entry);
}

/** Of any code units, lone surrogates included, which no unit of `fc.string` gives. */
function aString(): fc.Arbitrary<string> {
  return fc.array(fc.nat(0xffff), { maxLength: 300 }).map((units) => String.fromCharCode(...units));
}

/** As JSON has it: without the generator's prototypes, and without the sign of zero. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
