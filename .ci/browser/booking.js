// The way of a booking, one tap after the other, as somebody goes it.
import assert from "node:assert/strict";
import { code, press, site, somebody, sound, texts } from "./browser.js";

// book goes the whole way and answers what was booked; at is called on each page
// with its name. It counts the taps beside typing.
export async function book(page, { service = "family", number = somebody(), who = "alone", reach = "text", first = false, at = async () => {}, word = "" } = {}) {
  let taps = 0;
  const tap = async (selector) => { taps += 1; await press(page, selector); };
  await page.goto(site + "/");
  await at("office");
  await tap(`button[name=service][value=${service}]`);
  await at("day");
  if (first || !(await page.locator("button[name=day]").count())) {
    await tap("button[name=start]");
  } else {
    await tap("button[name=day] >> nth=-1");
    await at("time");
    await tap("button[name=start]");
  }
  await at("who");
  if (who) {
    taps += 1;
    await page.check(`input[name=who][value=${who}]`);
  }
  await page.fill("#name", "陈");
  taps += 1;
  await page.check("input[name=title][value=ms]");
  if (who === "family") {
    await page.fill("#visitor", "李");
    await page.selectOption("#relation", { index: 1 });
  }
  await tap("form.who button.main");
  await at("safe");
  await tap(`button[name=reach][value=${reach}]`);
  await at("number");
  const seen = (await texts(number)).length;
  await page.fill("#phone", number);
  if (word) await page.fill("#code_word", word);
  await tap("button.main");
  await at("code");
  await page.fill("#code", await code(number, seen));
  await tap("button.main");
  await at("check");
  await tap("button.main");
  await at("done");
  const reference = (await page.locator(".number").textContent()).replace(/\D/g, "");
  return { number, reference, taps };
}

// checked is a book's "at" that holds every page against what must hold.
export function checked(page, label, options) {
  return (name) => sound(page, label + "-" + name, { secret: name !== "office", ...options });
}

// The demonstration begins on this day, and offers thirty.
const begin = "2026-03-02";
const end = "2026-04-02";

// booked books over the API, for tests of what comes after.
export async function booked(service) {
  const number = somebody();
  const ask = async (method, path, body, headers = {}) => {
    const answer = await fetch(site + "/api/v1" + path, { method, headers: { "Content-Type": "application/json", ...headers }, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, path + " answered " + answer.status);
    return answer.json();
  };
  const { id } = await ask("POST", "/verifications", { phone: number });
  const { token } = await ask("POST", `/verifications/${id}/confirm`, { code: await code(number) });
  const days = await ask("GET", `/offices/anhua/availability?service=${service}&from=${begin}&to=${end}`);
  const { start } = days.days.filter((d) => d.slots.length > 0).at(-1).slots[0];
  const { reference } = await ask("POST", "/offices/anhua/appointments", { service, start, parties: [{ name: "陈" }], title: "ms" },
    { Authorization: "Bearer " + token, "Idempotency-Key": number });
  return { number, reference };
}
