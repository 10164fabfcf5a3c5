/** Loads the Board view when it is first shown, because most users of the page never need it. */
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ControlClient } from "../connection/control-client.ts";
import { Placeholder } from "../controls/placeholder.tsx";

type BoardModule = typeof import("./board-tab.tsx");

interface Loaded {
  readonly Tab: FunctionComponent<{ controller: ReturnType<BoardModule["createBoardController"]> }>;
  /** Outlives the view, so that a board stays connected while other views are shown. */
  readonly controller: ReturnType<BoardModule["createBoardController"]>;
  readonly Console: FunctionComponent<{ controller: ReturnType<BoardModule["createBoardController"]> }>;
}

let loading: Promise<Loaded> | undefined;
let ready: Loaded | undefined;

async function load(control: ControlClient): Promise<Loaded> {
  const { AttachedBoardConsole, BoardTab, createBoardController } = await import("./board-tab.tsx");
  ready = { Tab: BoardTab, controller: createBoardController(control), Console: AttachedBoardConsole };
  return ready;
}

/** The console of the connected board. Nothing if no board is connected. */
export function AttachedConsole() {
  return ready ? <ready.Console controller={ready.controller} /> : null;
}

export function BoardView({ control }: { control: ControlClient }) {
  const [loaded, setLoaded] = useState<Loaded | Error | undefined>(undefined);
  useEffect(() => {
    loading ??= load(control);
    loading.then(setLoaded, setLoaded);
  }, [control]);
  if (!loaded) return <Placeholder>Loading…</Placeholder>;
  if (loaded instanceof Error)
    return <Placeholder>This view could not be loaded: {loaded.message} Reload the page.</Placeholder>;
  return <loaded.Tab controller={loaded.controller} />;
}
