// The staff's day: the desk as it stands, one appointment from arrival to its
// end, booking for a caller, what is to be called.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { close, open, press, site, somebody } from "./browser.js";
import { desk, fit, passwordOf, signIn } from "./office.js";

after(close);

for (const javaScriptEnabled of [true, false]) {
  for (const english of [false, true]) {
    const label = [javaScriptEnabled ? "js" : "nojs", english ? "en" : "zh"].join("-");
    test("the desk books for a caller, greets and ends: " + label, async () => {
      const page = await signIn("qiantai", { javaScriptEnabled, english });
      const at = (name) => fit(page, label + "-" + name, { scripts: javaScriptEnabled });
      await at("today");
      await page.goto(site + "/staff/book");
      await page.selectOption("#service", "family");
      await press(page, "main form.inline button");
      await at("book-times");
      await press(page, "ul.times a");
      await press(page, "form.wide button.main");
      await page.locator("#name-wrong").waitFor();
      await at("book-wrong");
      const number = somebody();
      await page.fill("#name", "赵");
      await page.selectOption("#title", "mr");
      await page.fill("#phone", number);
      await press(page, "form.wide button.main");
      const reference = /appointments\/(\d{8,10})/.exec(page.url())[1];
      assert.match(await page.locator(".said-once").textContent(), new RegExp(reference.slice(0, 4)));
      await at("booked");
      await press(page, "a[href$='/slip']");
      assert.doesNotMatch(await page.locator(".slip").textContent(), /赵|咨询|counsel/i);
      await at("slip");
      await page.goto(site + "/staff/today");
      await page.fill("#q", number.slice(-4));
      await press(page, "form[role=search] button");
      await at("found");
      await press(page, "ul.rows a.ref");
      await press(page, "#next");
      await at("arrived");
      await press(page, "#next");
      await press(page, "#next");
      assert.equal(await page.locator("#next").count(), 0, "it is over");
      await at("over");
      await page.goto(site + "/staff/calls");
      await at("calls");
      await press(page, "form[action='/staff/logout'] button");
      await at("login");
      await page.context().close();
    });
  }
}

test("a wrong password, and a page that asks for the sign-in first", async () => {
  const page = await open({ viewport: desk });
  await page.goto(site + "/staff/calls");
  await page.fill("#username", "qiantai");
  await page.fill("#password", "not the password");
  await press(page, "main button.main");
  await page.locator("#password-wrong").waitFor();
  await fit(page, "login-wrong");
  assert.equal(await page.inputValue("#username"), "qiantai", "what was typed is kept");
  await page.fill("#password", passwordOf("qiantai"));
  await press(page, "main button.main");
  assert.match(page.url(), /\/staff\/calls$/);
  await page.context().close();
});

test("an appointment is moved and cancelled, and refusals say why", async () => {
  const page = await signIn("qiantai");
  await page.goto(site + "/staff/book?service=legal");
  const day = await page.inputValue("#day");
  await press(page, "ul.times a >> nth=-1");
  await page.fill("#name", "钱");
  await press(page, "form.wide button.main");
  const address = page.url();
  await press(page, "a[href$='/move']");
  await fit(page, "move");
  await press(page, "ul.times button");
  assert.match(await page.locator(".said-once").textContent(), /改到/);
  await page.locator("summary").click();
  await fit(page, "cancel");
  const other = await signIn("qiantai", { javaScriptEnabled: false }); // it is not told
  await other.goto(address);
  await press(page, "details button");
  assert.equal(await page.locator("summary").count(), 0);
  await press(other, "#next"); // it shows what was
  assert.match(await other.locator(".said-once.refused").textContent(), /别人刚改过/);
  await fit(other, "refused", { scripts: false });
  await page.goto(site + "/staff/today?day=" + day);
  await fit(page, "day");
  await other.context().close();
  await page.context().close();
});

test("what one desk does appears at another without reloading, and typing is not disturbed", async () => {
  const [one, other] = await Promise.all([signIn("qiantai"), signIn("qiantai")]);
  await one.goto(site + "/staff/book?service=premarital");
  await press(one, "ul.times a >> nth=-1");
  await one.fill("#name", "孙");
  await other.goto(site + "/staff/today");
  await other.waitForTimeout(300);
  await press(one, "form.wide button.main");
  const reference = /appointments\/(\d{8,10})/.exec(one.url())[1];
  await other.locator("#do-" + reference).waitFor();
  await other.fill("#q", "12");
  await press(one, "#next");
  await other.locator("button.newer").waitFor();
  assert.equal(await other.inputValue("#q"), "12");
  await other.context().close();
  await one.context().close();
});

test("a counsellor sees their own day alone, an auditor no day at all", async () => {
  const counsellor = await signIn("fudao-a");
  await fit(counsellor, "counsellor-today");
  assert.equal(await counsellor.locator("a[href='/staff/book']").count(), 0);
  assert.equal((await counsellor.goto(site + "/staff/book")).status(), 403);
  await fit(counsellor, "forbidden");
  await counsellor.context().close();
  const page = await open({ viewport: desk });
  await page.goto(site + "/staff");
  await page.fill("#username", "shenji");
  await page.fill("#password", passwordOf("shenji"));
  await press(page, "main button.main");
  assert.equal((await page.goto(site + "/staff/today")).status(), 403);
  await page.context().close();
});
