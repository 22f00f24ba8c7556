import { settingKeys, settingTable, variableOf } from "./settings.ts";

const introduction = `# Configuration

Every setting of \`omnibus serve\`. A value is taken from the first of these places that has one:

1. a flag, such as \`--port 9000\` (\`npm start -- --port 9000\`);
2. the environment: \`OMNIBUS_SERVER_PORT\`, else \`SERVER_PORT\`;
3. the file \`.env\` in the current folder, with the same names;
4. the TOML file of \`--config\`;
5. the TOML file \`config/default.toml\` in the current folder;
6. what is built in.

\`omnibus serve --print-config\` shows every value and its place, and no secret. An unknown key or a wrong
value ends the start with a sentence that names the key, the place and what is allowed, even where another
place goes before it. Tables, and lists of them, are written as JSON in variables:
\`SERVER_USERS='{"ada":{"password_hash":"$scrypt$..."}}'\`.

\`\`\`toml
[server]
port = 9000
allow_origins = ["https://app.example.com"]

[server.users.ada]
password_hash = "$scrypt$..."        # omnibus user hash
subscribe = ["chat/**", "!chat/secret"]

[broker]
history = ["chat/**", { pattern = "news", count = 100 }]
\`\`\`

A signed token (JWT) without roles, for a name that is no user, may do everything (but the system's topics)
only where nothing says who may do what. As soon as there is a user, a role, or a static token with lists of
its own (\`publish\`, \`subscribe\`), it may do nothing. More on permissions is in [server.md](server.md).

Keys and tokens live in the data folder: \`--data\`, \`OMNIBUS_DATA\`, else \`$XDG_DATA_HOME/omnibus\`, else
the platform's place. This page is generated from \`packages/omnibus/src/server/config/settings.ts\`.
`;

/** The guide to the configuration as Markdown, generated from the settings themselves. */
export function settingsGuide(): string {
  return introduction + settingKeys.map(section).join("");
}

const noFlag =
  "No flag: it is a secret, and a command line is seen by everybody on the machine. Put it into a file that only you can read, or into the environment.";

function section(key: (typeof settingKeys)[number]): string {
  const { kind, builtIn, effect, flag, isSecret } = settingTable[key];
  const ways = [flag === undefined ? [] : [`flag \`${flag}\``], `variable \`${variableOf(key)}\``];
  const value = builtIn === undefined ? "none" : `\`${JSON.stringify(builtIn)}\``;
  return (
    `\n## ${key}\n\n${effect}\n\n` +
    `- Allowed: ${kind.allowed}\n- Default: ${value}\n- Also: ${ways.flat().join(", ")}\n` +
    (isSecret === true ? `- ${noFlag}\n` : "")
  );
}
