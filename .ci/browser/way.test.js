// The whole way of a booking: with and without JavaScript, in both languages and
// in the elder version, by keyboard alone; each page at every width, light and dark.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { book, checked } from "./booking.js";
import { close, code, open, press, site, somebody, sound, texts } from "./browser.js";

after(close);

for (const javaScript of [true, false]) {
  for (const english of [false, true]) {
    for (const elder of [false, true]) {
      const label = [javaScript ? "js" : "nojs", english ? "en" : "zh", elder ? "elder" : "plain"].join("-");
      test("a booking goes through: " + label, async () => {
        const page = await open({ javaScriptEnabled: javaScript, english, elder });
        const { number, reference, taps } = await book(page, { first: elder, service: elder ? "premarital" : "family", at: checked(page, label, { scripts: javaScript }) });
        assert.match(reference, /^\d{8}$/);
        assert.ok(taps <= 10, "it took " + taps + " taps");
        const got = await texts(number);
        assert.ok(got.some((t) => t.includes(reference)), "no text about the booking: " + got.join(" | "));
        await page.context().close();
      });
    }
  }
}

test("the text that is shown before is the one that comes", async () => {
  const page = await open();
  let shown;
  const { number, reference } = await book(page, {
    service: "legal", first: true,
    at: async (name) => { if (name === "check") shown = await page.locator(".said p").nth(1).textContent(); },
  });
  const got = await texts(number);
  assert.ok(got.includes(shown.replace("XXXXXXXX", reference)), shown + " is none of " + got.join(" | "));
  await page.context().close();
});

test("by keyboard alone", async () => {
  const page = await open({ viewport: { width: 1280, height: 800 } });
  const number = somebody();
  const to = async (selector) => {
    for (let i = 0; i < 120; i += 1) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) {
        const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow);
        assert.match(ring, /solid|rgb/, "the focus on " + selector + " cannot be seen");
        return;
      }
    }
    throw new Error("Tab does not reach " + selector + " on " + page.url());
  };
  const enter = async () => { await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]); };
  await page.goto(site + "/");
  await to("button[name=service][value=family]");
  await enter();
  await to("button[name=start]");
  await enter();
  await to("#who");
  await page.keyboard.press("Space");
  await to("#name");
  await page.keyboard.type("陈");
  await to("#title");
  await page.keyboard.press("Space");
  await to("form.who button.main");
  await enter();
  await to("button[name=reach][value=text]");
  await enter();
  await to("#phone");
  await page.keyboard.type(number);
  await enter();
  await to("#code");
  await page.keyboard.type(await code(number));
  await enter();
  await to("button.main");
  await enter();
  assert.match(await page.locator(".number").textContent(), /\d{4} \d{4}/);
  await page.context().close();
});

test("for somebody of the family, with needs, and without messages", async () => {
  const page = await open();
  const { number, reference } = await book(page, {
    who: "family", service: "family", reach: "silent", word: "桥头老柳树", at: checked(page, "family"),
  });
  assert.equal((await texts(number)).filter((t) => t.includes(reference)).length, 0);
  await page.context().close();
});

test("what is wrong is said in a summary that leads to the field, and what was typed stays", async () => {
  const page = await open();
  await page.goto(site + "/");
  await press(page, "button[name=service][value=family]");
  await press(page, "button[name=start]");
  await page.fill("#name", "陈");
  await press(page, "form.who button.main");
  assert.equal(await page.locator("#name").inputValue(), "陈");
  assert.ok(await page.evaluate(() => document.activeElement.id === "summary"), "the summary has the focus");
  await sound(page, "wrong-who");
  await page.click(".summary a");
  assert.ok(await page.evaluate(() => document.activeElement.id === "who"), "the link leads to the field");
  await page.check("#who");
  await press(page, "form.who button.main");
  await press(page, "button[name=reach][value=text]");
  await page.fill("#phone", "12345");
  await press(page, "button.main");
  assert.equal(await page.locator("#phone").inputValue(), "12345");
  await sound(page, "wrong-number");
  const number = somebody();
  await page.fill("#phone", number);
  await press(page, "button.main");
  const right = await code(number);
  await page.fill("#code", right === "000000" ? "111111" : "000000");
  await press(page, "button.main");
  await sound(page, "wrong-code");
  await page.fill("#code", right);
  await press(page, "button.main");
  await press(page, "button.main");
  assert.match(await page.locator(".number").textContent(), /\d{4} \d{4}/);
  await page.context().close();
});
