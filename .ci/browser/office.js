// What the suites of the staff's pages share: signing in, and the desk's own
// ways of looking.
import assert from "node:assert/strict";
import { open, press, site, sound } from "./browser.js";

// MAGPIE_LOGINS is what "magpie demo" printed: a line for each log-in.
export function passwordOf(username) {
  const line = (process.env.MAGPIE_LOGINS ?? "").split("\n").map((l) => l.trim().split(/\s+/)).find((l) => l[0] === username);
  assert.ok(line, "MAGPIE_LOGINS has no log-in of " + username);
  return line[1];
}

export const desk = { width: 1366, height: 768 };

// signIn opens the staff's pages as somebody.
export async function signIn(username, { to = "/staff", ...options } = {}) {
  const page = await open({ viewport: desk, ...options });
  await page.goto(site + to);
  await page.fill("#username", username);
  await page.fill("#password", passwordOf(username));
  await press(page, "main button.main");
  assert.doesNotMatch(page.url(), /login/, username + " is not let in");
  return page;
}

// fit is sound for a page of the staff's, whose address and title may name what
// it is about, and whose targets are for a mouse on a desk.
export async function fit(page, name, options = {}) {
  await sound(page, "staff-" + name, { secret: false, widths: [390, 768, 1366], least: { 390: 48, 768: 32, 1366: 32 }, ...options });
}
