// Runs the script of a plan's page without a browser: what it draws is counted. Usage: node page.mjs plan.html
import {readFileSync} from "node:fs";
import {performance} from "node:perf_hooks";
import vm from "node:vm";

const page = readFileSync(process.argv[2], "utf8");
const [, data, script] = page.match(/<script type="application\/json" id="plan">([\s\S]*?)<\/script>\s*<script>([\s\S]*?)<\/script>/);

class Style { getPropertyValue() { return "#000"; } }
class Element {
  constructor(name) { Object.assign(this, {name, children: [], attributes: {}, dataset: {}, style: {}, listeners: {}, textContent: "", value: "", disabled: false, open: false}); }
  append(...more) { this.children.push(...more); if (this.name === "select" && this.children.length === 1) this.value = String(more[0].value); }
  replaceChildren(...more) { this.children = more; }
  setAttribute(key, value) { this.attributes[key] = String(value); if (key.startsWith("data-")) this.dataset[key.slice(5)] = String(value); }
  getAttribute(key) { return this.attributes[key] ?? null; }
  addEventListener(kind, act) { this.listeners[kind] = act; }
  get classes() { return (this.attributes.class || "").split(" "); }
  get classList() { return {toggle: (name, is) => this.setAttribute("class", [...this.classes.filter(one => one !== name), ...(is ? [name] : [])].join(" "))}; }
  all() { return this.children.flatMap(child => child.all ? [child, ...child.all()] : []); }
  querySelectorAll(query) { return this.all().filter(one => one.classes.includes(query.slice(1))); }
  querySelector(query) { return this.querySelectorAll(query)[0] || null; }
  createTHead() { return this.add("thead"); }
  createTBody() { return this.add("tbody"); }
  insertRow() { return this.add("tr"); }
  insertCell() { return this.add("td"); }
  add(name) { const made = new Element(name); this.append(made); return made; }
  getContext() { return new Proxy({}, {get: (held, name) => held[name] ?? (() => undefined), set: (held, name, value) => { held[name] = value; return true; }}); }
  focus() {}
}
const known = {};
for (const [, name, id] of page.matchAll(/<(\w+)[^>]*\bid="(\w+)"/g)) known[id] = Object.assign(new Element(name), {id});
known.view.value = "day";
known.plan.textContent = data;
const missing = new Set();
const document = {
  getElementById: id => known[id] ?? (missing.add(id), null),
  createElement: name => new Element(name),
  createElementNS: (_, name) => new Element(name),
  documentElement: new Element("html"),
};
const world = {document, getComputedStyle: () => new Style(), devicePixelRatio: 1, addEventListener: () => undefined, console};
const timed = act => { const begun = performance.now(); act(); return performance.now() - begun; };
const begins_ms = timed(() => vm.runInNewContext(script, world));
const visits = known.chart.querySelectorAll(".visit");
const chosen_ms = visits.length ? timed(() => known.chart.listeners.click({target: visits[0]})) : 0;
known.listing.open = true;
known.listing.listeners.toggle();
const listed = known.rows.all().filter(one => one.name === "tr").length - 1;
const told = known.told.all().map(one => one.textContent).join(" ");
known.view.value = "operative";
const other_ms = timed(() => known.view.listeners.change());
console.log(JSON.stringify({
  begins_ms, chosen_ms, other_ms, visits: visits.length, listed, told, missing: [...missing],
  labelled: visits.every(one => one.attributes["aria-label"] && one.attributes.role === "button"),
  map: known.map.attributes["aria-label"], shown: known.chart.querySelectorAll(".visit").length,
}));
