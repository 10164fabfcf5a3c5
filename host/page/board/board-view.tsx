/** Loads the view of a board when it is first shown: most who open the page never need it. */
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ControlClient } from "../connection/control-client.ts";
import { Placeholder } from "../controls/placeholder.tsx";

type BoardModule = typeof import("./board-tab.tsx");

interface Loaded {
  readonly Tab: FunctionComponent<{ desk: ReturnType<BoardModule["createBoardController"]> }>;
  /** Outlives the view, so that a board stays connected while the messages are shown. */
  readonly desk: ReturnType<BoardModule["createBoardController"]>;
  readonly Console: FunctionComponent<{ desk: ReturnType<BoardModule["createBoardController"]> }>;
}

let loading: Promise<Loaded> | undefined;
let ready: Loaded | undefined;

async function load(control: ControlClient): Promise<Loaded> {
  const { AttachedBoardConsole, BoardTab, createBoardController } = await import("./board-tab.tsx");
  ready = { Tab: BoardTab, desk: createBoardController(control), Console: AttachedBoardConsole };
  return ready;
}

/** The console of the board that is plugged in; nothing where there is none. */
export function AttachedConsole() {
  return ready ? <ready.Console desk={ready.desk} /> : null;
}

export function BoardView({ control }: { control: ControlClient }) {
  const [loaded, setLoaded] = useState<Loaded | Error | undefined>(undefined);
  useEffect(() => {
    loading ??= load(control);
    loading.then(setLoaded, setLoaded);
  }, [control]);
  if (!loaded) return <Placeholder>Loading…</Placeholder>;
  if (loaded instanceof Error)
    return <Placeholder>This view cannot be loaded: {loaded.message} Reload the page.</Placeholder>;
  return <loaded.Tab desk={loaded.desk} />;
}
