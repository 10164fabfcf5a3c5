/** The hardware timer's task list, beneath `setTimeout`. */

interface TimerTask {
  readonly id?: number;
  /** Milliseconds until the first run, and from run to run. */
  time?: number;
  interval?: number;
  type?: string;
  [name: string]: unknown;
}

interface TimerModule {
  add(task: TimerTask): number;
  get(id: number): TimerTask | undefined;
  list(): TimerTask[];
  remove(id: number): boolean;
}
