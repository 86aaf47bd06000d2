import { createLogUpdate } from "log-update";
import { formatSize } from "./byte-size.ts";
import { formatTimeLeft } from "./duration.ts";
import type { Output } from "./output.ts";
import type { FileProgress, ProgressBoard, ProgressView } from "./progress-board.ts";

const BAR = 24;
const LABEL = 28;
/** Milliseconds between two drawings. */
const PAUSE = 100;

/** Bars at the bottom of a terminal: one a file, and one for all where there are several. */
export function progressBars(output: Output, stream: NodeJS.WriteStream): ProgressView {
  const log = createLogUpdate(stream);
  let board: ProgressBoard | undefined;
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    clearTimeout(timer);
    timer = undefined;
    drawn = Date.now();
    if (board && board.files.size + board.tasks.size > 0) log(linesOf(board, stream.rows).join("\n"));
    else log.clear();
  };
  output.overlay = {
    clear: () => log.clear(),
    draw,
  };
  return {
    changed(now) {
      board = now;
      const wait = drawn + PAUSE - Date.now();
      if (wait <= 0) draw();
      else timer ??= setTimeout(draw, wait).unref();
    },
    close() {
      clearTimeout(timer);
      output.overlay = undefined;
      board = undefined;
      log.clear();
      // Shows the cursor again.
      log.done();
    },
  };
}

function linesOf(board: ProgressBoard, rows: number): string[] {
  const { done, sent, size, rate, retries, connections } = board.total;
  const shown = [...board.files].slice(0, Math.max(1, rows - 3));
  const all = {
    label: `${done} of ${board.count} files`,
    progress: {
      sent,
      total: size,
      rate: rate > 0 ? rate : undefined,
      eta: rate > 0 && size !== undefined ? ((size - sent) / rate) * 1000 : undefined,
    },
    retries,
  };
  const lines = board.count > 1 ? [...shown, all] : shown;
  const inUse = `${connections} connection${connections === 1 ? "" : "s"} in use`;
  if (board.files.size === 0 && board.tasks.size > 0) return [...board.tasks.values(), inUse];
  const width = Math.min(LABEL, Math.max(0, ...lines.map(({ label }) => label.length)));
  return [...lines.map((line) => lineOf(line, width)), ...board.tasks.values(), inUse];
}

interface Line extends Pick<FileProgress, "label" | "retries"> {
  readonly progress: Omit<FileProgress["progress"], "acknowledged">;
}

function lineOf({ label, progress: { sent, total, rate, eta }, retries }: Line, width: number): string {
  const share = total === undefined ? undefined : total === 0 ? 1 : Math.min(1, sent / total);
  const bar = share === undefined ? "-".repeat(BAR) : "█".repeat(Math.floor(share * BAR)).padEnd(BAR, "░");
  const percent = `${Math.floor((share ?? 0) * 100)} %`.padStart(5);
  const parts = [
    // The end of a path says more than its beginning.
    label.length <= width ? label.padEnd(width) : `…${label.slice(1 - width)}`,
    bar,
    share === undefined ? formatSize(sent) : `${percent}  ${formatSize(sent)} of ${formatSize(total ?? 0)}`,
    rate !== undefined && share !== 1 && `${formatSize(rate)}/s`,
    share === 1 ? "waiting for the provider" : eta !== undefined && `${formatTimeLeft(eta)} left`,
    retries > 0 && `${retries} ${retries === 1 ? "retry" : "retries"}`,
  ];
  return parts.filter((part) => part !== false).join("  ");
}
