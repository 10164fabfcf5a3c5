/** Who may use the control channel, and what it says to others. */
import { type ClientRequest, request } from "node:http";
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { MotekitError } from "../../host/errors.ts";
import { openHub, type TestHub } from "../fixtures/hubs.ts";

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answered {
  readonly status: number | undefined;
  readonly text: string;
}

async function openWithControl(): Promise<{ hub: TestHub; token: string; calls: unknown[] }> {
  const calls: unknown[] = [];
  const hub = await openHub({
    control: {
      actions: {
        note: async (argument) => {
          calls.push(argument);
          return { seen: calls.length };
        },
        fail: async () => {
          throw new MotekitError({ code: "MK1227", message: "Nothing is left.", remedy: "Write something." });
        },
        break: async () => {
          throw new Error("an error of the program");
        },
      },
      feeds: {
        count: (argument, emit, signal) => {
          calls.push(argument);
          let count = 0;
          const clock = setInterval(() => emit({ count: ++count }), 20);
          signal.addEventListener("abort", () => {
            clearInterval(clock);
            calls.push("ended");
          });
        },
        flood: (_argument, emit, signal) => {
          const clock = setInterval(() => emit("x".repeat(1024 * 1024)), 1);
          signal.addEventListener("abort", () => {
            clearInterval(clock);
            calls.push("ended");
          });
        },
        refuse: () => {
          throw new MotekitError({
            code: "MK1404",
            message: "Nothing to follow.",
            remedy: "Reload the page.",
          });
        },
      },
    },
  });
  return { hub, token: tokenOf(hub), calls };
}

function tokenOf(hub: TestHub): string {
  return new URL(hub.pageLink).hash.replace("#token=", "");
}

/** Sends a request by Node's own client, which sends any header. */
function ask(hub: TestHub, asked: Asked): Promise<Answered> {
  const { path = "/control/note", method = "POST", token, headers = {}, body = "" } = asked;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port: hub.wsPort,
        path,
        method,
        headers: { ...(token !== undefined && { Authorization: `Bearer ${token}` }), ...headers },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
        response.on("end", () => resolve({ status: response.statusCode, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

test("the link of each hub carries its own token, in a part that browsers do not send to the server", async () => {
  const one = await openWithControl();
  const other = await openWithControl();
  expect(one.token).toMatch(/^[\w-]{32}$/);
  expect(one.token).not.toBe(other.token);
  expect(one.hub.pageUrl).not.toContain(one.token);
});

test("a request with the token runs an action with its argument, and the answer is JSON", async () => {
  const { hub, token, calls } = await openWithControl();
  expect(await ask(hub, { token, body: '{"a":1}' })).toEqual({ status: 200, text: '{"seen":1}' });
  expect(calls).toEqual([{ a: 1 }]);
});

test.each<[string, (token: string, hub: TestHub) => Asked, number]>([
  ["no token", () => ({}), 401],
  ["another token", (token) => ({ token: token.split("").reverse().join("") }), 401],
  ["a token that is cut off", (token) => ({ token: token.slice(0, -1) }), 401],
  ["the token in the address", (token) => ({ path: `/control/note?token=${token}` }), 401],
  ["another website", (token) => ({ token, headers: { Origin: "https://evil.example" } }), 403],
  ["a page of a sandbox", (token) => ({ token, headers: { Origin: "null" } }), 403],
  ["another port of this machine", (token) => ({ token, headers: { Origin: "http://127.0.0.1:1" } }), 403],
  [
    "a name that somebody points at this machine",
    (token, hub) => ({
      token,
      headers: { Host: `evil.example:${hub.wsPort}`, Origin: `http://evil.example:${hub.wsPort}` },
    }),
    403,
  ],
  ["an action that there is not", (token) => ({ token, path: "/control/none" }), 404],
  ["an action by a name of every object", (token) => ({ token, path: "/control/constructor" }), 404],
  ["a GET, which a link or an image would send", (token) => ({ token, method: "GET" }), 405],
  ["no JSON", (token) => ({ token, body: "{" }), 400],
  ["more than an argument may have", (token) => ({ token, body: JSON.stringify("a".repeat(70_000)) }), 413],
  ["an action that says what is wrong", (token) => ({ token, path: "/control/fail" }), 422],
  ["a feed without the token", () => ({ path: "/control/count" }), 401],
  [
    "a feed to another website",
    (token) => ({ token, path: "/control/count", headers: { Origin: "https://evil.example" } }),
    403,
  ],
  ["a feed by a GET", (token) => ({ token, path: "/control/count", method: "GET" }), 405],
  ["a feed that says what is wrong", (token) => ({ token, path: "/control/refuse" }), 422],
  ["an error of the program", (token) => ({ token, path: "/control/break" }), 500],
])("%s is refused, and nothing is done", async (_title, asked, status) => {
  const { hub, token, calls } = await openWithControl();
  const answer = await ask(hub, asked(token, hub));
  expect(answer.status).toBe(status);
  expect(calls).toEqual([]);
  expect(answer.text).not.toContain(token);
  if (![403, 500].includes(status)) {
    const [problem] = (JSON.parse(answer.text) as { problems: { code: string; remedy: string }[] }).problems;
    expect(problem).toMatchObject({ code: expect.stringMatching(/^MK\d{4}$/), remedy: expect.any(String) });
  }
});

/** A feed as it comes: `read` is called with each piece of text. */
function follow(hub: TestHub, path: string, argument: unknown, read: (text: string) => void): ClientRequest {
  const sent = request(
    {
      host: "127.0.0.1",
      port: hub.wsPort,
      path,
      method: "POST",
      headers: { Authorization: `Bearer ${tokenOf(hub)}` },
    },
    (response) => response.setEncoding("utf8").on("data", read),
  );
  sent.on("error", () => undefined);
  sent.end(JSON.stringify(argument));
  return sent;
}

test("a feed sends each event as a line of JSON, until its client hangs up", async () => {
  const { hub, calls } = await openWithControl();
  let text = "";
  const sent = follow(hub, "/control/count", { of: "sheep" }, (piece) => (text += piece));
  await expect.poll(() => text).toMatch(/^\{"count":1\}\n\{"count":2\}\n/);
  expect(calls).toEqual([{ of: "sheep" }]);
  sent.destroy();
  await expect.poll(() => calls).toEqual([{ of: "sheep" }, "ended"]);
});

test("a client that does not read its feed is disconnected", async () => {
  const { hub, calls } = await openWithControl();
  const sent = follow(hub, "/control/flood", undefined, () => undefined);
  sent.once("response", (response) => response.pause());
  await expect.poll(() => calls).toEqual(["ended"]);
});

test("a hub that is closed ends its feeds", async () => {
  const { hub, calls } = await openWithControl();
  let text = "";
  follow(hub, "/control/count", undefined, (piece) => (text += piece));
  await expect.poll(() => text).toContain("count");
  await hub.close();
  await expect.poll(() => calls).toContain("ended");
});

test("the control channel takes the machine's own name like its address", async () => {
  const { hub, token } = await openWithControl();
  const host = `${hostname()}:${hub.wsPort}`;
  const answer = await ask(hub, { token, headers: { Host: host, Origin: `http://${host}` } });
  expect(answer.status).toBe(200);
});

test("a hub without actions has no channel, and its link no token", async () => {
  const hub = await openHub();
  expect(hub.pageLink).toBe(hub.pageUrl);
  expect((await ask(hub, { token: "" })).status).toBe(405);
});
