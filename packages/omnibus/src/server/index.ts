export { dataFolderPath, type DataFolderSources } from "./config/data-folder.ts";
export { type LoadedSettings, loadSettings, type SettingSources } from "./config/load-settings.ts";
export { readLocalToken } from "./config/local-token.ts";
export { printSettings } from "./config/print-settings.ts";
export { checkJwtSecret } from "./config/secrets.ts";
export {
  type PermissionSettings,
  type Setting,
  type SettingKey,
  settingKeys,
  type Settings,
  settingTable,
  type TokenSettings,
  type UserSettings,
  variableOf,
} from "./config/settings.ts";
export { createLogger, type LoggerOptions, type LogLevel } from "./logger.ts";
export { RunningServer } from "./running-server.ts";
export { startServer, type StartServerOptions } from "./start-server.ts";
