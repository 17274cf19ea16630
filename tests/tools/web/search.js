// search.js: the search. search-index.js has the sections of the course and
// lunr's index of them; both are loaded when the search gets the focus.
"use strict";

const RESULTS_MAX = 12;

let search = null; // {documents, index}, once they are loaded
let searchIsLoading = false;

// Called by search-index.js.
function searchLoaded(data) {
    search = { documents: data.documents, index: lunr.Index.load(data.index) };
    showResults();
}

function addScript(name, next) {
    const script = document.createElement("script");
    script.src = document.body.dataset.top + name;
    script.onload = next;
    document.head.append(script);
}

function loadSearch() {
    if (searchIsLoading)
        return;
    searchIsLoading = true;
    addScript("lunr.js", () => addScript("search-index.js", null));
}

// The index has whole words. The stem of a word is the beginning of its other
// forms: "completions" looks for all that begins with "complet".
function stem(word) {
    return lunr.stemmer(new lunr.Token(word)).toString();
}

function words(text) {
    return text.toLowerCase().match(/[a-z0-9_]{2,}/g) || [];
}

// Each word has to be in a result, at least as a part of a longer one.
function find(text) {
    const { wildcard, presence } = lunr.Query;
    const both = wildcard.LEADING | wildcard.TRAILING;
    return search.index.query((query) => {
        for (const word of words(text)) {
            const base = stem(word);
            query.term(word, { boost: 10, usePipeline: false });
            query.term(word, {
                boost: 4, usePipeline: false, wildcard: wildcard.TRAILING,
            });
            query.term(base, {
                usePipeline: false,
                presence: presence.REQUIRED,
                wildcard: base.length > 3 ? both : wildcard.TRAILING,
            });
        }
    });
}

// A piece of the text around the first of the words, which are marked.
function excerpt(text, looked) {
    const low = text.toLowerCase();
    const bases = looked.map(stem).filter((base) => base);
    const found = bases.map((base) => low.indexOf(base)).filter((at) => at >= 0);
    const from = Math.max(0, Math.min(...found, text.length) - 60);
    const piece = text.slice(found.length ? from : 0, (found.length ? from : 0) + 180);
    const small = document.createElement("small");
    const pattern = new RegExp(`(${bases.join("|")})`, "i");
    for (const part of bases.length ? piece.split(pattern) : [piece]) {
        if (bases.includes(part.toLowerCase())) {
            const mark = document.createElement("mark");
            mark.textContent = part;
            small.append(mark);
        } else {
            small.append(part);
        }
    }
    return small;
}

function resultLink(document_, looked) {
    const [address, title, heading, text] = document_;
    const link = document.createElement("a");
    link.href = document.body.dataset.top + address;
    link.append(heading ? `${title}: ${heading}` : title, excerpt(text, looked));
    return link;
}

function message(text) {
    const p = document.createElement("p");
    p.textContent = text;
    return p;
}

function showResults() {
    const input = document.querySelector("#search input");
    const box = document.getElementById("found");
    const looked = words(input.value);
    box.hidden = looked.length === 0;
    if (box.hidden)
        return;
    if (!search) {
        box.replaceChildren(message("Loading the index ..."));
        return;
    }
    const results = find(input.value);
    box.replaceChildren(
        message(`${results.length} ${results.length === 1 ? "section" : "sections"}`),
        ...results.slice(0, RESULTS_MAX)
            .map((result) => resultLink(search.documents[result.ref - 1], looked)));
}

// Arrows move through the results, Escape leaves them.
function onKey(event) {
    const box = document.getElementById("found");
    const input = document.querySelector("#search input");
    const links = [input, ...box.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
        box.hidden = true;
        input.focus();
    } else if (event.key === "ArrowDown" && at + 1 < links.length) {
        links[at + 1].focus();
        event.preventDefault();
    } else if (event.key === "ArrowUp" && at > 0) {
        links[at - 1].focus();
        event.preventDefault();
    }
}

document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("search");
    const input = form.querySelector("input");
    form.hidden = false;
    input.addEventListener("focus", loadSearch);
    input.addEventListener("input", showResults);
    form.addEventListener("keydown", onKey);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        form.querySelector("#found a")?.click();
    });
    form.addEventListener("focusout", (event) => {
        if (!form.contains(event.relatedTarget))
            document.getElementById("found").hidden = true;
    });
    document.addEventListener("keydown", (event) => {
        if (event.key === "/" && !event.target.matches("input, select, textarea")) {
            event.preventDefault();
            input.focus();
        }
    });
});
