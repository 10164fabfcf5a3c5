/** Runs probes on the simulated interpreter in virtual time, and on the real one, with the same peers. */
import { isIP } from "node:net";
import { loadBoard } from "../../../host/boards.ts";
import { bootNodeBoard } from "../../../host/simulator/engines/node-engine.ts";
import { HostNotFoundError } from "../../../host/simulator/world/network.ts";
import { VirtualTimeline } from "../../../host/simulator/world/virtual-clock.ts";
import { type Peer, VirtualNetwork } from "../../../host/simulator/world/virtual-network.ts";
import { bootProgram, listen, TEST_CONFIGURATION } from "../../fixtures/simulated-boards.ts";
import { until } from "../../fixtures/waiting.ts";
import { ALL_DONE, type PeerPorts, type Probe, printsOf, probeProgram } from "./probe.ts";

type Prints = ReadonlyMap<number, readonly string[]>;

const FLOOD_BYTES = 5_000;
const PAUSE_MS = 30;
const STEP_MS = 1_000;
const STEPS_MAX = 60;

const VIRTUAL_PORTS: PeerPorts = { echo: 1, flood: 2, greet: 3, bye: 4, reset: 5, closed: 6 };

/** @throws if the probes do not end within a minute of virtual time. */
export function printOnSimulator(probes: readonly Probe[]): Prints {
  const timeline = new VirtualTimeline();
  const lane = timeline.createLane();
  const peerLane = timeline.createLane();
  const ignored = { received: () => undefined, closed: () => undefined };
  const peers = new Map<number, Peer>([
    [
      VIRTUAL_PORTS.echo,
      {
        accept: (wire) => ({ received: (bytes) => wire.send(bytes), closed: () => wire.close() }),
      },
    ],
    [
      VIRTUAL_PORTS.flood,
      {
        accept(wire) {
          wire.send(new Uint8Array(FLOOD_BYTES));
          wire.close();
          return ignored;
        },
      },
    ],
    [
      VIRTUAL_PORTS.greet,
      {
        accept(wire) {
          peerLane.schedule(PAUSE_MS, () => wire.send(Buffer.from("welcome")));
          return ignored;
        },
      },
    ],
    [
      VIRTUAL_PORTS.bye,
      {
        accept(wire) {
          wire.send(Buffer.from("bye"));
          wire.close();
          return ignored;
        },
      },
    ],
    [
      VIRTUAL_PORTS.reset,
      {
        accept(wire) {
          wire.send(Buffer.from("x"));
          peerLane.schedule(PAUSE_MS, () => network.cut());
          return ignored;
        },
      },
    ],
  ]);
  const network = new VirtualNetwork({
    lane,
    peerLane,
    reach({ host, port }) {
      if (!isIP(host)) throw new HostNotFoundError();
      return peers.get(port);
    },
  });
  const lines: string[] = [];
  const board = bootNodeBoard({
    board: loadBoard("linux"),
    app: Buffer.from(probeProgram(probes, VIRTUAL_PORTS), "latin1"),
    configuration: TEST_CONFIGURATION,
    engine: "node",
    clock: lane,
    network,
    onLine: (line) => void lines.push(line),
    onPin: () => undefined,
    onExit: () => undefined,
  });
  for (let step = 0; step < STEPS_MAX && !lines.includes(ALL_DONE); step++) timeline.advance(STEP_MS);
  board.kill();
  if (!lines.includes(ALL_DONE)) throw new Error(`The probes do not end:\n${lines.slice(-5).join("\n")}`);
  return printsOf(lines);
}

export async function printOnEspruino(probes: readonly Probe[]): Promise<Prints> {
  const nobody = await listen(() => undefined);
  await nobody.close();
  const servers = {
    echo: await listen((socket) => socket.pipe(socket)),
    flood: await listen((socket) => socket.end(Buffer.alloc(FLOOD_BYTES))),
    greet: await listen((socket) => setTimeout(() => socket.write("welcome"), PAUSE_MS)),
    bye: await listen((socket) => socket.end("bye")),
    reset: await listen((socket) => {
      socket.write("x");
      setTimeout(() => socket.resetAndDestroy(), PAUSE_MS);
    }),
  };
  const ports: PeerPorts = {
    echo: servers.echo.port,
    flood: servers.flood.port,
    greet: servers.greet.port,
    bye: servers.bye.port,
    reset: servers.reset.port,
    closed: nobody.port,
  };
  const { board, lines } = await bootProgram("espruino", probeProgram(probes, ports));
  try {
    await until("the end of the probes", () => lines.includes(ALL_DONE));
  } finally {
    await board.stop();
    await Promise.all(Object.values(servers).map((server) => server.close()));
  }
  return printsOf(lines);
}
