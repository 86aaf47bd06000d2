/** The name that somebody has probably meant; undefined where none is near. */
export function closest(given: string, names: readonly string[]): string | undefined {
  const text = given.toLowerCase();
  const [best] = names
    .map((name) => ({ name, distance: distance(text, name) }))
    .filter((found) => found.distance <= Math.max(2, Math.floor(found.name.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return best?.name;
}

/** Letters to change, add, leave out or swap. */
function distance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= from.length; row += 1) {
    rows[row] = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let least = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + same);
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) least = Math.min(least, at(row - 2, column - 2) + 1);
      (rows[row] as number[])[column] = least;
    }
  }
  return at(from.length, to.length);
}
