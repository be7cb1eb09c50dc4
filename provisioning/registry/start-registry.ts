/** Exports `startRegistry(options): Promise<RunningRegistry>`: database, keys and HTTP server, ready to answer. */

export interface StartRegistryOptions {
	/** Database, admin token and logs. Made if missing. */
	readonly dataFolder: string;
	/** Any PostgreSQL, 14 or later. Default: an own one in the data folder. */
	readonly databaseUrl?: string;
	readonly host: string;
	/** 0 = any free one. */
	readonly port: number;
	/** As made by `initKeys`. */
	readonly keysFolder: string;
	/** Opens the online keys. Without it they must be unencrypted, and `insecureDev` must be said. */
	readonly passphrase?: string;
	readonly insecureDev: boolean;
	/** See `clock-file.ts`. Default: the machine's clock. */
	readonly clockFile?: string;
	/** Base URL that goes into terms as the phones' check-in address. Default: the address that is listened on. */
	readonly publicUrl?: string;
	/** Log lines at info and above go to stderr as JSON. Default: errors only. */
	readonly verbose?: boolean;
}

export interface RunningRegistry {
	/** Base URL. */
	readonly url: string;
	/** File that holds the bearer token of the admin API, mode 0600. */
	readonly adminTokenFile: string;
	/** Answers what is under way, then stops the server and an own database. */
	close(): Promise<void>;
}

export async function startRegistry(options: StartRegistryOptions): Promise<RunningRegistry> {
	throw new Error(`not built yet: ${options.dataFolder}`);
}
