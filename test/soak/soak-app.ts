/**
 * The device's side of the soak test, on the interpreter: sends numbered messages of QoS 1 and 2, checks the numbers of received
 * ones, and reconnects as soon as the connection is cut. Its counters record everything, so that the host only reads them.
 */
import type { Transport } from "../../firmware/mqtt/transport.ts";
import { connect, publish, subscribe, useQos2 } from "../fixtures/whole-client.ts";

declare const global: { soak: unknown };

/** Maximum number of unacknowledged messages for each QoS. */
const WINDOW = 10;
const RECONNECT_MS = 5;

let transport: Transport;
let attempts = 0;
let connections = 0;
/** Connections that the client ended. */
let left = 0;
let isUp = false;
// Counters are in arrays, whose size does not change. A larger number in a variable takes another JsVar.
const messagesOfEach = new Uint32Array(1);
/** Counters by QoS, like the following ones. */
const accepted = new Uint32Array(3);
const acknowledged = new Uint32Array(3);
/** Acknowledged messages that the hub may have twice. */
const inDoubt = new Uint32Array(3);
/** The number that the next message must have. */
const received = new Uint32Array(3);
const repeated = new Uint32Array(3);
const missed = new Uint32Array(3);
/** Problems that the client reported. */
let problems = 0;

function pump(): void {
  for (let i = 0; i < 2 * WINDOW; i++) {
    const qos = i & 1 ? 2 : 1;
    const number = accepted[qos] as number;
    if (isUp && number < (messagesOfEach[0] as number) && number - (acknowledged[qos] as number) < WINDOW) {
      const onAcknowledged = qos > 1 ? onAcknowledged2 : onAcknowledged1;
      if (publish(`soak/out/${qos}`, `${number}`, qos, false, onAcknowledged)) accepted[qos] = number + 1;
    }
  }
}

function count(qos: number, isInDoubt: boolean): void {
  acknowledged[qos] = (acknowledged[qos] as number) + 1;
  if (isInDoubt) inDoubt[qos] = (inDoubt[qos] as number) + 1;
  pump();
}

function onAcknowledged1(isInDoubt: boolean): void {
  count(1, isInDoubt);
}

function onAcknowledged2(isInDoubt: boolean): void {
  count(2, isInDoubt);
}

function onMessage(_topicName: string, payload: string, qos: number): void {
  const number = parseInt(payload, 10);
  const expected = received[qos] as number;
  if (number < expected) {
    repeated[qos] = (repeated[qos] as number) + 1;
  } else {
    missed[qos] = (missed[qos] as number) + number - expected;
    received[qos] = number + 1;
  }
}

function open(): void {
  attempts++;
  connect(
    transport,
    { clientId: "soak", keepAliveSeconds: 10, cleanSession: false },
    {
      onUp: () => {
        connections++;
        isUp = true;
        pump();
      },
      onDown: (reason) => {
        isUp = false;
        if (reason !== "closed") left++;
        setTimeout(open, RECONNECT_MS);
      },
      onMessage,
      onProblem: () => {
        problems++;
      },
      onSetAside: () => {
        problems++;
      },
    },
  );
}

global.soak = {
  connect: (newTransport: Transport) => {
    transport = newTransport;
    useQos2();
    subscribe("soak/in/+", 2);
    open();
  },
  send: (newMessagesOfEach: number) => {
    messagesOfEach[0] = newMessagesOfEach;
    pump();
  },
  report: () =>
    JSON.stringify({
      connections,
      unaccepted: attempts - connections,
      left,
      window: WINDOW,
      problems,
      isUp,
      accepted,
      acknowledged,
      inDoubt,
      received,
      repeated,
      missed,
    }),
};
