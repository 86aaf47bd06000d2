/** One bundle, as a page would load it. */
export interface BundleBudget {
  /** As the check shows it; `from` where it is left out. */
  readonly name?: string;
  /** What is taken of the entry: `{ upload }`. All of it where it is left out. */
  readonly exports?: string;
  readonly from: string;
  /** Packages that are not counted. */
  readonly without?: readonly string[];
  /** Bytes, minified and gzipped. */
  readonly budget: number;
}

/** What installing one package may write to disk. */
export interface InstallBudget {
  /** Bytes of the package itself, unpacked. */
  readonly own: number;
  /** Bytes of the package and all it needs. */
  readonly tree: number;
  /** How many packages that is. */
  readonly packages: number;
}

/**
 * Bytes of what runs outside Node: an entry and all that it imports, what is loaded on first use apart. The first six
 * are promises of the READMEs; the others are what they were when they were written down, and a twentieth.
 */
export const bundles: readonly BundleBudget[] = [
  { from: "@sluice/chunker", without: ["@sluice/streams"], budget: 1_500 },
  {
    name: "@sluice/base64, the encoder",
    exports: "{ Base64EncoderStream }",
    from: "@sluice/base64",
    without: ["@sluice/streams"],
    budget: 2_500,
  },
  {
    name: "@sluice/base64, the decoder",
    exports: "{ Base64DecoderStream }",
    from: "@sluice/base64",
    without: ["@sluice/streams"],
    budget: 2_500,
  },
  {
    name: "@sluice/base64, both stages",
    exports: "{ Base64DecoderStream, Base64EncoderStream }",
    from: "@sluice/base64",
    without: ["@sluice/streams"],
    budget: 3_100,
  },
  {
    name: "@sluice/poller, poll and waitFor",
    exports: "{ poll, waitFor }",
    from: "@sluice/poller",
    without: ["@sluice/retry"],
    budget: 2_000,
  },
  // The promise is 10 kB.
  {
    name: "@sluice/uploader, upload",
    exports: "{ upload }",
    from: "@sluice/uploader",
    without: ["@sluice/hash"],
    budget: 10_000,
  },
  { from: "@sluice/streams", budget: 3_300 },
  { from: "@sluice/source", budget: 9_200 },
  { from: "@sluice/chunker", budget: 2_400 },
  { from: "@sluice/base64", budget: 6_400 },
  { from: "@sluice/hash", budget: 9_100 },
  { from: "@sluice/compress", budget: 10_300 },
  { from: "@sluice/retry", budget: 2_070 },
  { from: "@sluice/http", budget: 16_500 },
  { from: "@sluice/poller", budget: 4_960 },
  { from: "@sluice/uploader", budget: 12_900 },
  { from: "@sluice/openai", budget: 38_000 },
  { from: "@sluice/replicate", budget: 48_100 },
  { from: "@sluice/oneai", budget: 45_000 },
  { from: "@sluice/kie", budget: 50_100 },
  { from: "@sluice/job", budget: 8_600 },
];

/** What is written to disk, by package: bytes with a tenth to spare, and the very number of packages. */
export const installs: Readonly<Record<string, InstallBudget>> = {
  "@sluice/streams": { own: 160_000, tree: 660_000, packages: 2 },
  "@sluice/source": { own: 430_000, tree: 660_000, packages: 3 },
  "@sluice/chunker": { own: 40_000, tree: 690_000, packages: 3 },
  "@sluice/base64": { own: 170_000, tree: 830_000, packages: 3 },
  "@sluice/hash": { own: 320_000, tree: 2_910_000, packages: 4 },
  "@sluice/compress": { own: 320_000, tree: 1_850_000, packages: 4 },
  "@sluice/retry": { own: 125_000, tree: 125_000, packages: 1 },
  "@sluice/http": { own: 560_000, tree: 4_550_000, packages: 9 },
  "@sluice/poller": { own: 210_000, tree: 1_040_000, packages: 4 },
  "@sluice/uploader": { own: 870_000, tree: 4_540_000, packages: 9 },
  "@sluice/openai": { own: 100_000, tree: 7_760_000, packages: 13 },
  "@sluice/replicate": { own: 250_000, tree: 8_170_000, packages: 14 },
  "@sluice/oneai": { own: 240_000, tree: 8_160_000, packages: 14 },
  "@sluice/kie": { own: 240_000, tree: 8_160_000, packages: 14 },
  "@sluice/job": { own: 140_000, tree: 4_940_000, packages: 11 },
  "@sluice/cli": { own: 570_000, tree: 11_350_000, packages: 38 },
  "@sluice/emulator": { own: 1_000_000, tree: 1_300_000, packages: 2 },
};
