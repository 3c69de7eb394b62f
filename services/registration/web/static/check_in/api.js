// The scanner's side of the JSON API: one scan, one undo, the counts. Renews a sign-in that ran out meanwhile.

const PATIENCE = 8000; // ms until a scan counts as unanswered
const PREFIX = "urn:werktor:problem:";

export function newApi({ door, checkIns, summary }) {
  let token = door.dataset.csrf;
  let offset = 0; // ms that this phone's clock is behind the server's

  const now = () => new Date(Date.now() + offset).toISOString();

  async function ask(method, url, body) {
    const answer = await fetch(url, {
      method,
      headers: { Accept: "application/json", "X-CSRF-Token": token, ...(body ? { "Content-Type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const date = Date.parse(answer.headers.get("Date") ?? "");
    if (date) offset = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
    const text = await answer.text();
    return { status: answer.status, facts: text ? JSON.parse(text) : {} };
  }

  // The page itself comes back with a fresh token; a sign-in page means that there is nothing to renew.
  async function renew() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-door]")?.dataset.csrf;
    if (fresh) token = fresh;
    return Boolean(fresh);
  }

  async function askWithRenewal(method, url, body) {
    let answer = await ask(method, url, body);
    if ([400, 401, 403].includes(answer.status) && (await renew())) answer = await ask(method, url, body);
    return answer;
  }

  async function scan(wanted) {
    const { status, facts } = await askWithRenewal("POST", checkIns, wanted);
    if (status === 201) return { verdict: "admitted", facts };
    if (status >= 500 || status === 429 || status === 408) return { keep: true, verdict: "no-connection" };
    const name = String(facts.type ?? "").replace(PREFIX, "");
    if ([400, 401, 403].includes(status) || name === "not-found") return { keep: true, verdict: "not-allowed" };
    return { verdict: facts.state ? `${name}-${facts.state}` : name, facts };
  }

  const undo = (id) => askWithRenewal("DELETE", `${checkIns}/${id}`);
  const counts = () => ask("GET", summary);
  return { scan, undo, counts, now };
}
