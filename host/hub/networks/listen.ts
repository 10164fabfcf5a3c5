/** Opens a server's port, or says in the user's own terms why it cannot. */
import type { AddressInfo, Server } from "node:net";
import { MotekitError } from "../../errors.ts";

/** What to do where the port is taken: give up, or take the next free one. */
export type OnTakenPort = "fail" | "next";

export interface ListenRequest {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The option by which the user chose the port, such as `--port`. */
  readonly option: string;
  /** What the port is for, such as "MQTT over TCP". */
  readonly purpose: string;
  readonly onTakenPort: OnTakenPort;
}

const PORT_ATTEMPTS_MAX = 50;
const PORT_MAX = 65_535;
/** Connections that wait to be accepted: a fleet that starts at once. The system may allow fewer. */
const BACKLOG = 4_096;

/** Resolves with the port that was opened. Rejects with MK1401 (port taken) or MK1402 (cannot be opened). */
export async function listen(server: Server, request: ListenRequest): Promise<number> {
  const attempts = request.onTakenPort === "next" ? PORT_ATTEMPTS_MAX : 1;
  for (let attempt = 0; attempt < attempts && request.port + attempt <= PORT_MAX; attempt++) {
    const failure = await tryListen(server, request.host, request.port + attempt);
    if (!failure) return (server.address() as AddressInfo).port;
    if (failure.code !== "EADDRINUSE") throw cannotListen(request, failure);
  }
  throw portTaken(request);
}

function tryListen(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      server.off("listening", succeed);
      resolve(error);
    };
    const succeed = (): void => {
      server.off("error", fail);
      resolve(undefined);
    };
    server.once("error", fail);
    server.once("listening", succeed);
    server.listen(port, host, BACKLOG);
  });
}

function portTaken(request: ListenRequest): MotekitError {
  const tried = request.onTakenPort === "next" ? ` and the ${PORT_ATTEMPTS_MAX - 1} after it are` : " is";
  return new MotekitError({
    code: "MK1401",
    message: `Port ${request.port} on ${request.host} (${request.purpose}, ${request.option})${tried} taken by another program.`,
    remedy: `Stop that program (another hub, or a Mosquitto?), or choose another port: ${request.option} ${request.port + 1}`,
  });
}

function cannotListen(request: ListenRequest, failure: NodeJS.ErrnoException): MotekitError {
  const reason =
    failure.code === "EACCES"
      ? "ports below 1024 need special rights"
      : failure.code === "EADDRNOTAVAIL" || failure.code === "ENOTFOUND"
        ? "this machine has no such address"
        : failure.message;
  const option = failure.code === "EACCES" ? request.option : "--host";
  return new MotekitError(
    {
      code: "MK1402",
      message: `The hub cannot listen on ${request.host} port ${request.port} (${request.purpose}): ${reason}.`,
      remedy: `Choose another value for ${option}.`,
    },
    { cause: failure },
  );
}
