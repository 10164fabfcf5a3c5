import { addressOf, VIEWS, type View } from "./address.ts";
import type { Link } from "./model/hub-model.ts";

const LINK_WORDS: Record<Link, string> = {
  connected: "Connected",
  connecting: "Connecting…",
  refused: "Subscription refused",
};

const VIEW_WORDS: Record<View, string> = {
  messages: "Messages",
  devices: "Devices",
  simulated: "Simulated boards",
  board: "Board by USB",
};

export function HeaderBar(props: { view: View; link: Link; url: string; messages: number }) {
  return (
    <header class="bar">
      <img class="bar-icon" src="/icon.svg" alt="" width="28" height="28" />
      <h1 class="bar-title">
        motekit <span class="bar-what">hub</span>
      </h1>
      <nav class="views" aria-label="Views">
        {VIEWS.map((view) => (
          <a
            key={view}
            class="view-link"
            href={addressOf(view)}
            {...(props.view === view && { "aria-current": "page" as const })}
          >
            {VIEW_WORDS[view]}
          </a>
        ))}
      </nav>
      <p class="bar-count">
        <span class="number">{props.messages}</span> {props.messages === 1 ? "message" : "messages"}
      </p>
      <p class={`link link-${props.link}`} role="status">
        <span class="dot" aria-hidden="true" />
        <span>{LINK_WORDS[props.link]}</span>
        <code class="link-url">{props.url}</code>
      </p>
    </header>
  );
}
