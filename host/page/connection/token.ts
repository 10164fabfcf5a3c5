/** The token of the control channel, which stands in the page's link once. */

const TOKEN_KEY = "motekit-token";

/** Takes the token out of the address, where it would be copied or seen, and keeps it for as long as the tab lives. */
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
