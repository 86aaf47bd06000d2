import type { Finding } from "../checks/finding.ts";
import { judge, type Verdict } from "../harness/judge.ts";
import type { GroupResults } from "../harness/run-benchmarks.ts";
import type { CaseResult } from "../harness/run-case.ts";
import { formatSize } from "../harness/size.ts";
import { memoryChart } from "./memory-chart.ts";
import { ratioChart } from "./ratio-chart.ts";
import type { Recorded } from "./recorded.ts";
import { scalingChart } from "./scaling-chart.ts";
import { barTable, comparisonTable, headlineTable, shortfalls, sizeTable, type Table } from "./tables.ts";

/** A chart with the file it is written to. */
interface Figure {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

/** One heading of the report. */
export interface Section {
  readonly title: string;
  readonly text: string;
  /** What reproduces its figures. */
  readonly command?: string;
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  readonly group?: GroupResults;
}

/** Headings in the order in which a stranger asks. Groups that are not named here follow, by name. */
const ORDER = [
  "memory",
  "scaling",
  "source",
  "streams",
  "stages",
  "compress",
  "http",
  "openai",
  "uploader",
  "providers",
  "poller",
];

const TITLES: Readonly<Record<string, string>> = {
  memory: "Memory",
  scaling: "Scaling",
  source: "Reading a file",
  streams: "What a hop costs",
  stages: "Chunker, base64, digests",
  compress: "Compression",
  http: "Sending a file over HTTP",
  openai: "OpenAI's Uploads API",
  uploader: "Uploads in parts",
  providers: "A file to each provider",
  poller: "Following 10,000 tasks",
  harness: "The noise of this machine",
};

/** What the report says, before it is markup of any kind. */
export function sectionsOf({ groups, sizes }: Recorded): Section[] {
  const known = Object.keys(groups);
  const names = [...ORDER.filter((name) => known.includes(name)), ...known.filter((name) => !ORDER.includes(name))];
  const results = names.filter((name) => name !== "harness").flatMap((name) => groups[name]?.results ?? []);
  return [
    ...inShort(results),
    ...names.map((name) => sectionOf(groups[name] as GroupResults)),
    ...(sizes ? [sizeSection(sizes)] : []),
    {
      title: "Where a goal is missed or a peer is faster",
      text: "Every comparison of this report in which the subject took more than 1.05 times the peer's time, or more than the goal allows.",
      figures: [],
      tables: [shortfalls(results)],
    },
  ];
}

function inShort(results: readonly CaseResult[]): Section[] {
  const growths = growthsOf(results);
  const headlines = results.filter(({ headline }) => headline);
  if (growths.length === 0 || headlines.length === 0) return [];
  const held = growths.filter((verdict) => verdict.held).length;
  const sizes = growths.flatMap((verdict) => verdict.sizes);
  return [
    {
      title: "In short",
      text: `Memory: ${held} of ${growths.length} cases stay within the growth that is allowed between their smallest and largest size, up to ${formatSize(Math.max(...sizes))}. Speed, beside what people use for the same job:`,
      figures: [],
      tables: [headlineTable(headlines)],
    },
  ];
}

const growthsOf = (results: readonly CaseResult[]): Verdict[] => judge(results).filter(({ bar }) => bar === "growth");

/** What the growth in the table is, and what part of it has a column of its own. */
function memoryText(results: readonly CaseResult[]): string {
  if (growthsOf(results).every(({ young }) => young === undefined)) return "";
  return ` Growth is of peak RSS, from the smallest size to the largest. Some of it may be V8's young generation, where new objects begin: V8 doubles it, from 1 MiB up to 128, each time that much of it was alive when it was collected, and hardly ever makes it smaller. It has a column of its own, to say where to look, and counts as all the rest does.`;
}

function sizeSection(sizes: readonly Finding[]): Section {
  const table = (bundled: boolean): Table => [
    ["what", "measured", "budget"],
    ...sizes
      .filter(({ what }) => what.endsWith("min+gzip") === bundled)
      .map(({ what, measured, allowed }) => [what.replace(", min+gzip", ""), measured, allowed]),
  ];
  return {
    title: "Size",
    text: "What a page loads, bundled by esbuild for browsers, minified and gzipped, and what an installation writes to disk.",
    command: "npm run bench:check -- bundles installs",
    figures: [],
    tables: [table(true), table(false)],
  };
}

function sectionOf(group: GroupResults): Section {
  const { name, results } = group;
  return {
    title: TITLES[name] ?? name,
    text: `${group.description[0]?.toUpperCase()}${group.description.slice(1)}.${name === "memory" ? memoryText(results) : ""}`,
    command: `npm run bench -- ${name}${group.quick ? " --quick" : ""}${group.size === undefined ? "" : ` --size ${group.size}`}`,
    figures: figuresOf(group),
    tables:
      name === "memory"
        ? [barTable(results), sizeTable(results)]
        : [comparisonTable(results), barTable(results)].filter((table) => table.length > 1),
    group,
  };
}

function figuresOf({ name, results }: GroupResults): Figure[] {
  if (name === "memory") {
    const sent = results.filter((result) => result.subject.name !== "pipe");
    const stages = results.filter((result) => result.subject.name === "pipe");
    return figures([
      [
        "memory-stages.svg",
        "Memory of a process that pipes a file through stages, MiB",
        (title) => memoryChart(title, stages),
      ],
      ["memory-uploads.svg", "Memory of a process that uploads a file, MiB", (title) => memoryChart(title, sent)],
    ]);
  }
  if (name === "scaling") {
    return figures(
      (["part size", "connections", "chunk size"] as const).map((axis) => [
        `scaling-${axis.replace(" ", "-")}.svg`,
        `Rate and memory over ${axis}`,
        (title) => scalingChart(title, axis, results),
      ]),
    );
  }
  if (name === "stages") {
    const parts = [
      ["chunker", /^chunker/],
      ["base64", /^base64/],
      ["digests", /^(?!chunker|base64)/],
    ] as const;
    return figures(
      parts.map(([part, pattern]) => [
        `ratios-${part}.svg`,
        `Times as fast as the peer: ${part}`,
        (title) =>
          ratioChart(
            title,
            results.filter((result) => pattern.test(result.case)),
          ),
      ]),
    );
  }
  // Of tasks that are waited for, speed is not what is compared.
  if (name === "poller") return [];
  return figures([
    [`ratios-${name}.svg`, `Times as fast as the peer: ${TITLES[name] ?? name}`, (title) => ratioChart(title, results)],
  ]);
}

function figures(drawings: readonly (readonly [string, string, (title: string) => string | undefined])[]): Figure[] {
  return drawings.flatMap(([file, title, drawing]) => {
    const svg = drawing(title);
    return svg === undefined ? [] : [{ file, title, svg }];
  });
}
