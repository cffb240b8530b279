// What the suites share: Chromium, the demonstration that they drive, the texts
// that it would have sent, and what holds on every page.
import { readFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// MAGPIE_URL is where "magpie demo" listens, MAGPIE_CLOCK the file with the
// offset of its clock in seconds, MAGPIE_SHOTS a folder for screenshots.
export const site = process.env.MAGPIE_URL;
const clock = process.env.MAGPIE_CLOCK;
const shots = process.env.MAGPIE_SHOTS;
if (!site) throw new Error("MAGPIE_URL is not set: run this by go test ./cmd/magpie -run Pages");
if (shots) mkdirSync(shots, { recursive: true });

export const phone = { width: 390, height: 844 };

// The words that no title, no address and no history may hold.
const telling = /premarital|family|mediation|legal|婚前|咨询|调解|法律|离婚|结婚|counsel|divorce|1[3-9]\d{9}|\d{4}-\d{2}-\d{2}|\d{8}/i;

// The browser, or the promise of one: two pages that are opened at once share it.
let browser;
export async function open(options = {}) {
  browser ??= chromium.launch({ executablePath: process.env.MAGPIE_CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox"] });
  const { elder, english, ...rest } = options;
  const context = await (await browser).newContext({ viewport: phone, locale: english ? "en-GB" : "zh-CN", timezoneId: "Asia/Shanghai", reducedMotion: "reduce", ...rest });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  page.outside = [];
  page.trouble = [];
  page.on("request", (r) => { if (!r.url().startsWith(site) && !r.url().startsWith("data:")) page.outside.push(r.url()); });
  page.on("console", (m) => { if (/status of 4\d\d/.test(m.text())) return; if (m.type() === "error" || /Content Security Policy/.test(m.text())) page.trouble.push(m.text()); });
  page.on("pageerror", (e) => page.trouble.push(String(e)));
  if (elder) {
    await page.goto(site + "/");
    await page.click("button[name=version]");
  }
  return page;
}

export async function close() {
  await (await browser)?.close();
  browser = undefined;
}

let people = 0;
const salt = Math.floor(Math.random() * 9000) + 1000;
// somebody is a number that nobody has used.
export function somebody() {
  people += 1;
  return "138" + String(salt) + String(people).padStart(4, "0");
}

// travel moves the program's clock; patience is for the jobs that notice it.
export function travel(seconds) {
  assert.ok(clock, "MAGPIE_CLOCK is not set");
  const now = Number(readFileSync(clock, "utf8") || "0");
  writeFileSync(clock, String(now + seconds));
}

// texts are the messages to a number, the oldest first.
export async function texts(number) {
  const answer = await fetch(site + "/demo/messages.json");
  return (await answer.json()).items.filter((m) => m.to === number).map((m) => m.text).reverse();
}

// code waits for the next code to a number after those already seen.
export async function code(number, seen = 0) {
  for (let tries = 0; tries < 100; tries += 1) {
    const codes = (await texts(number)).map((t) => /验证码|code/i.test(t) && /\b\d{6}\b|\d{6}/.exec(t)).filter(Boolean);
    if (codes.length > seen) return codes[codes.length - 1][0];
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error("no code came to the number");
}

// eventually waits until something holds, for as long as a loaded machine may take.
export async function eventually(what, holds) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error("waited in vain until " + what);
}

// The widths at which every page is looked at: a narrow phone (and 200 % of a
// small desk), a phone, a tablet, a desk.
const usualWidths = [320, 390, 768, 1280];

// sound checks what holds on every page: nothing from elsewhere, no title or
// address that tells; at every width no scrolling sideways and targets that a
// thumb hits; in light and in dark no fault that axe finds.
export async function sound(page, name, { secret = true, scripts = true, widths = usualWidths, least = {} } = {}) {
  assert.deepEqual(page.outside, [], name + " loads from elsewhere");
  assert.deepEqual(page.trouble, [], name + " has errors in its console");
  const title = await page.title();
  if (secret) {
    assert.doesNotMatch(title + " " + decodeURI(page.url()), telling, name + " tells what it is for");
  }
  if (scripts) {
    const usual = page.viewportSize();
    for (const width of widths) {
      await page.setViewportSize({ width, height: usual.height });
      await fits(page, name + " at " + width + " px", least[width]);
      await shoot(page, name + "-" + width);
    }
    await page.setViewportSize(usual);
    await accessible(page, name + ", light");
    await page.emulateMedia({ colorScheme: "dark" });
    await accessible(page, name + ", dark");
    await shoot(page, name + "-dark");
    await page.emulateMedia({ colorScheme: "light" });
  } else {
    await shoot(page, name);
  }
}

async function shoot(page, name) {
  if (shots) await page.screenshot({ path: path.join(shots, name.replace(/[^\w.-]+/g, "_") + ".png"), fullPage: true });
}

async function fits(page, name, least) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, name + " scrolls sideways by " + wide + " px");
  assert.deepEqual(await targets(page, least), [], name + " has targets that are too small");
}

async function targets(page, smallest) {
  return page.evaluate((smallest) => {
    const least = smallest ?? (document.documentElement.classList.contains("elder") ? 60 : 48);
    const found = [];
    for (const e of document.querySelectorAll("button, input:not([type=hidden]), select, summary, a.main, a.second, a.card, .foot a, .bar a")) {
      const target = e.matches("input[type=radio], input[type=checkbox]") ? e.closest("label") : e;
      const box = target.getBoundingClientRect();
      if (box.height > 0 && box.width > 0 && box.height < least - 0.5 && !e.closest(".skip")) found.push(target.textContent.trim().slice(0, 20) + " " + Math.round(box.height));
    }
    return found;
  }, smallest);
}

export async function accessible(page, name) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const faults = result.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).join("; "));
  assert.deepEqual(faults, [], name + ": axe finds faults");
}

// press is a tap that leads to another page.
export async function press(page, selector) {
  await Promise.all([page.waitForLoadState("load"), page.locator(selector).first().click()]);
  await page.waitForLoadState("load");
}
