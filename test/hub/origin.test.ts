/** Which pages of a browser may speak to the hub, by the headers of their requests. */
import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { refusalOf } from "../../host/hub/http/origin.ts";

function refusal(host: string, origin: string | undefined, socket = new Socket()): string | undefined {
  const headers = { host, ...(origin !== undefined && { origin }) };
  return refusalOf({ headers, socket } as unknown as IncomingMessage);
}

test.each([
  ["a program without Origin", "127.0.0.1:8083", undefined],
  ["the hub's own page", "127.0.0.1:8083", "http://127.0.0.1:8083"],
  ["Paho for Python, which writes https", "127.0.0.1:8083", "https://127.0.0.1:8083"],
  ["the default port", "localhost", "http://localhost"],
  ["the default port, written out", "localhost:80", "http://localhost"],
  ["IPv6", "[::1]:8083", "http://[::1]:8083"],
])("a hub without TLS takes %s", (_who, host, origin) => {
  expect(refusal(host, origin)).toBeUndefined();
});

test.each([
  ["of another host", "127.0.0.1:8083", "http://example.com:8083"],
  ["of another port", "127.0.0.1:8083", "http://127.0.0.1:8084"],
  ["of the default port of another scheme", "127.0.0.1:80", "https://127.0.0.1"],
  ["in a sandbox", "127.0.0.1:8083", "null"],
  ["of another scheme", "127.0.0.1:8083", "ftp://127.0.0.1:8083"],
  ["that calls the hub by a foreign name", "evil.example:8083", "http://evil.example:8083"],
])("a hub without TLS refuses a page %s", (_what, host, origin) => {
  expect(refusal(host, origin)).toEqual(expect.any(String));
});

test("a hub with TLS accepts its own page, and refuses a page that came without TLS from the same host and port", () => {
  const socket = new TLSSocket(new Socket());
  expect(refusal("127.0.0.1:8443", "https://127.0.0.1:8443", socket)).toBeUndefined();
  expect(refusal("127.0.0.1:8443", "http://127.0.0.1:8443", socket)).toEqual(expect.any(String));
});
