import { PollStream, type Task } from "@sluice/poller";
import { adopt } from "@sluice/streams";
import { createWaiter, WaiterState } from "@smithy/util-waiter";
import pWaitFor from "p-wait-for";
import { type Contender, defineCase, type Group } from "../harness/case.ts";

/** Milliseconds that the far side takes to answer. */
const LATENCY = 5;
/** The last task ends after so many milliseconds: one for each task, but no less than both sides need to get going. */
const longestOf = (count: number): number => Math.max(1_000, count);

/** Tasks that end at times of their own, and who noticed when. */
class FarSide {
  readonly #start = performance.now();
  readonly #ends: number[];
  readonly #delays: number[] = [];
  readonly #seconds = new Map<number, number>();
  reads = 0;

  constructor(count: number) {
    const longest = longestOf(count);
    let seed = 1;
    this.#ends = Array.from({ length: count }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return (seed / 2_147_483_647) * longest;
    });
  }

  /** Whether the task has ended, after a while. */
  async ask(index: number): Promise<boolean> {
    this.reads += 1;
    const second = Math.floor((performance.now() - this.#start) / 1000);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, LATENCY));
    return performance.now() - this.#start >= (this.#ends[index] ?? 0);
  }

  noticed(index: number): void {
    this.#delays.push(performance.now() - this.#start - (this.#ends[index] ?? 0));
  }

  /** What the far side saw. */
  remark(): string {
    const delays = this.#delays.sort((a, b) => a - b);
    const at = (share: number): string => `${Math.round(delays[Math.floor(share * (delays.length - 1))] ?? 0)} ms`;
    const busiest = Math.max(...this.#seconds.values());
    return `${this.reads} reads, at most ${busiest} in a second; noticed after ${at(0.5)}, 99 % within ${at(0.99)}`;
  }
}

function contender(name: string, follow: (side: FarSide, count: number) => Promise<void>): Contender {
  return {
    name,
    async run({ bytes: count }) {
      const side = new FarSide(count);
      await follow(side, count);
      return { bytes: count, operations: count, remark: side.remark() };
    },
  };
}

const pollStream = (rate?: number): Contender =>
  contender(rate === undefined ? "PollStream" : `PollStream, ${rate} reads/s`, async (side, count) => {
    const tasks = Array.from(
      { length: count },
      (_, index): Task<number> => ({
        id: `${index}`,
        read: async () => ((await side.ask(index)) ? { state: "succeeded", result: index } : { state: "running" }),
      }),
    );
    const settled = adopt(tasks).pipeThrough(new PollStream<number>({ rate, inFlight: count }));
    for await (const { result } of settled) side.noticed(result ?? 0);
  });

const each = (count: number, follow: (index: number) => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, index) => follow(index)));

/** Its default is 20 ms; this is our first interval. */
const waitFor = contender("p-wait-for, 500 ms", async (side, count) => {
  await each(count, async (index) => {
    await pWaitFor(() => side.ask(index), { interval: 500 });
    side.noticed(index);
  });
});

/** Our limits in its terms, seconds. */
const smithy = contender("Smithy waiter, 0.5–10 s", async (side, count) => {
  await each(count, async (index) => {
    const options = { client: {}, minDelay: 0.5, maxDelay: 10, maxWaitTime: 120 };
    await createWaiter(options, index, async () => ({
      state: (await side.ask(index)) ? WaiterState.SUCCESS : WaiterState.RETRY,
    }));
    side.noticed(index);
  });
});

const common = { mode: "process", bytes: 10_000, quickBytes: 1250, rounds: 1, warmup: 0 } as const;
/** Megabytes, as the bar is given. */
const MB = 1e6;
const bars = { above: 40 * MB };
const OFTEN =
  "p-wait-for asks after every task twice a second to its end, which is twice the reads, and notices sooner";
const note = "time is spent waiting; reads and delays are what differs";

export const group: Group = {
  description: "10,000 remote tasks followed to their ends",
  cases: [
    defineCase({
      ...common,
      name: "10,000 tasks beside p-wait-for",
      note,
      bars,
      limitedBy: OFTEN,
      subject: pollStream(),
      peer: waitFor,
    }),
    defineCase({
      ...common,
      name: "10,000 tasks beside a Smithy waiter",
      note,
      bars,
      subject: pollStream(),
      peer: smithy,
    }),
    defineCase({
      ...common,
      name: "10,000 tasks, limited",
      note,
      limitedBy: OFTEN,
      subject: pollStream(2000),
      peer: waitFor,
    }),
  ],
};
