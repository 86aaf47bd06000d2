import { formatSize } from "./byte-size.ts";
import { formatTimeLeft } from "./duration.ts";
import type { Output } from "./output.ts";
import type { ProgressBoard, ProgressView } from "./progress-board.ts";

/** Milliseconds between two lines. */
const PAUSE = 5_000;

/** A plain line every few seconds, where there is no terminal; none for what is over before the first. */
export function progressLines(output: Output): ProgressView {
  let board: ProgressBoard | undefined;
  let last: string | undefined;
  const tell = () => {
    if (!board) return;
    const files = board.files.size > 0 || board.tasks.size === 0 ? [lineOf(board)] : [];
    const text = [...files, ...board.tasks.values()].join("\n");
    // Who waits for the provider is told so once.
    if (text !== last) output.note(text);
    last = text;
  };
  const timer = setInterval(tell, PAUSE).unref();
  return {
    changed(now) {
      board = now;
    },
    close: () => clearInterval(timer),
  };
}

function lineOf(board: ProgressBoard): string {
  const { done, sent, size, rate, retries, connections } = board.total;
  const [file] = board.files;
  const what = board.count > 1 ? `${done} of ${board.count} files` : (file?.label ?? "");
  const share = size ? ` (${Math.floor((sent / size) * 100)} %)` : "";
  return [
    `${what}: ${formatSize(sent)}${size === undefined ? "" : ` of ${formatSize(size)}${share}`}`,
    rate > 0 && sent !== size && `${formatSize(rate)}/s`,
    size !== undefined && sent >= size && "waiting for the provider",
    size !== undefined && sent < size && rate > 0 && `${formatTimeLeft(((size - sent) / rate) * 1000)} left`,
    `${connections} connection${connections === 1 ? "" : "s"}`,
    retries > 0 && `${retries} ${retries === 1 ? "retry" : "retries"}`,
  ]
    .filter(Boolean)
    .join(", ");
}
