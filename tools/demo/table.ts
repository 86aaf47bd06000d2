/** What became of one transfer. */
export interface Row {
  readonly what: string;
  readonly bytes: number;
  /** Of these, those that this run of the command had to send. */
  readonly sent: number;
  /** Of the command, from its start to its end. */
  readonly seconds: number;
  /** Of the command's own process, in bytes. */
  readonly peakMemory: number;
  readonly verified: boolean;
}

/** The rows as a table of plain text. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ["provider", "bytes", "seconds", "MB/s", "peak memory", "verified"],
    ...rows.map(({ what, bytes, sent, seconds, peakMemory, verified }) => [
      what,
      bytes.toLocaleString("en-US"),
      seconds.toFixed(1),
      (sent / seconds / 1e6).toFixed(0),
      `${(peakMemory / 1e6).toFixed(0)} MB`,
      verified ? "yes" : "NO",
    ]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  const [head = [], ...body] = cells;
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...body.map(line)].join("\n");
}
