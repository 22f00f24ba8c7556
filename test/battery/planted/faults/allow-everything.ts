/** Permissions are not looked at. */
import { Grants } from "../../../../packages/omnibus/src/server/auth/permissions.ts";

Grants.prototype.may = () => true;
