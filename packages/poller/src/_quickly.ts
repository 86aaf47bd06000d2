/** Milliseconds, of real time: the far side of a task under test is a server. */
export const SOON: number = 1000;

/** The promise, or an error when it takes too long. */
export function quickly<T>(promise: Promise<T>, time: number = SOON): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The task should settle within ${time} ms`)), time);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
