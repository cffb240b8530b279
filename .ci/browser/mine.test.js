// Managing what is booked: signing in with a code or a code word, moving,
// cancelling, how to be reached, one's own data.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { book, booked } from "./booking.js";
import { close, code, open, press, site, somebody, sound, texts, travel } from "./browser.js";

after(close);

const office = site + "/o/anhua";

const isCode = (t) => /验证码|code/i.test(t) && /\d{6}/.test(t);
const codes = async (number) => (await texts(number)).filter(isCode).length;

for (const javaScriptEnabled of [true, false]) {
  for (const elder of [false, true]) {
    for (const english of [false, true]) {
      const label = [javaScriptEnabled ? "js" : "nojs", english ? "en" : "zh", elder ? "elder" : "plain"].join("-");
      test("somebody comes back, moves and cancels: " + label, async () => {
        const { number, reference } = await booked("premarital");
        const page = await open({ javaScriptEnabled, elder, english });
        travel(61); // one code a minute
        const at = (name) => sound(page, "mine-" + label + "-" + name, { scripts: javaScriptEnabled });
        await page.goto(office + "/mine");
        await at("signin");
        await page.fill("#phone", number);
        const before = await codes(number);
        await press(page, "main button.main");
        await at("prove");
        await page.fill("#code", await code(number, before));
        await press(page, "main button.main");
        await at("list");
        const spaced = reference.slice(0, 4) + " " + reference.slice(4);
        assert.match(await page.locator("main").textContent(), new RegExp(spaced + "|" + reference));
        await press(page, "main a.card");
        await at("one");
        await press(page, "button[name=action][value=move]");
        await at("move-day");
        await press(page, elder ? "button[name=start] >> nth=-1" : "button[name=day] >> nth=-1");
        if (!elder) await press(page, "button[name=start] >> nth=-1");
        await at("move-check");
        await press(page, "main button.main");
        await at("moved");
        await page.goto(office + "/mine");
        await press(page, "main a.card");
        await press(page, "main a.cancel");
        await at("cancel");
        await press(page, "main button.main");
        await at("cancelled");
        const got = await texts(number);
        assert.ok(got.some((t) => /取消|cancel/i.test(t)), "no text about the cancellation: " + got.join(" | "));
        await page.context().close();
      });
    }
  }
}

test("a code word opens without a text; a wrong one and an unknown number are the same page", async () => {
  const booking = await open();
  const word = "河边老柳树";
  const { number, reference } = await book(booking, { first: true, service: "legal", reach: "silent", word });
  assert.equal((await texts(number)).filter((t) => t.includes(reference)).length, 0, "silent is silent");
  await booking.context().close();
  const page = await open();
  const answers = [];
  for (const [who, said] of [[number, "错了错了错了"], [somebody(), word]]) {
    await page.goto(office + "/mine");
    await page.locator("summary").first().click();
    await page.fill("#word-phone", who);
    await page.fill("#code_word", said);
    await press(page, "form.word button");
    await sound(page, "word-wrong");
    answers.push((await page.locator("main").innerText()).replaceAll(who, ""));
  }
  assert.equal(answers[0], answers[1]);
  await page.goto(office + "/mine");
  await page.locator("summary").first().click();
  await page.fill("#word-phone", number);
  await page.fill("#code_word", word);
  await press(page, "form.word button");
  assert.match(await page.locator("main").textContent(), /\d{4} ?\d{4}/);
  await page.context().close();
});

test("how to be reached, and one's own data", async () => {
  const page = await open();
  const { number, reference } = await book(page, { first: true, service: "family" });
  await page.goto(office + "/mine");
  await press(page, "main a.reach");
  await sound(page, "reach");
  await page.uncheck("#text");
  await press(page, "main button.main");
  await sound(page, "list-after");
  await press(page, "main a.reach");
  await page.fill("#number", "12345");
  await press(page, "form.other button");
  await page.locator("#number-wrong").waitFor();
  await sound(page, "reach-wrong-number");
  const other = somebody();
  await page.fill("#number", other);
  travel(61);
  await press(page, "form.other button");
  await sound(page, "reach-code");
  await page.fill("#code", await code(other));
  await press(page, "main button.main");
  assert.match(await page.locator("main .box").first().textContent(), new RegExp(other.slice(-4)), "texts go to the other number");
  assert.ok(await page.locator("#text").isChecked(), "who proves another number wants texts there");
  await sound(page, "reach-other");
  await page.uncheck("#text");
  await press(page, "main button.main");
  await press(page, "main a.card");
  assert.doesNotMatch(await page.locator("main").textContent(), new RegExp("提醒您.*" + reference), "no reminder is planned any more");
  await page.goto(office + "/mine");
  await press(page, "main a.data");
  await sound(page, "data");
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("main a.download").first().click()]);
  assert.doesNotMatch(download.suggestedFilename(), /family|\d{8}|1[3-9]\d/);
  const data = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.match(JSON.stringify(data), new RegExp(number));
  assert.match(JSON.stringify(data), new RegExp(reference));
  travel(61);
  const before = await codes(number);
  await press(page, "button[name=action][value=erase]");
  await sound(page, "erase-code");
  await page.fill("#code", await code(number, before));
  await press(page, "main button.main");
  await sound(page, "erase-asked");
  await press(page, "button[name=action][value=keep]");
  await sound(page, "kept");
  await page.context().close();
});

// held keeps a page that renews itself as it is, for as long as it is looked at.
async function held(route) {
  const answer = await route.fetch();
  const headers = answer.headers();
  assert.match(headers.refresh, /^\d+$/);
  delete headers.refresh;
  await route.fulfill({ response: answer, headers });
}

const pages = ["/", "/o/anhua", "/o/anhua/privacy", "/help", "/over", "/bye", "/nothing-here", "/o/nowhere", "/demo/messages"];
for (const english of [false, true]) {
  for (const elder of [false, true]) {
    const label = [english ? "en" : "zh", elder ? "elder" : "plain"].join("-");
    test("the pages that stand by themselves are sound: " + label, async () => {
      const page = await open({ english, elder });
      await page.route("**/demo/messages", held);
      for (const path of pages) {
        const answer = await page.goto(site + path);
        const h = answer.headers();
        assert.match(h["content-security-policy"], /default-src 'none'/, path);
        assert.doesNotMatch(h["content-security-policy"], /unsafe/, path);
        assert.equal(h["referrer-policy"], "no-referrer", path);
        assert.match(h["cache-control"], /no-store/, path);
        await sound(page, "page" + path + "-" + label, { secret: !path.startsWith("/demo") });
      }
      await page.context().close();
    });
  }
}
