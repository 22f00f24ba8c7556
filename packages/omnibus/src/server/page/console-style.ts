/** The look of the page, light and dark. */
export const consoleStyle: string = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --mark: #2f6fed; --bad: #c8372d; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1rem; }
header p { margin: 0; opacity: .75; }
code { font: .9em ui-monospace, monospace; }
#state { margin-left: auto; padding: 0 .6rem; border: 1px solid var(--line); border-radius: 1rem; }
#state[data-in=true] { border-color: var(--mark); color: var(--mark); }
main { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); margin: 1.5rem 0; }
section { border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; }
section.wide { grid-column: 1 / -1; }
fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
form { display: grid; gap: .5rem; }
input, button { font: inherit; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: .4rem; width: 100%; background: var(--soft); color: inherit; }
input[type=checkbox] { width: auto; }
button { cursor: pointer; width: auto; justify-self: start; }
form button { background: var(--mark); border-color: var(--mark); color: #fff; }
fieldset:disabled { opacity: .5; }
#topics { display: flex; flex-wrap: wrap; gap: .4rem; margin-top: .6rem; }
ul { list-style: none; margin: 0; padding: 0; font: .9rem/1.6 ui-monospace, monospace; }
li { display: grid; grid-template-columns: 6.5rem minmax(4rem, 10rem) 1fr; gap: .75rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
li span:first-child { opacity: .6; } li.error { color: var(--bad); }
.row { display: flex; justify-content: space-between; align-items: baseline; }
footer { opacity: .75; }
`;
