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
  /** Why they are not told of; undefined where they are. */
  readonly state: FeedState | undefined;
}

/** The boards that the hub's program simulates: their pins, power, Wi-Fi and consoles, and another. */
export function SimulatedView({ boards, control, state }: SimulatedViewProps) {
  useModelChanges(boards);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const act = (deed: BoardAction): void => {
    setProblem(undefined);
    control.actSimulated(deed).catch((error: Error) => setProblem(error.message));
  };
  if (!control.hasToken) {
    return (
      <Placeholder>
        Open this page by the link that the hub printed when it started: only then it may boot and switch
        boards.
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
              No board is simulated. Boot one: it runs this project's app, and connects to this hub.
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

/** Follows the boards for as long as the page lives. */
export function useFleetFeed(boards: SimulatedBoards, control: ControlClient): FeedState | undefined {
  const [state, setState] = useState<FeedState | undefined>(undefined);
  useEffect(() => {
    if (!control.hasToken) return undefined;
    return control.follow("simulatedBoards", undefined, (event) => boards.take(event), setState);
  }, [boards, control]);
  return state;
}
