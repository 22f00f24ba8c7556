/** The look of the page: light and dark, from a phone's width up. */
export const consoleStyle: string = `
:root {
  color-scheme: light dark;
  --back: light-dark(#f6f7f9, #14161a);
  --card: light-dark(#fff, #1c1f25);
  --text: light-dark(#1b1f27, #e6e8ec);
  --soft: light-dark(#5a6270, #9ba3b1);
  --line: light-dark(#d9dde4, #343a44);
  --mark: light-dark(#1f5fd6, #7aa7ff);
  --on-mark: light-dark(#fff, #10131a);
  --good: light-dark(#1a7f45, #5fd08f);
  --warn: light-dark(#8f5b00, #f0b354);
  --bad: light-dark(#b3261e, #ff8a80);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 66rem; margin: 0 auto; padding: 1.25rem 1rem 2rem; }
h1 { font-size: 1.375rem; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.0625rem; margin: 0; }
section > h2 { margin-bottom: .75rem; }
p { margin: 0; }
code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; }
a { color: var(--mark); }
.hint { color: var(--soft); font-size: .875rem; font-weight: 400; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .375rem 1rem; margin-bottom: 1.25rem; }
header p:not(#state) { color: var(--soft); }
#state { margin-left: auto; padding: .125rem .75rem; border: 1px solid currentColor; border-radius: 1rem; font-size: .875rem; color: var(--soft); }
#state::before { content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .5rem; border-radius: 50%; background: currentColor; }
#state[data-state=open] { color: var(--good); }
#state[data-state=lost], #state[data-state=connecting] { color: var(--warn); }
#state[data-state=refused] { color: var(--bad); }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); align-items: start; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; min-width: 0; }
.wide { grid-column: 1 / -1; }
fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
fieldset:disabled { opacity: .55; }
form, form > div, #inside { display: grid; gap: .375rem; }
label { font-size: .875rem; font-weight: 600; margin-top: .25rem; }
.ways { display: flex; flex-wrap: wrap; gap: 0 1rem; }
legend { font-size: .875rem; font-weight: 600; padding: 0; }
.ways label, .check { display: flex; align-items: center; gap: .5rem; font-weight: 400; min-height: 2.25rem; margin: 0; }
input, textarea, button { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: .5rem; min-height: 2.5rem; }
input, textarea { width: 100%; padding: .375rem .625rem; background: var(--back); }
textarea { resize: vertical; font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9375rem; }
input[type=checkbox], input[type=radio] { width: 1.125rem; height: 1.125rem; min-height: 0; margin: 0; accent-color: var(--mark); }
button { padding: .375rem 1rem; background: transparent; cursor: pointer; justify-self: start; }
button:hover:enabled { border-color: var(--mark); }
button.main { margin-top: .5rem; background: var(--mark); border-color: var(--mark); color: var(--on-mark); font-weight: 600; }
button:disabled { cursor: default; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
summary { font-size: .875rem; cursor: pointer; padding: .25rem 0; }
.said { font-size: .875rem; min-height: 1.3125rem; overflow-wrap: anywhere; color: var(--bad); }
.said[data-good=true] { color: var(--good); }
ul { list-style: none; margin: 0; padding: 0; }
#topics { display: flex; flex-wrap: wrap; gap: .375rem; }
#topics li { display: flex; align-items: center; max-width: 100%; border: 1px solid var(--line); border-radius: 1.25rem; padding-left: .75rem; }
#topics code { overflow-wrap: anywhere; }
#topics button { border: 0; min-width: 2.25rem; min-height: 2.25rem; padding: 0; border-radius: 50%; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; margin-bottom: .5rem; }
.bar .check { margin-left: auto; }
#messages { max-height: 28rem; overflow-y: auto; border-radius: .375rem; }
#messages:empty::after { content: "What comes in is shown here, the newest first."; color: var(--soft); }
#messages li { display: flex; flex-wrap: wrap; align-items: baseline; gap: .125rem .75rem; padding: .375rem .25rem; border-top: 1px solid var(--line); font: .875rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
#messages li:first-child { border-top: 0; }
.time { color: var(--soft); }
.topic { color: var(--mark); overflow-wrap: anywhere; }
.payload { flex: 1 1 16rem; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 12rem; overflow-y: auto; }
.mark { font: .75rem/1.5 system-ui, sans-serif; color: var(--soft); border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; }
#messages button { min-height: 1.75rem; padding: 0 .625rem; font: .8125rem system-ui, sans-serif; }
footer { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin-top: 1.25rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 40rem) { #state { margin-left: 0; } #messages button { min-height: 2.25rem; } .payload { flex-basis: 100%; } }
`;
