/** Messages may come by the thousand; the eye follows ten pictures a second. */
const PERIOD_MS = 100;
const PERIOD_MS_MAX = 1_000;
/** At 60 a second. */
const FRAME_MS = 1_000 / 60;
/** What scrolls or moves meanwhile loses no more of its frames than one of so many, where a picture takes less than 67 ms. */
const FRAMES_PER_LOST = 20;
/** Of a new measurement: one picture alone may have met something else that ran. */
const WEIGHT = 0.25;
/** The clock runs on while the machine sleeps and while a dialog is open. */
const COST_MS_MAX = 100;

/**
 * How often what changes is drawn: ten times a second where a picture is made within a frame; where that takes longer, so seldom
 * that what the user does stays smooth. Once a second at least.
 */
export class Pace {
  #costMs = 0;

  get periodMs(): number {
    const lost = Math.ceil(this.#costMs / FRAME_MS) - 1;
    return Math.min(Math.max(lost * FRAMES_PER_LOST * FRAME_MS, PERIOD_MS), PERIOD_MS_MAX);
  }

  /** A picture took so long to make. */
  drew(costMs: number): void {
    this.#costMs += WEIGHT * (Math.min(costMs, COST_MS_MAX) - this.#costMs);
  }
}
