/** What stands behind the # of the page's address: which view is shown, and once the token of the control channel. */

/** In the order in which they are offered. */
export const VIEWS = ["messages", "devices", "simulated", "board"] as const;
export type View = (typeof VIEWS)[number];

const TOKEN_KEY = "motekit-token";

function parameters(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}

/** Takes the token out of the address, where it would be copied or seen, and keeps it for as long as the tab lives. */
export function takeToken(): string | undefined {
  const found = parameters();
  const token = found.get("token");
  if (token !== null) {
    sessionStorage.setItem(TOKEN_KEY, token);
    found.delete("token");
    history.replaceState(null, "", found.size > 0 ? `#${found}` : location.pathname);
  }
  return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
}

export function shownView(): View {
  const named = parameters().get("view");
  return VIEWS.find((view) => view === named) ?? "messages";
}

export function addressOf(view: View): string {
  return view === "messages" ? "#" : `#view=${view}`;
}
