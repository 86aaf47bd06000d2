import type { Progress } from "@sluice/uploader";

/** One file on its way. */
export interface FileProgress {
  readonly label: string;
  readonly progress: Pick<Progress, "sent" | "acknowledged" | "total" | "rate" | "eta">;
  readonly retries: number;
}

/** Something that shows how far the files are. */
export interface ProgressView {
  changed(board: ProgressBoard): void;
  close(): void;
}

/** How far all files of a command are. */
export class ProgressBoard {
  readonly files: Set<FileProgress> = new Set();
  /** Tasks that are waited for, in words. */
  readonly tasks: Map<string, string> = new Map();
  readonly #view: ProgressView | undefined;
  readonly #connections: () => number;
  #done = { files: 0, bytes: 0, retries: 0 };
  /** Files that there are to send in all. */
  count: number = 1;

  constructor(view: ProgressView | undefined, connections: () => number) {
    this.#view = view;
    this.#connections = connections;
  }

  /** A file begins; what is returned takes its progress and its end. */
  begin(label: string, size: number | undefined): FileOnBoard {
    const file = new FileOnBoard(label, size, () => this.#view?.changed(this));
    this.files.add(file);
    this.#view?.changed(this);
    file.onEnd = () => {
      if (!this.files.delete(file)) return;
      this.#done.files += 1;
      this.#done.bytes += file.progress.acknowledged;
      this.#done.retries += file.retries;
      this.#view?.changed(this);
    };
    return file;
  }

  /** Says where a task stands; undefined when it is over. */
  setTask(id: string, text: string | undefined): void {
    if (this.tasks.get(id) === text) return;
    if (text === undefined) this.tasks.delete(id);
    else this.tasks.set(id, text);
    this.#view?.changed(this);
  }

  /** Sums over all files, those that have ended included. */
  get total(): {
    done: number;
    sent: number;
    size: number | undefined;
    rate: number;
    retries: number;
    connections: number;
  } {
    const files = [...this.files];
    const sum = (of: (file: FileProgress) => number) => files.reduce((all, file) => all + of(file), 0);
    const known = files.every(({ progress }) => progress.total !== undefined);
    return {
      done: this.#done.files,
      sent: this.#done.bytes + sum(({ progress }) => progress.sent),
      size: known ? this.#done.bytes + sum(({ progress }) => progress.total ?? 0) : undefined,
      rate: sum(({ progress }) => progress.rate ?? 0),
      retries: this.#done.retries + sum(({ retries }) => retries),
      connections: this.#connections(),
    };
  }

  close(): void {
    this.#view?.close();
  }
}

/** A file that began, for who sends it. */
export class FileOnBoard implements FileProgress {
  readonly label: string;
  progress: FileProgress["progress"];
  retries = 0;
  onEnd: () => void = () => {};
  readonly #changed: () => void;

  constructor(label: string, total: number | undefined, changed: () => void) {
    this.label = label;
    this.progress = { sent: 0, acknowledged: 0, total, rate: undefined, eta: undefined };
    this.#changed = changed;
  }

  update(progress: FileProgress["progress"]): void {
    this.progress = progress;
    this.#changed();
  }

  retried(): void {
    this.retries += 1;
    this.#changed();
  }

  end(): void {
    this.onEnd();
  }
}
