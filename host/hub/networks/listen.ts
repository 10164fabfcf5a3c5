/** Opens a server's port, or reports why it cannot in terms of the command line's options. */
import type { AddressInfo, Server } from "node:net";
import { MotekitError } from "../../errors.ts";

/** What happens if the port is in use: an error, or the next free port is used. */
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
/** The limit on connections that wait to be accepted, as when a fleet starts. The system may allow fewer. */
const BACKLOG = 4_096;

/** Resolves with the port that was opened. Rejects with MK1401 the port is in use, MK1402 it cannot be opened. */
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
    message: `Port ${request.port} on ${request.host} (${request.purpose}, ${request.option})${tried} in use by another program.`,
    remedy: `Stop that program, such as another hub or Mosquitto, or choose another port with ${request.option} ${request.port + 1}.`,
  });
}

function cannotListen(request: ListenRequest, failure: NodeJS.ErrnoException): MotekitError {
  const reason =
    failure.code === "EACCES"
      ? "ports below 1024 require special permissions"
      : failure.code === "EADDRNOTAVAIL" || failure.code === "ENOTFOUND"
        ? "this machine does not have that address"
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
