// browser.js: what tests/infra/browser.bats does in Chromium, in one page.
//
// It loads the pages of the site in frames, uses them as a reader does, and
// writes a line per check into the page: "ok NAME: what was seen" or "not ok
// NAME: what is wrong". pages.js has the list `pages`, and `hasAxe` if axe.js
// has axe-core.
"use strict";

// A page of each kind: with drawings and code, with wide tables, a source, a
// folder, and those that come from no file.
const CHECKED = ["docs/model.html", "docs/cheat-sheet.html",
                 "lib/ring/slots.h.html", "phase1/cp/index.html", "ring.html",
                 "404.html"];
const failures = new Map(); // from a check to its messages
const errors = [];          // of scripts, in all frames

function fail(check, message) {
    failures.set(check, [...(failures.get(check) || []), message]);
}

function expect(check, condition, message) {
    if (!condition)
        fail(check, message);
}

function report(check, seen) {
    const wrong = failures.get(check);
    const line = document.createElement("pre");
    line.textContent = wrong ?
        wrong.slice(0, 20).map((text) => `not ok ${check}: ${text}`).join("\n") :
        `ok ${check}: ${seen}`;
    document.body.append(line);
}

function wait(milliseconds) {
    return new Promise((done) => setTimeout(done, milliseconds));
}

async function until(condition) {
    for (let i = 0; i < 500 && !condition(); i++)
        await wait(10);
    return condition();
}

// A page in a frame of that width, with its errors noted.
async function open(path, width = 1200) {
    const frame = document.createElement("iframe");
    frame.style.cssText = `width:${width}px;height:800px`;
    frame.title = path;
    document.body.append(frame);
    await new Promise((done) => {
        frame.onload = done;
        frame.src = path;
        frame.contentWindow.onerror = null;
    });
    const page = frame.contentWindow;
    page.onerror = (text) => errors.push(`${path}: ${text}`);
    page.console.error = (...text) => errors.push(`${path}: ${text.join(" ")}`);
    return { frame, page, document: frame.contentDocument };
}

// ---- links -----------------------------------------------------------------

// A quote in the text of a page is escaped, so an attribute is no text.
function attributes(text, name) {
    const pattern = new RegExp(`\\s${name}="([^"]*)"`, "g");
    return [...text.matchAll(pattern)].map((match) => match[1]);
}

async function readPages() {
    const read = new Map();
    await Promise.all(pages.map(async (path) => {
        read.set(path, await (await fetch(path)).text());
    }));
    return read;
}

// Every link of every page: the page is there, and so is the section.
function checkPage(path, text, ids) {
    const links = [...attributes(text, "href"), ...attributes(text, "src")];
    for (const link of links) {
        const url = new URL(link, new URL(path, location.href));
        const target = url.pathname.slice(1);
        const section = decodeURIComponent(url.hash.slice(1));
        if (url.origin !== location.origin || /\.(css|js|png|svg)$/.test(target))
            continue;
        if (!ids.has(target))
            fail("links", `${path}: ${link} leads nowhere`);
        else if (section !== "" && !ids.get(target).has(section))
            fail("links", `${path}: ${link} has no such section`);
    }
    return links.length;
}

async function checkLinks() {
    const read = await readPages();
    const ids = new Map();
    let count = 0;
    for (const [path, text] of read) {
        const found = attributes(text, "id");
        ids.set(path, new Set(found));
        expect("links", ids.get(path).size === found.length, `${path} has an id twice`);
    }
    for (const [path, text] of read)
        count += checkPage(path, text, ids);
    for (const path of CHECKED)
        expect("links", ids.has(path), `${path} does not exist`);
    expect("links", pages.length > 100 && count > 10000, `only ${count} links`);
    report("links", `${count} in ${pages.length} pages`);
}

// ---- use -------------------------------------------------------------------

function type(page, text) {
    const input = page.document.querySelector("#search input");
    input.focus();
    input.dispatchEvent(new Event("focus"));
    input.value = text;
    input.dispatchEvent(new Event("input"));
}

async function checkSearch(page) {
    const found = page.document.getElementById("found");
    if (!found) {
        document.body.append("skip search: the site has no lunr");
        return;
    }
    const results = () => [...found.querySelectorAll("a")];
    type(page, "overlappings"); // a form that the course does not use
    await until(() => results().length > 0);
    expect("search", results().some((a) => /overlap/i.test(a.textContent)),
        "no result has the other forms of a word");
    expect("search", found.querySelector("mark"), "no word is marked");
    type(page, "ring_sqe");
    expect("search", results().some((a) => a.href.includes("lib/ring/ring.")),
        `no source has the function: ${found.textContent}`);
    type(page, "multishot receive");
    const many = results().length;
    expect("search", many > 0, "two words find nothing");
    expect("search", results().every((a) => pages.includes(
        new URL(a.href).pathname.slice(1))), "a result leads nowhere");
    type(page, "zzzzz");
    expect("search", results().length === 0 && found.textContent === "0 sections",
        `nothing is not found: ${found.textContent}`);
    type(page, "");
    expect("search", found.hidden, "the results stay without a word");
    report("search", `${many} results`);
}

function checkTheme(page) {
    const button = page.document.getElementById("theme");
    const colour = () => page.page.getComputedStyle(page.document.body).backgroundColor;
    const seen = new Map();
    for (let i = 0; i < 3; i++) {
        button.click();
        seen.set(button.textContent, colour());
    }
    expect("theme", [...seen.keys()].join() === "Theme: light,Theme: dark,Theme: auto",
        `the switch has ${[...seen.keys()]}`);
    expect("theme", seen.get("Theme: light") !== seen.get("Theme: dark"),
        "light and dark are the same");
    report("theme", [...seen].join(" "));
}

// A phone: no page is wider than it, and what scrolls can have the focus.
async function checkPhone() {
    for (const path of CHECKED) {
        const { frame, document: page } = await open(path, 390);
        const width = page.documentElement.scrollWidth;
        expect("phone", width <= 390, `${path} is ${width} pixels wide`);
        for (const box of page.querySelectorAll("main pre, main table, main figure, #rows"))
            expect("phone", box.scrollWidth <= box.clientWidth || box.tabIndex === 0,
                `${path}: a ${box.tagName} scrolls without the focus`);
        frame.remove();
    }
    report("phone", `${CHECKED.length} pages at 390 pixels`);
}

// ---- ring.html -------------------------------------------------------------

function fills(page, selector) {
    return [...page.querySelectorAll(selector)].map((n) => n.getAttribute("fill"));
}

// How many operations the kernel has, after the first events of a trace.
function inFlight(events, submitted, taken) {
    const cqes = events.filter((e) => e.event === "cqe").slice(0, taken);
    return submitted - cqes.filter((e) => !e.cqe_flags.includes("more")).length;
}

// Steps through one trace, forwards and back.
function stepThrough(page, title, events) {
    const click = (id) => page.getElementById(id).click();
    const text = () => page.getElementById("step").textContent;
    const total = Number(page.getElementById("position").max);
    const kinds = { Submit: 0, Kernel: 0, Complete: 0 };
    const colours = new Map();
    let submitted = 0;
    for (let i = 1; i <= total; i++) {
        click("next");
        const [, at, kind] = text().match(/^(\d+) of \d+\. (\w+):/) || [];
        expect("ring", Number(at) === i, `${title}: step ${i} is "${text()}"`);
        kinds[kind]++;
        submitted = kind === "Kernel" ? kinds.Submit : submitted;
        const left = inFlight(events, submitted, kinds.Complete);
        expect("ring", page.getElementById("picture").textContent
            .includes(`kernel: ${left} in flight`), `${title}: step ${i}: not ${left}`);
        for (const chip of page.querySelectorAll("#picture .chip")) {
            const letter = chip.textContent;
            const fill = chip.firstChild.getAttribute("fill");
            expect("ring", (colours.get(letter) ?? fill) === fill,
                `${title}: ${letter} changes its colour`);
            colours.set(letter, fill);
        }
    }
    expect("ring", page.getElementById("next").disabled, `${title}: no end`);
    expect("ring", /kernel: 0 in flight/.test(page.getElementById("picture").textContent),
        `${title}: operations are left at the end`);
    const atEnd = text();
    click("back");
    expect("ring", text() !== atEnd, `${title}: no way back`);
    click("first");
    expect("ring", text() === `0 of ${total}. Both rings are empty.` &&
        fills(page, "#picture .chip circle").length === 0, `${title}: no first step`);
    return kinds;
}

async function checkRing() {
    const { page: window_, document: page } = await open("ring.html");
    const select = page.getElementById("trace");
    const titles = [...select.options].map((o) => o.textContent);
    for (const phase of [1, 2, 3, 8, 10])
        expect("ring", titles.some((t) => t.startsWith(`Phase ${phase}:`)),
            `no trace of phase ${phase}`);
    let steps = 0;
    for (const [i, title] of titles.entries()) {
        select.value = i;
        select.dispatchEvent(new Event("change"));
        const events = window_.eval("ringTraces")[i].events;
        const kinds = stepThrough(page, title, events);
        const end = events[events.length - 1];
        expect("ring", kinds.Submit === end.sqes && kinds.Complete === end.cqes,
            `${title}: ${JSON.stringify(kinds)}, and ${JSON.stringify(end)}`);
        steps += kinds.Submit + kinds.Kernel + kinds.Complete;
    }
    report("ring", `${steps} steps of ${titles.length} traces`);
}

// ---- axe-core --------------------------------------------------------------

// In the dark only the colours differ.
async function checkAxe(theme, runOnly) {
    const check = `axe ${theme}`;
    const axe = await (await fetch("axe.js")).text();
    let passes = 0;
    for (const path of CHECKED) {
        const { frame, page, document: inside } = await open(path);
        inside.documentElement.dataset.theme = theme;
        page.eval(axe);
        const result = await page.axe.run(inside, { runOnly });
        passes += result.passes.length;
        for (const violation of result.violations)
            fail(check, `${path}: ${violation.id}: ${violation.help}: ` +
                violation.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(" | "));
        frame.remove();
    }
    report(check, `${passes} rules passed on ${CHECKED.length} pages`);
}

async function checkAll() {
    await checkLinks();
    const page = await open("phase1/index.html");
    await checkSearch(page);
    checkTheme(page);
    await checkPhone();
    await checkRing();
    if (hasAxe) {
        await checkAxe("light",
            ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]);
        await checkAxe("dark", ["color-contrast"]);
    }
    errors.forEach((text) => fail("errors", text));
    report("errors", "no script failed");
}

checkAll().catch((error) => fail("all", error.stack)).finally(() =>
    report("all", "every check ended"));
