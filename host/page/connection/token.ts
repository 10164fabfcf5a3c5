/** The token of the control channel, which is part of the page's link. */

const TOKEN_KEY = "motekit-token";

/** Moves the token from the address, where others could see or copy it, to the tab's session storage. */
export function takeToken(): string | undefined {
  const found = new URLSearchParams(location.hash.slice(1));
  const token = found.get("token");
  if (token !== null) {
    sessionStorage.setItem(TOKEN_KEY, token);
    found.delete("token");
    history.replaceState(null, "", found.size > 0 ? `#${found}` : location.pathname);
  }
  return sessionStorage.getItem(TOKEN_KEY) ?? undefined;
}
