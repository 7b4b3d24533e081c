// Talks to the API with the key that this tab was given, if any.
const KEY = "fleetmonitor-key";

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `HTTP ${status}`);
    this.status = status;
  }
}

export const setKey = (key) => sessionStorage.setItem(KEY, key);

export const hasKey = () => sessionStorage.getItem(KEY) !== null;

const headers = (accept) => {
  const key = sessionStorage.getItem(KEY);
  return { Accept: accept, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
};

async function request(path, accept, init = {}) {
  const response = await fetch(`/api/v1/${path}`, { ...init, headers: { ...headers(accept), ...init.headers }, cache: "no-store" });
  if (!response.ok) {
    throw new ApiError(response.status, await response.json().catch(() => null));
  }
  return response;
}

export const get = async (path) => (await request(path, "application/json")).json();

export const post = async (path, body) =>
  (await request(path, "application/json", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  })).json();

export async function download(path, accept, name) {
  const url = URL.createObjectURL(await (await request(path, accept)).blob());
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

// A path with its query; what is empty is left out.
export function path(base, query) {
  const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== ""));
  return text.size ? `${base}?${text}` : base;
}

export const segment = encodeURIComponent;
