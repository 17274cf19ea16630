// site.js: what each page does besides being read. Without it the course is
// complete: only the search and the switch to light or dark are missing.
"use strict";

const root = document.documentElement;
const themes = ["auto", "light", "dark"];

function storedTheme() {
    try {
        const theme = localStorage.getItem("theme");
        return themes.includes(theme) ? theme : "auto";
    } catch {
        return "auto"; // a browser that stores nothing
    }
}

function applyTheme(theme) {
    root.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button)
        button.textContent = `Theme: ${theme}`;
}

function nextTheme() {
    const at = themes.indexOf(root.dataset.theme);
    const theme = themes[(at + 1) % themes.length];
    try {
        localStorage.setItem("theme", theme);
    } catch {
        // It lasts until the next page.
    }
    applyTheme(theme);
}

// A box that scrolls gets the focus, so that arrow keys can scroll it.
function focusScrollers() {
    for (const box of document.querySelectorAll("main pre, main table, main figure, #rows")) {
        const scrolls = box.scrollWidth > box.clientWidth;
        if (scrolls)
            box.tabIndex = 0;
        else
            box.removeAttribute("tabindex");
    }
}

// Where there is room, the contents of the page are beside it, and open.
function openContents() {
    const details = document.querySelector("#contents details");
    if (details)
        details.open = matchMedia("(min-width: 75rem)").matches;
}

// The link to a line of a source.
function followLine(event) {
    if (event.target.matches("pre i[id]"))
        location.hash = event.target.id;
}

applyTheme(storedTheme());
document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    button.hidden = false;
    button.addEventListener("click", nextTheme);
    applyTheme(storedTheme());
    openContents();
    focusScrollers();
    addEventListener("resize", focusScrollers);
    document.addEventListener("click", followLine);
    const current = document.querySelector("#chapters [aria-current]");
    if (current)
        current.scrollIntoView({ block: "nearest" });
});
