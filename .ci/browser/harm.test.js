// What happens in use: two want the last time, a time is lost, somebody goes
// back, reloads, presses twice, opens two tabs, or has to leave quickly.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { book } from "./booking.js";
import { close, code, open, press, site, somebody, sound, texts, travel } from "./browser.js";

after(close);

// upTo goes the way up to a page.
async function upTo(page, last, options = {}) {
  const stop = new Error("far enough");
  try {
    await book(page, { ...options, at: async (name) => { if (name === last) throw stop; } });
  } catch (e) {
    if (e !== stop) throw e;
  }
}

// onlyTime is the value of a start's button on the page.
const value = (page) => page.locator("button[name=start]").first().getAttribute("value");

test("two browsers want the last time: one gets it, the other is offered the nearest and keeps what was typed", async () => {
  const pages = await Promise.all([open(), open()]);
  // Legal advice is given by one lawyer at a time: one place a start.
  for (const page of pages) await upTo(page, "day", { service: "legal" });
  assert.equal(await value(pages[0]), await value(pages[1]));
  await Promise.all(pages.map((page) => press(page, "button[name=start]")));
  const lost = [];
  for (const page of pages) lost.push((await page.locator("button[name=start]").count()) > 0 && !(await page.locator("#who").count()));
  assert.deepEqual([...lost].sort(), [false, true], "exactly one has lost it");
  const loser = pages[lost.indexOf(true)];
  await sound(loser, "lost");
  assert.equal(await loser.locator("button[name=start]").count(), 3);
  await press(loser, "button[name=start]");
  assert.equal(await loser.locator("#who").count(), 1);
  for (const page of pages) await page.context().close();
});

test("a time that was kept and ran out, and went to somebody else: the nearest are offered, and nothing typed is lost", async () => {
  const slow = await open();
  const quick = await open();
  // On the last day, which is far enough ahead for whatever the clock does.
  const seen = [];
  const note = (page) => async (name) => { if (name === "time") seen.push(await value(page)); if (name === "check" || page === quick && name === "who") throw enough; };
  const enough = new Error("far enough");
  const go = (page) => book(page, { service: "legal", at: note(page) }).catch((e) => { if (e !== enough) throw e; });
  await go(slow);
  travel(16 * 60); // longer than a hold, shorter than a visit
  await go(quick);
  assert.equal(seen[1], seen[0], "what ran out is free again");
  await press(slow, "main button.main");
  await sound(slow, "lost-at-the-end");
  assert.equal(await slow.locator("button[name=start]").count(), 3);
  await press(slow, "button[name=start]");
  assert.match(await slow.locator("#answers").textContent(), /陈女士/, "straight back to the check, with what was typed");
  await press(slow, "main button.main");
  assert.match(await slow.locator(".number").textContent(), /\d{4} \d{4}/);
  for (const page of [slow, quick]) await page.context().close();
});

test("back, reload and a second press at every step do no harm", async () => {
  const page = await open();
  const number = somebody();
  const { reference } = await book(page, {
    number, first: true,
    at: async (name) => {
      if (name === "office") return;
      await page.reload();
      await page.goBack();
      await page.goForward();
    },
  });
  await page.goBack();
  assert.match(await page.locator(".number").textContent(), /\d{4} \d{4}/, "back from the end is the end");
  await page.reload();
  const about = (await texts(number)).filter((t) => t.includes(reference));
  assert.equal(about.length, 1, "one booking, one text");
  await page.context().close();
});

test("a button pressed twice books once", async () => {
  const page = await open({ javaScriptEnabled: false });
  const number = somebody();
  await upTo(page, "check", { number, first: true });
  await page.locator("button.main").dblclick({ noWaitAfter: true });
  await page.waitForSelector(".number");
  const about = (await texts(number)).filter((t) => /已为您约好/.test(t));
  assert.equal(about.length, 1);
  await page.context().close();
});

test("two tabs fill in two bookings and do not mix", async () => {
  const one = await open();
  await upTo(one, "who", { service: "family", first: true });
  const two = await one.context().newPage();
  two.outside = []; two.trouble = [];
  await upTo(two, "who", { service: "premarital", first: true });
  assert.notEqual(one.url(), two.url());
  await one.check("#who");
  await one.fill("#name", "甲");
  await press(one, "form.who button.main");
  await two.check("#who");
  await two.fill("#name", "乙");
  await press(two, "form.who button.main");
  await one.goBack();
  assert.equal(await one.locator("#name").inputValue(), "甲");
  await one.context().close();
});

test("changing language and size in the middle keeps what was chosen", async () => {
  const page = await open();
  await upTo(page, "safe", { first: true });
  const here = page.url();
  await press(page, "button[name=locale]");
  assert.equal(page.url(), here);
  assert.match(await page.locator("h1").textContent(), /phone/);
  await press(page, "button[name=version]");
  assert.equal(page.url(), here);
  await page.goBack();
  await page.context().close();
});

for (const how of ["button", "escape", "nojs"]) {
  test("leaving quickly by " + how + " ends everything", async () => {
    const page = await open({ javaScriptEnabled: how !== "nojs" });
    await page.route("https://www.weather.com.cn/**", (route) => route.fulfill({ contentType: "text/html", body: "<title>天气</title>" }));
    await upTo(page, "check", { first: true });
    const left = page.url();
    const visible = await page.locator("button.exit").isVisible();
    assert.ok(visible);
    await page.evaluate?.(() => scrollTo(0, 100000)).catch(() => {});
    assert.ok(await page.locator("button.exit").isVisible(), "it stays in sight");
    if (how === "escape") {
      for (let i = 0; i < 3; i += 1) await page.keyboard.press("Escape");
    } else {
      await page.click("button.exit", { noWaitAfter: true });
    }
    await page.waitForURL("https://www.weather.com.cn/**");
    const cookies = await page.context().cookies(site);
    assert.deepEqual(cookies.filter((c) => /visit/.test(c.name)), [], "the visit's cookie is gone");
    page.outside = [];
    await page.goto(left);
    assert.match(page.url(), /\/over$/, "its address means nothing any more");
    await sound(page, "over-" + how, { scripts: how !== "nojs" });
    await page.context().close();
  });
}

test("inside WeChat leaving closes the window", async () => {
  const page = await open();
  await page.route("https://www.weather.com.cn/**", (route) => route.fulfill({ contentType: "text/html", body: "<title>天气</title>" }));
  const asked = [];
  await page.exposeFunction("wechatWasAsked", (what) => asked.push(what));
  await page.addInitScript(() => { window.WeixinJSBridge = { invoke: (what) => window.wechatWasAsked(what) }; });
  await upTo(page, "who", { first: true });
  await page.click("button.exit", { noWaitAfter: true });
  await page.waitForURL("https://www.weather.com.cn/**");
  assert.deepEqual(asked, ["closeWindow"]);
  await page.context().close();
});

test("without a network the page says so, and nothing is lost", async () => {
  const page = await open();
  await upTo(page, "who", { first: true });
  await page.check("#who");
  await page.fill("#name", "陈");
  await page.context().setOffline(true);
  await page.locator("form.who button.main").click();
  await page.waitForFunction(() => document.getElementById("live").textContent !== "");
  assert.equal(await page.locator("#name").inputValue(), "陈");
  await page.context().setOffline(false);
  await press(page, "form.who button.main");
  assert.equal(await page.locator("button[name=reach]").count(), 4);
  await page.context().close();
});
