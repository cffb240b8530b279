// The calendar: seen by day, week and month, by person and by room; moved by mouse
// and by keyboard, and taken back; two desks that drag into one slot.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, eventually, press, site } from "./browser.js";
import { fit, signIn } from "./office.js";

after(close);

// booked books for somebody with a counsellor and answers the reference.
async function booked(page, { service = "family", counsellor = "fudao-a", day, nth = 0 } = {}) {
  await page.goto(site + "/staff/book?service=" + service + "&counsellor=" + counsellor + (day ? "&day=" + day : ""));
  await press(page, "ul.times a >> nth=" + nth);
  await page.fill("#name", "吴");
  await press(page, "form.wide button.main");
  return /appointments\/(\d{8,10})/.exec(page.url())[1];
}

// Working days of the demonstration, one for each test that moves something.
const [tuesday, wednesday, thursday, friday] = ["2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13"];

async function calendar(page, day = tuesday) {
  await page.goto(site + "/staff/calendar?day=" + day);
  await page.locator("#calendar .ec-header .ec-resource, #calendar .ec-day-grid, #calendar.month .ec-day").first().waitFor();
  await page.waitForTimeout(300);
}

const event = (page, reference) => page.locator("#calendar [data-reference='" + reference + "']");

// drag takes an event to a column, and down by minutes.
async function drag(page, reference, { column = null, minutes = 0 }) {
  await event(page, reference).scrollIntoViewIfNeeded();
  const from = await event(page, reference).boundingBox();
  const slot = 14 / 15; // px a minute
  let x = from.x + from.width / 2;
  if (column !== null) {
    const to = await page.locator("#calendar .ec-header .ec-resource").nth(column).boundingBox();
    x = to.x + to.width / 2;
  }
  await page.mouse.move(from.x + from.width / 2, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + 6, from.y + 12, { steps: 4 });
  await page.waitForTimeout(400); // where it may lie is being asked
  await page.mouse.move(x, from.y + 8 + minutes * slot, { steps: 12 });
  await page.waitForTimeout(400);
}

test("the calendar is sound in every view, in both languages", async () => {
  for (const english of [false, true]) {
    const page = await signIn("qiantai", { english });
    const label = english ? "en" : "zh";
    for (const [view, by] of [["day", "people"], ["day", "rooms"], ["week", "people"], ["month", "people"]]) {
      await page.goto(site + "/staff/calendar?view=" + view + "&by=" + by);
      await page.locator("#calendar .ec-event:visible").first().waitFor().catch((e) => { throw new Error(label + " " + view + " " + by + ": " + e.message); });
      await fit(page, "calendar-" + label + "-" + view + "-" + by);
    }
    await page.context().close();
  }
  const plain = await signIn("qiantai", { javaScriptEnabled: false });
  await plain.goto(site + "/staff/calendar");
  assert.ok(await plain.locator("#lists ul.rows a.ref").count() > 0, "without JavaScript it is a list");
  await fit(plain, "calendar-nojs", { scripts: false });
  await plain.context().close();
});

test("a session is dragged to another time and another person, and taken back", async () => {
  const page = await signIn("qiantai");
  const reference = await booked(page, { day: tuesday });
  await calendar(page);
  const was = await event(page, reference).textContent();
  await drag(page, reference, { column: 1 });
  await page.mouse.up();
  await page.locator(".said-once").waitFor();
  assert.match(await page.locator(".said-once").textContent(), /辅导师乙/);
  await fit(page, "calendar-moved");
  await page.keyboard.press("Control+z");
  await page.locator(".said-once", { hasText: "撤销了" }).waitFor();
  await eventually("it is back", async () => await event(page, reference).textContent() === was);
  await page.goto(site + "/staff/appointments/" + reference);
  assert.match(await page.locator("dl.facts").textContent(), /辅导师甲/);
  await page.context().close();
});

test("what cannot be is refused where the pointer is, and goes back", async () => {
  const page = await signIn("qiantai");
  const reference = await booked(page, { day: friday, nth: -1 });
  await calendar(page, friday);
  const was = await event(page, reference).textContent();
  await drag(page, reference, { column: 4 }); // a lawyer gives no family counselling
  assert.match(await page.locator(".reason.wrong").textContent(), /不做这项服务|不行/);
  await page.mouse.up();
  await eventually("it is back", async () => await event(page, reference).textContent() === was);
  await page.context().close();
});

test("by keyboard alone: taken in hand, moved, confirmed, taken back; and given up", async () => {
  const page = await signIn("qiantai");
  const reference = await booked(page, { day: wednesday });
  await calendar(page, wednesday);
  const label = async () => (await event(page, reference).textContent()).slice(0, 5);
  const was = await label();
  await event(page, reference).focus();
  await page.keyboard.press("Space");
  const said = (text) => eventually("it is said: " + text, async () => (await page.locator("#live").textContent()).includes(text));
  for (let i = 0; i < 2; i += 1) await page.keyboard.press("ArrowRight");
  await said("调解员甲");
  await page.keyboard.press("ArrowLeft");
  await said("辅导师乙");
  await page.keyboard.press("Enter");
  await page.locator(".said-once").waitFor();
  assert.match(await page.locator(".said-once").textContent(), /辅导师乙/);
  await page.keyboard.press("Control+z");
  await page.locator(".said-once", { hasText: "撤销了" }).waitFor();
  await eventually("it is back", async () => await label() === was);
  await event(page, reference).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  await said("放回原处了");
  await eventually("it is given up", async () => await label() === was);
  assert.equal(await page.locator(":focus").getAttribute("data-reference"), reference, "it keeps the focus");
  await page.context().close();
});

test("two desks drag into one slot: one has it, the other is told", async () => {
  const [one, other] = [await signIn("qiantai"), await signIn("qiantai")];
  const first = await booked(one, { day: thursday });
  const second = await booked(other, { day: thursday, nth: -1 });
  assert.notEqual(first, second);
  await Promise.all([calendar(one, thursday), calendar(other, thursday)]);
  const send = (page, reference) => page.evaluate(async (reference) => {
    const answer = await fetch("/staff/calendar/move", {
      method: "POST", headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ reference, start: "2026-03-12T16:00:00", counsellor: "fudao-b", key: Math.random().toString(36) }).toString(),
    });
    return answer.json();
  }, reference);
  const outcomes = await Promise.all([send(one, first), send(other, second)]);
  assert.equal(outcomes.filter((o) => o.ok).length, 1, JSON.stringify(outcomes));
  assert.ok(outcomes.find((o) => !o.ok).said.length > 4);
  await one.context().close();
  await other.context().close();
});

test("what another desk does appears in the calendar without reloading", async () => {
  const [one, other] = [await signIn("qiantai"), await signIn("zhuren")];
  await calendar(other);
  const reference = await booked(one, { day: tuesday, service: "legal", counsellor: "lushi-a" });
  await event(other, reference).waitFor();
  await one.context().close();
  await other.context().close();
});

test("a counsellor sees their own columns alone", async () => {
  const page = await signIn("fudao-a");
  await calendar(page);
  assert.equal(await page.locator("#calendar .ec-header .ec-resource").count(), 1);
  await fit(page, "calendar-own");
  await page.context().close();
});
