import { join } from "node:path";
import { createAgreement } from "./agreement.ts";
import type { Bars, Case, Goal, Point } from "./case.ts";
import { type ChildRunner, type Job, type Sample, startChildRunner } from "./child-runner.ts";
import { type ServerUsage, startServerProcess } from "./server-process.ts";
import type { Settings } from "./settings.ts";
import { createStampedFile } from "./stamped-file.ts";
import { pairwiseRatio, type Spread } from "./statistics.ts";
import { temporaryFolder } from "./temporary-folder.ts";

type SideName = "subject" | "peer";

/** One run of one contender; times in milliseconds. */
export interface Run extends Sample {
  /** What the discarding server spent and got during the run, where the case has one. */
  readonly server?: { readonly cpu: number; readonly bytes: number; readonly requests: number };
}

/** All measured runs of one contender, by round. */
export interface Side {
  readonly name: string;
  readonly runs: readonly Run[];
}

/** One row of the report. */
export interface CaseResult {
  readonly group: string;
  readonly case: string;
  readonly mode: Case["mode"];
  readonly bytes: number;
  readonly note?: string | undefined;
  readonly limitedBy?: string | undefined;
  readonly headline?: boolean | undefined;
  readonly goal?: Goal | undefined;
  readonly bars?: Bars | undefined;
  readonly point?: Point | undefined;
  readonly subject: Side;
  readonly peer?: Side;
  /** Wall and CPU time of the subject as a multiple of the peer's, divided round by round: below 1 the subject wins. */
  readonly time?: Spread;
  readonly cpu?: Spread;
}

/** The module that a case comes from. */
export interface CaseOrigin {
  readonly group: string;
  /** Its URL. */
  readonly module: string;
  /** A folder for what its processes compile: the first that does holds memory for it, which those after it do not. */
  readonly cache: string;
}

const DEFAULTS = {
  "in-process": { rounds: 11, warmup: 2, least: 3, patience: 5_000, quick: { rounds: 2, warmup: 1 } },
  process: { rounds: 5, warmup: 1, least: 2, patience: 8_000, quick: { rounds: 1, warmup: 0 } },
} as const;
/** Milliseconds after which all is compiled and warm: no further round is run to be thrown away. */
const WARM = 2_000;

/**
 * Runs one case: warm-up rounds, then measured ones, subject and peer in turns and every other round the other way
 * round (AB BA AB), so that neither profits from being second.
 *
 * @param definition What is run.
 * @param origin Where it comes from: its process imports it from there.
 * @param settings Whether to take fewer rounds.
 * @param bytes For each run.
 * @throws Error if a contender throws, or if they disagree on what was done.
 */
export async function runCase(
  definition: Case,
  origin: CaseOrigin,
  { quick }: Pick<Settings, "quick">,
  bytes: number,
): Promise<CaseResult> {
  const { name, mode, subject, peer, note, limitedBy, headline, goal, bars, point } = definition;
  const { rounds, warmup, least, patience } = paceOf(definition, quick);
  using folder = temporaryFolder();
  const file = definition.file ? join(folder.path, "stamped") : undefined;
  if (file) await createStampedFile(file, { size: bytes });
  using server = definition.server ? await startServerProcess() : undefined;
  const job: Job = { ...origin, case: name, bytes, folder: folder.path, file, server: server?.url };

  const agree = createAgreement();
  const runs: Record<SideName, Run[]> = { subject: [], peer: [] };
  const runSide = async (runner: ChildRunner, side: SideName, measured: boolean): Promise<void> => {
    const contender = definition[side]?.name ?? side;
    const before = await server?.usage();
    const sample = await runner.run(side, measured);
    const after = await server?.usage();
    agree(contender, sample.outcome);
    const run: Run = before && after ? { ...sample, server: spent(before, after) } : sample;
    if (run.server && !definition[side]?.alone && run.server.bytes < run.outcome.bytes) {
      throw new Error(
        `"${contender}" reported ${run.outcome.bytes} bytes, but the server received ${run.server.bytes}`,
      );
    }
    if (measured) runs[side].push(run);
  };

  const sides: readonly SideName[] = peer ? ["subject", "peer"] : ["subject"];
  await using shared = mode === "in-process" ? await startChildRunner(job) : undefined;
  const runRound = async (round: number, measured: boolean): Promise<void> => {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      await using own = shared ? undefined : await startChildRunner(job);
      await runSide((shared ?? own) as ChildRunner, side, measured);
    }
  };
  const runRounds = async (most: number, fewest: number, limit: number, measured: boolean): Promise<void> => {
    const begun = performance.now();
    for (let round = 0; round < most && (round < fewest || performance.now() - begun <= limit); round += 1) {
      await runRound(round, measured);
    }
  };
  await runRounds(warmup, 1, WARM, false);
  await runRounds(rounds, least, patience, true);

  const of = (side: SideName, field: "wall" | "cpu") => runs[side].map((run) => run[field]);
  const ratio = (field: "wall" | "cpu") => pairwiseRatio(of("subject", field), of("peer", field));
  return {
    group: origin.group,
    case: name,
    mode,
    bytes,
    note,
    limitedBy,
    headline,
    goal,
    bars,
    point,
    subject: { name: subject.name, runs: runs.subject },
    ...(peer && { peer: { name: peer.name, runs: runs.peer }, time: ratio("wall"), cpu: ratio("cpu") }),
  };
}

interface Pace {
  /** At most, and at least. */
  readonly rounds: number;
  readonly least: number;
  readonly warmup: number;
  /** Milliseconds after which no more than the least are begun: all groups then take some 30 minutes. */
  readonly patience: number;
}

function paceOf(definition: Case, quick: boolean): Pace {
  const { quick: most, ...defaults } = DEFAULTS[definition.mode];
  const { rounds, warmup, least, patience } = { ...defaults, ...definition };
  if (!quick) return { rounds, warmup, least, patience };
  return {
    rounds: Math.min(rounds, most.rounds),
    warmup: Math.min(warmup, most.warmup),
    least: 1,
    patience: 500,
  };
}

function spent(before: ServerUsage, after: ServerUsage): NonNullable<Run["server"]> {
  return {
    cpu: after.cpu - before.cpu,
    bytes: after.bytes - before.bytes,
    requests: after.requests - before.requests,
  };
}
