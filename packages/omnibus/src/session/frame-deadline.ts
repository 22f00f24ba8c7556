/** Since when a neighbour has been sending the frame that is not whole yet. */
export class FrameDeadline {
  #sinceMs: number | undefined;

  /**
   * After a read: `isWhole` if nothing of a frame is left over, `hasProgress` if the read brought at least one
   * to its end.
   */
  read(nowMs: number, isWhole: boolean, hasProgress: boolean): void {
    if (isWhole) this.#sinceMs = undefined;
    else if (hasProgress) this.#sinceMs = nowMs;
    else this.#sinceMs ??= nowMs;
  }

  /** Whether one frame has taken longer than `timeoutMs`. */
  isOver(nowMs: number, timeoutMs: number): boolean {
    return this.#sinceMs !== undefined && nowMs - this.#sinceMs >= timeoutMs;
  }

  /** Nothing was read for a while, and that was our own doing. */
  pardon(nowMs: number): void {
    if (this.#sinceMs !== undefined) this.#sinceMs = nowMs;
  }
}
