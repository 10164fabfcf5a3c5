/** The hardware timer's task list: pins set, or code run, at a given time whatever else runs. */

interface TimerTask {
  /** Milliseconds until the first run, and from run to run. */
  time: number;
  interval?: number;
}

interface PinTimerTask extends TimerTask {
  type: "SET";
  pin: Pin;
  pin2?: Pin;
  pin3?: Pin;
  pin4?: Pin;
  value: number;
}

/** Interrupts what runs, at the next statement. Something else must hold the function, or it is collected. */
interface CodeTimerTask extends TimerTask {
  type: "EXEC";
  fn: () => void;
}

interface PendingTimerTask {
  readonly id: number;
  readonly type: string;
  readonly time: number;
  readonly interval?: number;
  readonly [detail: string]: unknown;
}

interface TimerModule {
  /** The task's number, or −1. */
  add(task: PinTimerTask | CodeTimerTask): number;
  get(id: number): PendingTimerTask | undefined;
  list(): PendingTimerTask[];
  remove(id: number): boolean;
}
