/** Starts the own PostgreSQL in the folder given, prints its process id and waits to be killed. For one test. */
import { startEmbeddedDatabase } from "../../../../provisioning/registry/database/embedded-database.ts";

const database = await startEmbeddedDatabase({ dataFolder: process.argv[2] ?? "" });
process.stdout.write(`${database.pid}\n`);
setInterval(() => undefined, 60_000);
