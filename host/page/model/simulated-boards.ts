/** The boards that the hub's program simulates, as its feed reports them. */
import type { ConsoleLine, FleetEvent, SimulatedBoardRecord } from "../../control/simulated-boards.ts";
import { Observable } from "./observable.ts";

const LINES_MAX = 500;

export interface ShownBoard {
  readonly record: SimulatedBoardRecord;
  readonly lines: readonly ConsoleLine[];
}

export class SimulatedBoards extends Observable {
  #boards: readonly ShownBoard[] | undefined;

  /** In the order in which they were booted. Undefined until the hub has answered. */
  get all(): readonly ShownBoard[] | undefined {
    return this.#boards;
  }

  take(event: FleetEvent): void {
    const known = this.#boards ?? [];
    switch (event.kind) {
      case "boards":
        this.#boards = event.boards.map(({ lines, ...record }) => ({ record, lines }));
        break;
      case "board":
        this.#boards = known.some(({ record }) => record.id === event.board.id)
          ? known.map((each) => (each.record.id === event.board.id ? { ...each, record: event.board } : each))
          : [...known, { record: event.board, lines: [] }];
        break;
      case "removed":
        this.#boards = known.filter(({ record }) => record.id !== event.id);
        break;
      case "line":
        this.#boards = known.map((each) =>
          each.record.id === event.id
            ? { ...each, lines: [...each.lines, event.line].slice(-LINES_MAX) }
            : each,
        );
    }
    this.changed();
  }
}
