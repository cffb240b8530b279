// Lighthouse (12.8.2) on a phone's profile, on every page, the median of five;
// personal pages are gone to first, in the same browser.
//
//   MAGPIE_URL=http://127.0.0.1:8080 node lighthouse.js [REPETITIONS]
import { chromium } from "playwright-core";
import lighthouse from "lighthouse";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { book } from "./booking.js";
import { site } from "./browser.js";

const repetitions = Number(process.argv[2] ?? 5);
const profile = mkdtempSync(path.join(tmpdir(), "magpie-lighthouse-"));
const port = 9333;
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.MAGPIE_CHROMIUM || "/usr/bin/chromium", locale: "zh-CN", timezoneId: "Asia/Shanghai",
  viewport: { width: 390, height: 844 }, args: ["--no-sandbox", "--remote-debugging-port=" + port],
});
const wanted = { accessibility: 100, "best-practices": 100, performance: 95 };
let bad = 0;

async function judge(name, url, seo) {
  const runs = [];
  for (let i = 0; i < repetitions; i += 1) {
    const result = await lighthouse(url, { port, output: "json", logLevel: "error", disableStorageReset: true, onlyCategories: [...Object.keys(wanted), "seo"] });
    runs.push(result.lhr);
  }
  const median = (f) => runs.map(f).sort((a, b) => a - b)[Math.floor(runs.length / 2)];
  const scores = {};
  for (const category of [...Object.keys(wanted), "seo"]) scores[category] = median((r) => Math.round(r.categories[category].score * 100));
  const weight = median((r) => Math.round(r.audits["total-byte-weight"].numericValue / 1024));
  const shift = median((r) => r.audits["cumulative-layout-shift"].numericValue);
  const fails = Object.entries(wanted).filter(([c, least]) => scores[c] < least).map(([c]) => c);
  if (seo && scores.seo < 100) fails.push("seo");
  if (weight > 60) fails.push("weight");
  if (shift > 0) fails.push("shift");
  if (runs[0].finalDisplayedUrl !== url) fails.push("went to " + runs[0].finalDisplayedUrl);
  for (const audit of Object.values(runs[0].audits)) {
    if (audit.score !== null && audit.score < 1 && fails.some((f) => f !== "performance") && ["binary"].includes(audit.scoreDisplayMode)) console.log("   ", audit.id, audit.title);
  }
  if (fails.length) bad += 1;
  console.log(`| ${name} | ${scores.performance} | ${scores.accessibility} | ${scores["best-practices"]} | ${seo ? scores.seo : "–"} | ${weight} KB | ${shift} | ${fails.join(", ")} |`);
}

console.log("| page | performance | accessibility | best practices | SEO | weight | shift | wrong |\n|---|--:|--:|--:|--:|--:|--:|---|");
for (const [name, url, seo] of [["office", "/", true], ["office by code", "/o/anhua", true], ["privacy", "/o/anhua/privacy", true], ["help", "/help", true], ["sign in", "/o/anhua/mine", false]]) {
  await judge(name, site + url, seo);
}
const page = await context.newPage();
await book(page, { at: async (name) => { if (name !== "office") await judge(name, page.url(), false); } });
await page.goto(site + "/o/anhua/mine");
await judge("what is booked", page.url(), false);
await page.locator("main a.card").first().click();
await page.waitForLoadState("load");
await judge("one appointment", page.url(), false);
await context.close();
rmSync(profile, { recursive: true, force: true });
process.exitCode = bad ? 1 : 0;
