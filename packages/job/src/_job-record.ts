import type { PollState } from "@sluice/poller";
import type { Clock } from "@sluice/retry";
import type { Entry, Journal, JournalWarning } from "@sluice/uploader";
import { FORMAT, type Recorded, readRecord, UNSURE } from "./_read-record.ts";
import type { JobEvent } from "./job-event.ts";
import { nameOf, StartUnknownError } from "./start-unknown-error.ts";

/** One job's place in a journal, whose lock its user holds. */
export class JobRecord {
  readonly #journal: Journal;
  readonly #key: string;
  readonly #clock: Clock;
  readonly #tell: (event: JobEvent) => void;

  constructor(journal: Journal, key: string, clock: Clock, tell: (event: JobEvent) => void) {
    this.#journal = journal;
    this.#key = key;
    this.#clock = clock;
    this.#tell = tell;
  }

  /**
   * What is written down; undefined where nothing is, and the job begins. What cannot be trusted may have been a job that
   * was started: it reads so, also in the runs after this one, when the journal has put it out of the way.
   *
   * @param decided whether the caller has said what to do with such a job
   */
  async open(decided: boolean): Promise<Recorded | undefined> {
    const warn = (warning: JournalWarning): void => this.#tell({ type: "journal", warning });
    let damage: JournalWarning | undefined;
    const entries = await this.#journal.read(this.#key, (warning) => {
      if (warning.reason !== "torn") damage = warning;
      else warn(warning);
    });
    const recorded = readRecord(entries);
    if (recorded) return recorded;
    if (entries.length > 0 && !decided) {
      // It stays where it is: whoever wrote it can make sense of it.
      throw new StartUnknownError(
        this.#key,
        "what the journal holds under its key is no job that this release can read",
      );
    }
    if (entries.length > 0) {
      const at = await this.#journal.setAside?.(this.#key);
      if (at === undefined) await this.#journal.remove(this.#key);
      const message = `What the journal held for ${nameOf(this.#key)} is no job that this release can read: it starts over`;
      damage = { reason: "foreign", key: this.#key, message, ...(at !== undefined && { at }) };
    }
    await this.#append({ type: "job", format: FORMAT, at: this.#clock.now(), ...(damage && { afterDamage: true }) });
    if (!damage) return undefined;
    warn(damage);
    return UNSURE;
  }

  /** @param leftover keys of the uploads that it was made by; they can be forgotten now */
  sent(value: unknown, leftover: readonly string[]): Promise<void> {
    return this.#append({ type: "sent", value, leftover });
  }

  /** Returns the time that was written down. */
  async starting(): Promise<number> {
    const at = this.#clock.now();
    await this.#append({ type: "starting", at });
    return at;
  }

  /** The start came to nothing, for certain. What the journal does not take is unknown again, which is safe. */
  refused(): Promise<void> {
    return this.#try(this.#append({ type: "refused" }));
  }

  started(value: unknown, leftover?: readonly string[]): Promise<void> {
    return this.#append({ type: "started", value, leftover });
  }

  polling(state: PollState): Promise<void> {
    return this.#try(this.#append({ type: "polling", state }));
  }

  late(): Promise<void> {
    return this.#try(this.#append({ type: "late" }));
  }

  /** Forgets the job, or another key. */
  remove(key: string = this.#key): Promise<void> {
    return this.#try(this.#journal.remove(key));
  }

  #append(entry: Entry): Promise<void> {
    return this.#journal.append(this.#key, entry);
  }

  async #try(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      this.#tell({ type: "not-recorded", error });
    }
  }
}
