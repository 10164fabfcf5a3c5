import { useEffect, useState } from "preact/hooks";
import type { BoardAction } from "../../control/simulated-boards.ts";
import type { ControlClient, FeedState } from "../connection/control-client.ts";
import { Placeholder } from "../controls/placeholder.tsx";
import { useModelChanges } from "../controls/use-model.ts";
import type { SimulatedBoards } from "../model/simulated-boards.ts";
import { BoardCard } from "./board-card.tsx";
import { BootForm } from "./boot-form.tsx";

export interface SimulatedViewProps {
  readonly boards: SimulatedBoards;
  readonly control: ControlClient;
  /** The state of the feed of boards. Undefined until it begins. */
  readonly state: FeedState | undefined;
}

/** The Simulator view: the boards that the hub's program simulates, with pins, power, Wi-Fi and console. */
export function SimulatedView({ boards, control, state }: SimulatedViewProps) {
  useModelChanges(boards);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const act = (action: BoardAction): void => {
    setProblem(undefined);
    control.actSimulated(action).catch((error: Error) => setProblem(error.message));
  };
  if (!control.hasToken) {
    return (
      <Placeholder>
        This page was not opened with the link that the hub printed. Open that link to start and control
        simulated boards.
      </Placeholder>
    );
  }
  if (state instanceof Error && !boards.all) return <Placeholder>{state.message}</Placeholder>;
  return (
    <main class="columns simulated-view">
      <div class="side">
        <BootForm control={control} />
      </div>
      <div class="wide">
        <p class="outcome alarm" role="status">
          {problem ?? (state instanceof Error ? state.message : "")}
        </p>
        {boards.all?.length === 0 && (
          <section class="panel">
            <p class="empty">
              No simulated boards. Start one: it runs this project's app and connects to this hub.
            </p>
          </section>
        )}
        {boards.all?.map((board) => (
          <BoardCard key={board.record.id} board={board} act={act} />
        ))}
      </div>
    </main>
  );
}

/** Follows the feed of boards as long as the page is open. */
export function useFleetFeed(boards: SimulatedBoards, control: ControlClient): FeedState | undefined {
  const [state, setState] = useState<FeedState | undefined>(undefined);
  useEffect(() => {
    if (!control.hasToken) return undefined;
    return control.follow("simulatedBoards", undefined, (event) => boards.take(event), setState);
  }, [boards, control]);
  return state;
}
