/** Style of the preflight page: readable on a phone, printable, light and dark, no network. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --faint: #5c6570; --line: #d8dde3; --paper: #fff; --card: #f6f8fa;
  --pass: #1a7f37; --warn: #8a5a00; --fail: #c4242b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --faint: #9aa4b0; --line: #333a43; --paper: #14171b;
  --card: #1c2127; --pass: #4cc26a; --warn: #e0a83a; --fail: #ff6b6b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.verdict { border-left: .4rem solid var(--tone); padding: .75rem 1rem; background: var(--card); }
.passed { --tone: var(--pass); } .warned { --tone: var(--warn); } .failed { --tone: var(--fail); } .none { --tone: var(--faint); }
.word { color: var(--tone); font-weight: 600; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .75rem 0 0; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } .wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 500; } th.number, td.number { text-align: right; white-space: nowrap; }
code { font: .875em/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
.failure { border: 1px solid var(--line); border-left: .3rem solid var(--tone); padding: .5rem .8rem; margin: .5rem 0; }
.failure p { margin: .2rem 0; } .hint { color: var(--faint); }
.track { height: .8rem; background: var(--line); border-radius: .4rem; overflow: hidden; min-width: 8rem; }
.track > div { height: 100%; background: var(--pass); }
footer { margin-top: 3rem; color: var(--faint); font-size: .875rem; }
@media (max-width: 40rem) { .steps td:nth-child(3), .steps th:nth-child(3) { display: none; } }
@media print { body { max-width: none; padding: 0; } .failure, tr { break-inside: avoid; } }
`;
