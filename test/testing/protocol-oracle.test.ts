/** The protocol oracle finds every violation, and reports no correct behaviour. */
import { generate, type IPublishPacket, type Packet } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { ProtocolOracle } from "../../host/testing/protocol-oracle.ts";
import { publishPacket } from "../fixtures/hub-suite.ts";
import { connectPacket } from "../fixtures/packet-client.ts";

type Step =
  | readonly ["open", number]
  | readonly ["over", number]
  | readonly ["brokenOff", number]
  | readonly ["board", number, Packet]
  | readonly ["hub", number, ...Packet[]]
  | readonly ["wait", number]
  | readonly ["clock", number]
  | readonly ["restarted", number]
  | readonly ["powerFailed", number]
  | readonly ["dataLost", number, ...Packet[]];

const connect = connectPacket("dev", { keepalive: 10 });
const connack = (sessionPresent = false): Packet => ({ cmd: "connack", returnCode: 0, sessionPresent });
const publish = (messageId: number, more: Partial<IPublishPacket> = {}): Packet =>
  publishPacket("a", "one", 1, { messageId, ...more });
const pubrec: Packet = { cmd: "pubrec", messageId: 5 };
const opened: readonly Step[] = [
  ["open", 1],
  ["board", 1, connect],
  ["hub", 1, connack()],
];
const reopened = (sessionPresent: boolean): readonly Step[] => [
  ["over", 1],
  ["open", 2],
  ["board", 2, connect],
  ["hub", 2, connack(sessionPresent)],
];

function onWire([, , ...packets]: readonly [string, number, ...Packet[]]): Buffer {
  return Buffer.concat(packets.map((packet) => generate(packet)));
}

function judge(steps: readonly Step[]): string[] {
  let nowMs = 0;
  const oracle = new ProtocolOracle(() => nowMs);
  for (const step of steps) {
    const number = step[1];
    if (step[0] === "wait") nowMs += number;
    else if (step[0] === "open") oracle.opened(number);
    else if (step[0] === "over") oracle.over(number);
    else if (step[0] === "brokenOff") oracle.over(number, true);
    else if (step[0] === "clock") oracle.clockJumped(number);
    else if (step[0] === "restarted") oracle.restarted();
    else if (step[0] === "powerFailed") oracle.powerFailed();
    else if (step[0] === "dataLost") oracle.lostData(number, onWire(step).length);
    else if (step[0] === "board") oracle.written(number, generate(step[2]));
    else oracle.delivered(number, onWire(step));
  }
  oracle.finish();
  return oracle.violations;
}

describe("the protocol oracle accepts", () => {
  it.each<[string, readonly Step[]]>([
    [
      "the reuse of a packet identifier after the acknowledgement",
      [
        ...opened,
        ["board", 1, publish(5)],
        ["hub", 1, { cmd: "puback", messageId: 5 }],
        ["board", 1, publish(5, { payload: "two" })],
      ],
    ],
    [
      "missing pings while timers are stopped because the clock was set back",
      [...opened, ["wait", 4_000], ["clock", -20_000], ["wait", 30_000]],
    ],
    [
      "missing pings until a clock that was set back is set forward",
      [...opened, ["clock", -60_000], ["wait", 40_000], ["clock", 50_000], ["wait", 10_000]],
    ],
    [
      "DUP of a message from before a restart",
      [...opened, ["restarted", 1], ...reopened(true), ["board", 2, publish(5, { dup: true })]],
    ],
    [
      "DUP of a message that a connection aborted by the board never sent",
      [
        ...opened,
        ["brokenOff", 1],
        ...reopened(true),
        ["board", 2, publish(5, { dup: true })],
        ["hub", 2, { cmd: "puback", messageId: 5 }],
        ["board", 2, publish(6)],
      ],
    ],
    [
      "a message sent again with DUP in a persistent session",
      [...opened, ["board", 1, publish(5)], ...reopened(true), ["board", 2, publish(5, { dup: true })]],
    ],
    [
      "the reuse of a packet identifier after the session was lost",
      [...opened, ["board", 1, publish(5)], ...reopened(false), ["board", 2, publish(5, { payload: "two" })]],
    ],
    ["ten seconds of silence", [...opened, ["wait", 10_000], ["board", 1, { cmd: "pingreq" }]]],
    [
      "messages acknowledged in their order",
      [
        ...opened,
        ["hub", 1, publish(1)],
        ["hub", 1, publish(2)],
        ["board", 1, { cmd: "puback", messageId: 1 }],
        ["board", 1, { cmd: "puback", messageId: 2 }],
      ],
    ],
    [
      "QoS 2 in both directions, and PUBREL again on the next connection",
      [
        ...opened,
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, { cmd: "pubrec", messageId: 5 }],
        ["board", 1, { cmd: "pubrel", messageId: 5 }],
        ["hub", 1, publish(9, { qos: 2 })],
        ["board", 1, { cmd: "pubrec", messageId: 9 }],
        ...reopened(true),
        ["board", 2, { cmd: "pubrel", messageId: 5 }],
        ["hub", 2, { cmd: "pubrel", messageId: 9 }],
        ["board", 2, { cmd: "pubcomp", messageId: 9 }],
      ],
    ],
    [
      "PUBLISH again without PUBACK after the interpreter lost a chunk",
      [
        ...opened,
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, pubrec],
        ["dataLost", 1, pubrec],
        ["hub", 1, publish(9)],
        ...reopened(true),
        ["board", 2, publish(5, { qos: 2, dup: true })],
      ],
    ],
    [
      "PUBLISH again without PUBACK after the interpreter lost a chunk that had waited",
      [
        ...opened,
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, pubrec],
        ["hub", 1, publish(9, { payload: "x".repeat(300) }), publish(10)],
        ["dataLost", 1, pubrec, publish(9, { payload: "x".repeat(300) }), publish(10)],
        ...reopened(true),
        ["board", 2, publish(5, { qos: 2, dup: true })],
      ],
    ],
    ...(["pubrel", "publish"] as const).map((cmd): [string, readonly Step[]] => [
      `${cmd} after power failed when PUBREC arrived`,
      [
        ...opened,
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, { cmd: "pubrec", messageId: 5 }],
        ["powerFailed", 1],
        ["over", 1],
        ...reopened(true).slice(1),
        ["board", 2, cmd === "pubrel" ? { cmd, messageId: 5 } : publish(5, { qos: 2, dup: true })],
      ],
    ]),
  ])("%s", (_title, steps) => {
    expect(judge(steps)).toEqual([]);
  });
});

describe("the protocol oracle reports", () => {
  it.each<[string, readonly Step[], RegExp]>([
    [
      "a packet before CONNECT",
      [
        ["open", 1],
        ["board", 1, { cmd: "pingreq" }],
      ],
      /pingreq out of place/,
    ],
    ["a second CONNECT", [...opened, ["board", 1, connect]], /connect out of place/],
    [
      "a packet after DISCONNECT",
      [...opened, ["board", 1, { cmd: "disconnect" }], ["board", 1, { cmd: "pingreq" }]],
      /after disconnect/,
    ],
    ["a second live connection", [...opened, ["open", 2]], /beside a live one/],
    [
      "a packet identifier used twice",
      [...opened, ["board", 1, publish(5)], ["board", 1, publish(5, { payload: "two" })]],
      /identifier 5 is in flight/,
    ],
    [
      "a packet identifier used twice over connections of a persistent session",
      [...opened, ["board", 1, publish(5)], ...reopened(true), ["board", 2, publish(5, { payload: "two" })]],
      /identifier 5 is in flight/,
    ],
    [
      "SUBSCRIBE with the packet identifier of a message",
      [
        ...opened,
        ["board", 1, publish(5)],
        ["board", 1, { cmd: "subscribe", messageId: 5, subscriptions: [{ topic: "a", qos: 0 }] }],
      ],
      /identifier 5 is in flight/,
    ],
    [
      "a message sent again on the same connection",
      [...opened, ["board", 1, publish(5)], ["board", 1, publish(5, { dup: true })]],
      /publish 5 again$/,
    ],
    [
      "a message sent again without DUP in a persistent session",
      [...opened, ["board", 1, publish(5)], ...reopened(true), ["board", 2, publish(5)]],
      /again without DUP/,
    ],
    [
      "a message of QoS 2 sent again after PUBREC",
      [
        ...opened,
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, { cmd: "pubrec", messageId: 5 }],
        ...reopened(true),
        ["board", 2, publish(5, { qos: 2, dup: true })],
      ],
      /after PUBREC/,
    ],
    [
      "a message of QoS 2 sent again after PUBREC, although later bytes were lost",
      [
        ...opened,
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, { cmd: "pubrec", messageId: 5 }],
        ["board", 1, { cmd: "pubrel", messageId: 5 }],
        ["hub", 1, publish(9)],
        ["dataLost", 1, publish(9)],
        ...reopened(true),
        ["board", 2, publish(5, { qos: 2, dup: true })],
      ],
      /after PUBREC/,
    ],
    [
      "a message of QoS 2 sent again after PUBREC, although the second chunk of its delivery was lost",
      [
        ...opened,
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, pubrec, publish(9, { payload: "x".repeat(300) })],
        ["dataLost", 1, publish(9, { payload: "x".repeat(300) })],
        ...reopened(true),
        ["board", 2, publish(5, { qos: 2, dup: true })],
      ],
      /after PUBREC/,
    ],
    [
      "a message of QoS 2 sent again after PUBREC, although bytes of another connection were lost",
      [
        ...opened,
        ["open", 2],
        ["hub", 2, publish(9)],
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, pubrec],
        ["dataLost", 2, publish(9)],
        ["over", 1],
        ["open", 3],
        ["board", 3, connect],
        ["hub", 3, connack(true)],
        ["board", 3, publish(5, { qos: 2, dup: true })],
      ],
      /after PUBREC/,
    ],
    [
      "a missing acknowledgement, although another connection lost its data",
      [...opened, ["open", 2], ["hub", 2, publish(9)], ["dataLost", 2, publish(9)], ["hub", 1, publish(1)]],
      /#1 never answered 1/,
    ],
    ["DUP at first", [...opened, ["board", 1, publish(5, { dup: true })]], /marked DUP at first/],
    [
      "an acknowledgement without a packet",
      [...opened, ["board", 1, { cmd: "puback", messageId: 9 }]],
      /puback 9 out of turn/,
    ],
    [
      "acknowledgements out of order",
      [
        ...opened,
        ["hub", 1, publish(1)],
        ["hub", 1, publish(2)],
        ["board", 1, { cmd: "puback", messageId: 2 }],
        ["board", 1, { cmd: "puback", messageId: 1 }],
      ],
      /puback 2 out of turn/,
    ],
    ["a message without acknowledgement", [...opened, ["hub", 1, publish(1)]], /never answered 1/],
    [
      "PUBREL for a message without PUBREC",
      [...opened, ["board", 1, publish(5, { qos: 2 })], ["board", 1, { cmd: "pubrel", messageId: 5 }]],
      /pubrel 5 out of turn/,
    ],
    [
      "PUBREL twice on a connection",
      [
        ...opened,
        ["board", 1, publish(5, { qos: 2 })],
        ["hub", 1, { cmd: "pubrec", messageId: 5 }],
        ["board", 1, { cmd: "pubrel", messageId: 5 }],
        ["board", 1, { cmd: "pubrel", messageId: 5 }],
      ],
      /pubrel 5 out of turn/,
    ],
    ["PUBREL without PUBCOMP", [...opened, ["hub", 1, { cmd: "pubrel", messageId: 5 }]], /never answered 5/],
    [
      "DUP after new messages on a connection",
      [
        ...opened,
        ["brokenOff", 1],
        ...reopened(true),
        ["board", 2, publish(5)],
        ["board", 2, publish(6, { dup: true })],
      ],
      /publish 6 is marked DUP at first/,
    ],
    ["silence beyond keep alive", [...opened, ["wait", 10_001]], /says nothing for 10001 ms/],
    [
      "missing pings when timers run again after the clock was set back",
      [...opened, ["clock", -5_000], ["wait", 15_001]],
      /says nothing for 10001 ms/,
    ],
    [
      "missing pings after a clock that was set back is set forward",
      [...opened, ["clock", -60_000], ["wait", 40_000], ["clock", 50_000], ["wait", 10_001]],
      /says nothing for 10001 ms/,
    ],
    [
      "missing pings during which the clock is set forward",
      [...opened, ["wait", 5_000], ["clock", 9_000], ["wait", 5_001]],
      /says nothing for 10001 ms/,
    ],
    ["a packet that only a hub sends", [...opened, ["board", 1, { cmd: "pingresp" }]], /only a hub sends/],
  ])("%s", (_title, steps, violation) => {
    expect(judge(steps).join("\n")).toMatch(violation);
  });
});
