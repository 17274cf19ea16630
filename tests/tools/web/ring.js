// ring.js: replays a trace of SQEs and CQEs. ring-traces.js has the traces.
//
// A trace becomes a list of steps. A step is one of three: "submit" (the program
// fills an SQE), "kernel" (an enter submits the SQEs), "complete" (the program
// takes a CQE). What the picture shows at a step follows from the steps before
// it: so every step can be drawn from nothing, forwards and backwards.
"use strict";

const COLOURS = ["#ffb3a7", "#9fd3ff", "#b8e6a3", "#ffd97a", "#d9bfff",
                 "#8fe3d6", "#ffb8de", "#d6d0b0"];
const ROWS_MAX = 200;
const PLAY_MS = 900;

let steps = [];
let operations = [];
let names = new Map(); // from user_data to its number, in the order of coming
let now = 0;
let timer = null;

const byId = (id) => document.getElementById(id);

// ---- from events to steps --------------------------------------------------

function readTrace(events) {
    const bySqe = new Map();
    let waiting = [];
    steps = [];
    operations = [];
    names = new Map();
    for (const event of events) {
        if (event.event === "sqe") {
            nameOf(event.user_data);
            const operation = { sqe: event, begin: steps.length, end: null, cqes: [] };
            bySqe.set(event.number, operation);
            operations.push(operation);
            waiting.push(operation);
            steps.push({ kind: "submit", operation });
        } else if (event.event === "cqe") {
            waiting = enterStep(waiting);
            nameOf(event.user_data);
            const operation = bySqe.get(event.sqe) || null;
            const isLast = !event.cqe_flags.split(",").includes("more");
            if (operation) {
                operation.cqes.push(steps.length);
                operation.end = isLast ? steps.length : null;
            }
            steps.push({ kind: "complete", operation, cqe: event, isLast });
        }
    }
    enterStep(waiting);
}

function enterStep(waiting) {
    if (waiting.length > 0)
        steps.push({ kind: "kernel", taken: waiting });
    return [];
}

function nameOf(userData) {
    if (!names.has(userData))
        names.set(userData, names.size);
    return names.get(userData);
}

// A to Z, then AA, AB...
function letters(userData) {
    let number = nameOf(userData);
    let text = "";
    for (number++; number > 0; number = Math.floor((number - 1) / 26))
        text = String.fromCharCode(65 + (number - 1) % 26) + text;
    return text;
}

const colour = (userData) => COLOURS[nameOf(userData) % COLOURS.length];

// What is where after the first `count` steps.
function stateAt(count) {
    const state = { queued: [], inFlight: [], submitted: 0, taken: 0, cqe: null };
    for (const step of steps.slice(0, count)) {
        state.cqe = null;
        if (step.kind === "submit") {
            state.queued.push(step.operation);
        } else if (step.kind === "kernel") {
            state.inFlight.push(...state.queued);
            state.submitted += state.queued.length;
            state.queued = [];
        } else {
            state.cqe = step.cqe;
            state.taken++;
            if (step.isLast)
                state.inFlight = state.inFlight.filter((o) => o !== step.operation);
        }
    }
    return state;
}

// ---- words -----------------------------------------------------------------

function time(ns) {
    return ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(1)} ms`;
}

// What an SQE asks for. Some operations have an address where others have the
// offset.
function request(sqe) {
    let text = sqe.operation;
    if (sqe.fd >= 0)
        text += ` fd=${sqe.fd}`;
    if (sqe.len > 0)
        text += ` len=${sqe.len}`;
    if (sqe.offset > 0 && sqe.offset < 2 ** 40)
        text += ` offset=${sqe.offset}`;
    return text + (sqe.flags ? ` (${sqe.flags})` : "");
}

function answer(cqe) {
    let text = `${cqe.operation} = ${cqe.res}`;
    if (cqe.error)
        text += ` ${cqe.error}`;
    if (cqe.buffer !== undefined)
        text += `, buffer ${cqe.buffer}`;
    return text;
}

function sentence(step) {
    if (!step)
        return "Both rings are empty.";
    if (step.kind === "submit")
        return `Submit: the program fills an SQE, ${request(step.operation.sqe)}. ` +
            `Its user_data is ${step.operation.sqe.user_data} ` +
            `(${letters(step.operation.sqe.user_data)}).`;
    if (step.kind === "kernel") {
        const list = step.taken.map((o) => letters(o.sqe.user_data)).join(", ");
        return `Kernel: one io_uring_enter submits ${step.taken.length} ` +
            `${step.taken.length === 1 ? "SQE" : "SQEs"} (${list}). ` +
            "Now the kernel owns their buffers.";
    }
    const cqe = step.cqe;
    const after = cqe.latency_ns === undefined ? "" :
        `, ${time(cqe.latency_ns)} after its SQE`;
    return `Complete: the program takes the CQE of ${letters(cqe.user_data)}, ` +
        `${answer(cqe)}${after}. ` + (step.isLast ? "The operation is over." :
            "The flag F_MORE is set: the operation goes on.");
}

// ---- the picture -----------------------------------------------------------

function svg(tag, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes))
        node.setAttribute(name, value);
    node.append(...children);
    return node;
}

const label = (x, y, text, attributes) => svg("text", { x, y, ...attributes }, text);

function chip(x, y, r, userData) {
    return svg("g", { class: "chip" },
        svg("circle", { cx: x, cy: y, r, fill: colour(userData) }),
        label(x, y + 4, letters(userData), { "text-anchor": "middle" }));
}

function box(area, title) {
    return svg("g", {},
        svg("rect", { x: area.x, y: area.y, width: area.w, height: area.h, rx: 6 }),
        label(area.x + 10, area.y + 20, title, { class: "title" }));
}

// Wide pages have the three parts side by side, phones have them stacked.
function layout() {
    return byId("picture").clientWidth >= 560 ? {
        w: 720, h: 380,
        program: { x: 5, y: 60, w: 205, h: 260 },
        kernel: { x: 475, y: 60, w: 240, h: 260 },
        sq: { x: 342, y: 100, r: 70 }, cq: { x: 342, y: 285, r: 70 },
        arrows: ["M210 100h52", "M422 100h50", "M472 285h-50", "M262 285h-50"],
        letters_max: 28,
    } : {
        w: 360, h: 500,
        program: { x: 5, y: 5, w: 350, h: 74 },
        kernel: { x: 5, y: 275, w: 350, h: 220 },
        sq: { x: 90, y: 178, r: 58 }, cq: { x: 270, y: 178, r: 58 },
        arrows: ["M90 79v26", "M90 246v26", "M270 272v-26", "M270 108v-26"],
        letters_max: 44,
    };
}

// A ring of slots: `filled` is the user_data of some of them, by position.
function ring(place, title, text, slots, filled) {
    const g = svg("g", {},
        svg("circle", { cx: place.x, cy: place.y, r: place.r, class: "track" }),
        label(place.x, place.y - 2, title, { "text-anchor": "middle", class: "title" }),
        label(place.x, place.y + 16, text, { "text-anchor": "middle" }));
    for (let i = 0; i < slots; i++) {
        const angle = 2 * Math.PI * i / slots - Math.PI / 2;
        const x = place.x + place.r * Math.cos(angle);
        const y = place.y + place.r * Math.sin(angle);
        g.append(filled.has(i) ? chip(x, y, 12, filled.get(i)) :
            svg("circle", { cx: x, cy: y, r: 9, class: "slot" }));
    }
    return g;
}

function slotsOf(count) {
    return count <= 8 ? 8 : 16;
}

function cut(text, max) {
    return text.length > max ? text.slice(0, max - 3) + "..." : text;
}

function drawProgram(area, step, max) {
    const g = box(area, "program");
    if (step && step.kind === "submit")
        g.append(chip(area.x + 22, area.y + 46, 12, step.operation.sqe.user_data),
            label(area.x + 42, area.y + 50, cut(request(step.operation.sqe), max - 6)));
    if (step && step.kind === "complete")
        g.append(chip(area.x + 22, area.y + 46, 12, step.cqe.user_data),
            label(area.x + 42, area.y + 50, cut(answer(step.cqe), max - 6)));
    return g;
}

function drawKernel(area, inFlight, max) {
    const g = box(area, `kernel: ${inFlight.length} in flight`);
    const rows = Math.floor((area.h - 40) / 28);
    const shown = inFlight.length > rows ? rows - 1 : inFlight.length;
    inFlight.slice(0, shown).forEach((operation, i) => {
        const y = area.y + 46 + 28 * i;
        g.append(chip(area.x + 22, y, 12, operation.sqe.user_data),
            label(area.x + 42, y + 4, cut(request(operation.sqe), max - 2)));
    });
    if (shown < inFlight.length)
        g.append(label(area.x + 42, area.y + 50 + 28 * shown,
            `and ${inFlight.length - shown} more`));
    return g;
}

function drawPicture() {
    const place = layout();
    const step = steps[now - 1];
    const state = stateAt(now);
    const most = Math.max(1, ...steps.map((s) => s.taken ? s.taken.length : 0));
    const slots = slotsOf(most);
    const queued = new Map(state.queued.slice(-slots).map((operation, i) =>
        [(state.submitted + i) % slots, operation.sqe.user_data]));
    const taken = new Map(state.cqe ?
        [[(state.taken - 1) % slots, state.cqe.user_data]] : []);
    const active = { submit: [0], kernel: [1], complete: [2, 3] }[step?.kind] || [];

    const picture = byId("picture");
    picture.setAttribute("viewBox", `0 0 ${place.w} ${place.h}`);
    picture.replaceChildren(
        svg("defs", {}, svg("marker", {
            id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4,
            markerWidth: 12, markerHeight: 12, markerUnits: "userSpaceOnUse",
            orient: "auto",
        }, svg("path", { d: "M0 0l8 4l-8 4z", class: "head" }))),
        drawProgram(place.program, step, place.letters_max),
        drawKernel(place.kernel, state.inFlight, place.letters_max),
        ring(place.sq, "SQ", `${state.submitted + state.queued.length} SQEs`, slots, queued),
        ring(place.cq, "CQ", `${state.taken} CQEs`, slots, taken),
        ...place.arrows.map((d, i) => svg("path", {
            d, "marker-end": "url(#head)", class: active.includes(i) ? "arrow now" : "arrow",
        })));
}

// ---- all operations --------------------------------------------------------

function drawRows() {
    const width = Math.max(steps.length, 1);
    const left = 150;
    const scale = Math.max(8, Math.min(24, 560 / width));
    const shown = operations.slice(0, ROWS_MAX);
    const rows = svg("svg", {
        width: left + width * scale + 20, height: shown.length * 24 + 8,
        role: "img", "aria-label": `${operations.length} operations in ${steps.length} steps`,
    });
    shown.forEach((operation, i) => {
        const y = 14 + 24 * i;
        const from = left + operation.begin * scale;
        const to = left + (operation.end ?? steps.length) * scale;
        rows.append(chip(14, y, 10, operation.sqe.user_data),
            label(32, y + 4, operation.sqe.operation),
            svg("rect", {
                x: from - 5, y: y - 6, width: to - from + 10, height: 12, rx: 5,
                fill: colour(operation.sqe.user_data), class: "bar",
            }),
            ...operation.cqes.map((at) => svg("circle", {
                cx: left + at * scale, cy: y, r: 4, class: "dot",
            })));
    });
    rows.append(svg("path", { id: "line", class: "line" }));
    byId("rows").replaceChildren(rows);
    if (operations.length > shown.length)
        byId("rows").append(`and ${operations.length - shown.length} more operations`);
    byId("rows").dataset.left = left;
    byId("rows").dataset.scale = scale;
    focusScrollers(); // of site.js
}

function drawLine() {
    const { left, scale } = byId("rows").dataset;
    const x = Number(left) + (now - 1) * scale;
    byId("line").setAttribute("d", now > 0 ? `M${x} 0V${operations.length * 24 + 8}` : "");
}

// ---- the player ------------------------------------------------------------

function show(step) {
    now = Math.max(0, Math.min(steps.length, step));
    byId("position").value = now;
    byId("position").setAttribute("aria-valuetext", `${now} of ${steps.length}`);
    byId("step").textContent = `${now} of ${steps.length}. ${sentence(steps[now - 1])}`;
    byId("first").disabled = byId("back").disabled = now === 0;
    byId("next").disabled = now === steps.length;
    drawPicture();
    drawLine();
}

function stopPlaying() {
    clearInterval(timer);
    timer = null;
    byId("play").textContent = "Play";
}

function play() {
    if (timer) {
        stopPlaying();
        return;
    }
    if (now === steps.length)
        show(0);
    byId("play").textContent = "Pause";
    timer = setInterval(() => {
        show(now + 1);
        if (now === steps.length)
            stopPlaying();
    }, PLAY_MS);
}

function open(events) {
    const about = events.find((event) => event.event === "about");
    const code = document.createElement("code");
    stopPlaying();
    readTrace(events);
    byId("about").replaceChildren();
    if (about) {
        code.textContent = about.command;
        byId("about").append(code, " ", about.look);
    }
    byId("position").max = steps.length;
    drawRows();
    show(0);
}

// A file of the reader: JSON lines, as --trace writes them.
async function openFile() {
    const file = byId("file").files[0];
    if (!file)
        return;
    try {
        const lines = (await file.text()).split("\n").filter((line) => line !== "");
        open(lines.map((line) => JSON.parse(line)));
        byId("about").textContent = file.name;
    } catch (error) {
        byId("about").textContent = `${file.name} is not a trace in JSON lines: ` +
            `${error.message}`;
    }
}

function listTraces() {
    for (const [i, trace] of ringTraces.entries()) {
        const option = document.createElement("option");
        option.value = i;
        option.textContent = trace.events[0].title;
        byId("trace").append(option);
    }
    // ring.html#8-echo opens docs/traces/8-echo.jsonl.
    const wanted = ringTraces.findIndex((trace) =>
        trace.file === `docs/traces/${location.hash.slice(1)}.jsonl`);
    byId("trace").value = Math.max(0, wanted);
}

document.addEventListener("DOMContentLoaded", () => {
    byId("player").hidden = false;
    byId("first").addEventListener("click", () => show(0));
    byId("back").addEventListener("click", () => show(now - 1));
    byId("next").addEventListener("click", () => show(now + 1));
    byId("play").addEventListener("click", play);
    byId("position").addEventListener("input", (event) => show(Number(event.target.value)));
    byId("trace").addEventListener("change", (event) =>
        open(ringTraces[event.target.value].events));
    byId("file").addEventListener("change", openFile);
    addEventListener("resize", drawPicture);
    listTraces();
    open(ringTraces.length > 0 ? ringTraces[byId("trace").value].events : []);
});
