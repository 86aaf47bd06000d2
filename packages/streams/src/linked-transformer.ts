/** What a `LinkedTransformer` is given: the platform's controller, and what a pull-driven stage needs. */
export interface LinkedController<Out> extends TransformStreamDefaultController<Out> {
  /**
   * Undefined when the consumer wants a chunk now; otherwise a promise for when it does, which rejects with the
   * reason of an abort, a cancel or a failure that comes before.
   */
  demand(): Promise<void> | undefined;
  /** Whether the stage was aborted or cancelled from outside, which then says how it ends. */
  readonly stopped: boolean;
}

export interface LinkedTransformer<In, Out> {
  /**
   * Whether an abort is acted on at once, even while a write waits for a reader that has stopped reading. The platform's
   * stage learns of it at the next read, if there is one, and holds what it holds until then.
   */
  prompt?: boolean;
  start?: ((controller: LinkedController<Out>) => unknown) | undefined;
  transform: (chunk: In, controller: LinkedController<Out>) => unknown;
  flush?: ((controller: LinkedController<Out>) => unknown) | undefined;
  cancel?: ((reason: unknown) => unknown) | undefined;
}
