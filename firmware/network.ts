/** The network of a board: `wifi.ts` or `wired.ts`. The build chooses one by the board. */
import type { WifiNetwork } from "./contract/configuration.ts";

/** Called with true when the network is connected, and with false and a reason when it is lost or could not be joined. */
export type OnNetwork = (isUp: boolean, reason: string) => void;

/** Joins, and joins again whenever the network is lost. Called once. */
export type JoinNetwork = (networks: readonly WifiNetwork[], onNetwork: OnNetwork) => void;
