/** Breaks text that comes in pieces into lines. A break comes before the next character, so that none ends the text. */
export function lineBreaker(lineLength: number | undefined, lineEnding: string): (piece: string) => string {
  let column = 0;
  return (piece) => {
    if (!lineLength || !piece) return piece;
    let from = lineLength - column;
    let line = piece.slice(0, from);
    column += line.length;
    const lines = [line];
    for (; from < piece.length; from += lineLength) {
      line = piece.slice(from, from + lineLength);
      column = line.length;
      lines.push(line);
    }
    return lines.join(lineEnding);
  };
}
