/** Ten renders a second, however many messages arrive. */
const PERIOD_MS = 100;
const PERIOD_MS_MAX = 1_000;
/** Duration of a frame at 60 frames a second. */
const FRAME_MS = 1_000 / 60;
/** Scrolling loses at most one frame in this number, as long as a render takes less than 67 ms. */
const FRAMES_PER_LOST = 20;
/** Weight of a new measurement in the average, since other work may have delayed one render. */
const WEIGHT = 0.25;
/** Limit of one measurement, because the clock continues while the computer sleeps or a dialog is open. */
const COST_MS_MAX = 100;

/**
 * The period of renders: ten times a second if a render takes less than a frame, and less often, at least once a second, if
 * it takes longer, so that user input stays smooth.
 */
export class Pace {
  #costMs = 0;

  get periodMs(): number {
    const lost = Math.ceil(this.#costMs / FRAME_MS) - 1;
    return Math.min(Math.max(lost * FRAMES_PER_LOST * FRAME_MS, PERIOD_MS), PERIOD_MS_MAX);
  }

  /** Records the duration of a render. */
  drew(costMs: number): void {
    this.#costMs += WEIGHT * (Math.min(costMs, COST_MS_MAX) - this.#costMs);
  }
}
