// node check.mjs FOLDER [SHOTS]: opens every .html of FOLDER at 1280, 400 and 320 pixels, light and dark, and fails on a console
// message, a request, a page wider than its window, or a serious finding of axe. SHOTS is where pictures go.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const [folder, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking"],
});
const findings = [];
let views = 0;
const names = readdirSync(folder).filter((name) => name.endsWith(".html"));
if (names.length === 0) throw new Error(`no .html in ${folder}`);
if (shots) mkdirSync(shots, { recursive: true });

for (const name of names) {
  for (const width of [1280, 400, 320]) {
    for (const scheme of ["light", "dark"]) {
      const page = await browser.newPage();
      const where = `${name} ${width} ${scheme}`;
      const url = pathToFileURL(resolve(folder, name)).href;
      page.on("console", (message) => findings.push(`${where}: console: ${message.text()}`));
      page.on("pageerror", (error) => findings.push(`${where}: error: ${error.message}`));
      page.on("request", (request) => {
        if (request.url() !== url && !request.url().startsWith("data:"))
          findings.push(`${where}: asks for ${request.url()}`);
      });
      await page.setViewport({ width, height: width === 1280 ? 1500 : 1400 });
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(url, { waitUntil: "load" });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) findings.push(`${where}: ${wide} pixels wide`);
      if (shots) {
        const path = join(shots, `${basename(name, ".html")}-${width}-${scheme}.png`);
        await page.screenshot({ path });
      }
      // The folded tables count too. CDP runs this past the content policy of the page.
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run());
      for (const violation of found.violations) {
        const target = violation.nodes.map((node) => node.target.join(" ")).slice(0, 3).join("; ");
        const line = `${where}: axe ${violation.impact}: ${violation.id}: ${violation.help}: ${target}`;
        if (["serious", "critical"].includes(violation.impact)) findings.push(line);
        else console.log(line);
      }
      views += 1;
      await page.close();
    }
  }
}
await browser.close();
findings.forEach((line) => console.error(line));
console.log(`${views} views of ${names.length} pages, ${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
