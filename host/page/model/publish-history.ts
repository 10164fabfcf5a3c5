/** The messages that were published from this browser, which the user can publish again. */
import type { Qos } from "../../mqtt/packet-types.ts";
import { PAYLOAD_FORMS, type PayloadForm } from "./text/payload-draft.ts";

export interface Draft {
  readonly topic: string;
  readonly text: string;
  readonly form: PayloadForm;
  readonly qos: Qos;
  readonly retain: boolean;
}

export const EMPTY_DRAFT: Draft = { topic: "", text: "", form: "text", qos: 0, retain: false };

const KEY = "motekit-published";
const ENTRIES_MAX = 30;
/** Longer payloads are not stored, because browsers limit a page's storage to about 5 MB. */
const TEXT_CHARACTERS_MAX = 20_000;

/** The history, newest first. */
export function readHistory(storage: Storage): Draft[] {
  try {
    const entries: unknown = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(entries) ? entries.filter(isDraft).slice(0, ENTRIES_MAX) : [];
  } catch {
    // Another page of this origin wrote something else, or the browser gives no storage.
    return [];
  }
}

/** Adds a message to the front of the history, and removes an earlier equal one. */
export function remember(storage: Storage, draft: Draft): void {
  if (draft.text.length > TEXT_CHARACTERS_MAX) return;
  const others = readHistory(storage).filter((each) => !isSame(each, draft));
  try {
    storage.setItem(KEY, JSON.stringify([draft, ...others].slice(0, ENTRIES_MAX)));
  } catch {
    // The storage is full or forbidden. The message itself was published.
  }
}

export function forget(storage: Storage): void {
  storage.removeItem(KEY);
}

function isSame(one: Draft, other: Draft): boolean {
  return (Object.keys(EMPTY_DRAFT) as (keyof Draft)[]).every((key) => one[key] === other[key]);
}

function isDraft(entry: unknown): entry is Draft {
  if (typeof entry !== "object" || entry === null) return false;
  const { topic, text, form, qos, retain } = entry as Partial<Record<keyof Draft, unknown>>;
  return (
    typeof topic === "string" &&
    typeof text === "string" &&
    PAYLOAD_FORMS.some((known) => known === form) &&
    (qos === 0 || qos === 1 || qos === 2) &&
    typeof retain === "boolean"
  );
}
