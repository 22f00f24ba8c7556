export { type Clock, type Random, systemClock, systemRandom } from "../base/index.ts";
export { type JwtClaims, type JwtOptions, JwtTokens } from "./auth/jwt.ts";
export { hashPassword, type ScryptCost } from "./auth/password-hash.ts";
export {
  DataFolder,
  dataFolderPath,
  type DataFolderSources,
  makeFolder,
} from "./config/data-folder.ts";
export { type LoadedSettings, loadSettings, type SettingSources } from "./config/load-settings.ts";
export { localServerPorts, readLocalToken } from "./config/local-token.ts";
export { printSettings } from "./config/print-settings.ts";
export { tokenWarnings } from "./config/role-names.ts";
export { checkJwtSecret, jwtSecretOf } from "./config/secrets.ts";
export type { Setting } from "./config/setting.ts";
export {
  type PermissionSettings,
  type SettingKey,
  settingKeys,
  type Settings,
  settingTable,
  type TokenSettings,
  type UserSettings,
  variableOf,
} from "./config/settings.ts";
export { settingsGuide } from "./config/settings-guide.ts";
export { findServer, type FindServerOptions, type FoundServer } from "./http/server-version.ts";
export { createLogger, type LoggerOptions, type LogLevel } from "./logger.ts";
export { RunningServer } from "./running-server.ts";
export { startServer, type StartServerOptions } from "./start-server.ts";
