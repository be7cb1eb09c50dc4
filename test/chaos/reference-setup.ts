/** A machine of the setup, by its name and its address. */
export interface Place {
	readonly name: string;
	readonly address: string;
}

/** What the files of the reference setup are written from: the chaos run and the documentation have the same source. */
export interface Setup {
	/** Each runs etcd, Patroni and PostgreSQL. Three, so that one may be lost. */
	readonly databases: readonly Place[];
	readonly registries: readonly Place[];
	readonly proxy: Place;
	/** Folder of a database machine's own data. */
	readonly dataFolder: (name: string) => string;
	/** Folder of PostgreSQL's programs. */
	readonly binFolder: string;
	/** The network that the machines talk in, such as 10.77.0.0/24. */
	readonly network: string;
	readonly passwords: { readonly superuser: string; readonly replication: string; readonly registry: string };
	/** Which of etcd's interfaces Patroni speaks: see `etcdInterfaceFor`. */
	readonly etcdInterface: 2 | 3;
	/** Whether a commit is acknowledged by two machines. Only a run that shows what is lost otherwise says no. */
	readonly synchronous: boolean;
}

/** How many connections a node of the registry keeps at most (`database/database.ts`). */
export const REGISTRY_POOL = 12;

/** First version of Patroni that does not overwrite another leader's key over etcd's interface 3 (patroni/patroni#2689). */
const SAFE_SINCE = [3, 0, 3] as const;
const ETCD_WHY = "etcd (interface 2, and etcd with --enable-v2) for Patroni before 3.0.3, as in Debian 12; etcd3 from then on";

/**
 * A primary that was cut off and comes back must not take the leader's key from who has it meanwhile. Over interface 3, Patroni before
 * 3.0.3 writes the key whoever holds it: two primaries on one timeline, and what the second had acknowledged is gone. Over interface 2
 * it compares first.
 *
 * @param version of Patroni, such as "3.0.2".
 */
export function etcdInterfaceFor(version: string): 2 | 3 {
	const parts = version.split(".").map(Number);
	for (const [index, safe] of SAFE_SINCE.entries()) {
		const part = parts[index] ?? 0;
		if (part !== safe) return part > safe ? 3 : 2;
	}
	return 3;
}

/** Command line of a machine's etcd. The times are for machines that share their cores: etcd's own defaults are ten times shorter. */
export function etcdArguments({ databases, dataFolder, etcdInterface }: Setup, { name, address }: Place): string[] {
	return [
		`--name=${name}`,
		`--data-dir=${dataFolder(name)}/etcd`,
		`--listen-peer-urls=http://${address}:2380`,
		`--listen-client-urls=http://${address}:2379,http://127.0.0.1:2379`,
		`--advertise-client-urls=http://${address}:2379`,
		`--initial-advertise-peer-urls=http://${address}:2380`,
		`--initial-cluster=${databases.map((each) => `${each.name}=http://${each.address}:2380`).join(",")}`,
		"--initial-cluster-state=new",
		"--initial-cluster-token=holdfast",
		"--heartbeat-interval=250",
		"--election-timeout=2500",
		...(etcdInterface === 2 ? ["--enable-v2"] : []),
	];
}

/**
 * `/etc/sysctl.d/holdfast.conf` of every machine. `pg_rewind`, `pg_basebackup` and Patroni itself wait for their server's next word
 * with no deadline of their own: of one that lost its power they hear nothing, and the kernel's defaults look after them for two hours.
 */
export function sysctlConfig(): string {
	return `# Whoever waits for a machine that lost its power gives up after 11 s, and not after two hours.
net.ipv4.tcp_keepalive_time = 5
net.ipv4.tcp_keepalive_intvl = 2
net.ipv4.tcp_keepalive_probes = 3
# Whoever has asked it something meanwhile, after 13 s, and whoever calls it, after 15 s.
net.ipv4.tcp_retries2 = 5
net.ipv4.tcp_syn_retries = 3
`;
}

/** A machine's `patroni.yml`. */
export function patroniConfig(setup: Setup, { name, address }: Place): string {
	const { databases, dataFolder, binFolder, network, passwords, synchronous, etcdInterface } = setup;
	const folder = dataFolder(name);
	return `scope: holdfast
name: ${name}
restapi:
  listen: ${address}:8008
  connect_address: ${address}:8008
# ${ETCD_WHY}
${etcdInterface === 2 ? "etcd" : "etcd3"}:
  hosts: ${databases.map((each) => `${each.address}:2379`).join(",")}
bootstrap:
  dcs:
    # A primary that is gone is replaced after ttl at the latest. 20 is the least that Patroni takes.
    ttl: 20
    loop_wait: 2
    # A primary that cannot reach etcd for so long stops taking writes. loop_wait + 2 * retry_timeout must stay below ttl.
    retry_timeout: 5
    # PostgreSQL crashed: a standby takes over at once, instead of waiting for the crash recovery.
    primary_start_timeout: 0
    # Of a standby that may become primary, in bytes. Without synchronous_mode, this is what may be lost.
    maximum_lag_on_failover: ${synchronous ? 1048576 : 67108864}
    # Only a standby that has every acknowledged commit may become primary.
    synchronous_mode: ${synchronous}
    # With no standby there are no commits, rather than commits on one machine.
    synchronous_mode_strict: ${synchronous}
    postgresql:
      use_pg_rewind: true
      # What pg_rewind left half done is no database: it is copied anew, rather than started.
      remove_data_directory_on_rewind_failure: true
      use_slots: true
      parameters:
        # "on": on the standby's disk. What the standby shows is not asked of it, so remote_apply would only cost time.
        synchronous_commit: "on"
        # A standby that is silent for so long is no standby any more, and Patroni names another one.
        wal_sender_timeout: 5s
        wal_receiver_timeout: 5s
        # How soon a standby asks the new primary again: until then a new primary has nobody to acknowledge its commits.
        wal_retrieve_retry_interval: 500ms
        wal_keep_size: 256MB
        wal_log_hints: "on"
        max_connections: 100
        shared_buffers: 64MB
        tcp_keepalives_idle: 5
        tcp_keepalives_interval: 2
        tcp_keepalives_count: 3
        tcp_user_timeout: 10s
  initdb:
    - encoding: UTF8
    - locale: C.UTF-8
    - data-checksums
postgresql:
  listen: ${address}:5432
  connect_address: ${address}:5432
  data_dir: ${folder}/postgresql
  bin_dir: ${binFolder}
  pgpass: ${folder}/pgpass
  parameters:
    unix_socket_directories: ${folder}
  authentication:
    superuser:
      username: postgres
      password: ${passwords.superuser}
    replication:
      username: replicator
      password: ${passwords.replication}
  pg_hba:
    - local all postgres trust
    - host replication replicator ${network} scram-sha-256
    - host all all ${network} scram-sha-256
watchdog:
  mode: "off"
`;
}

/** As a node says it, quoted for HAProxy. */
const UNAVAILABLE = JSON.stringify({
	type: "urn:holdfast:problem:unavailable",
	title: "unavailable",
	status: 503,
	code: "UNAVAILABLE",
	detail: "No node of the registry is ready.",
	next: "Try again in some seconds.",
}).replaceAll('"', '\\"');

/** `haproxy.cfg`: the one address of the database, and the one address that phones, stations and the lender call. */
export function haproxyConfig({ databases, registries }: Setup): string {
	return `global
    maxconn 4000
defaults
    timeout connect 2s
    timeout check 2s
    timeout client 1h
    timeout server 1h
# The primary, as Patroni says it. A server that is primary no more loses its sessions at once: nobody waits on a dead one.
listen database
    bind :5432
    mode tcp
    option httpchk GET /primary
    http-check expect status 200
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
${databases.map(({ name, address }) => `    server ${name} ${address}:5432 check port 8008 maxconn 90`).join("\n")}
# The nodes of the registry. One that does not reach its database is left out.
listen registry
    bind :8080
    mode http
    timeout client 30s
    timeout server 25s
    balance leastconn
    option httpchk GET /readyz
    http-check expect status 200
    option redispatch
    # The proxy's own word for it, where there is no node to say so.
    http-error status 503 content-type application/problem+json string "${UNAVAILABLE}" hdr Retry-After 5
    retries 2
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
${registries.map(({ name, address }) => `    server ${name} ${address}:8080 check`).join("\n")}
`;
}

/** What a node of the registry is given as `--database`. */
export function databaseUrl({ proxy, passwords }: Setup): string {
	return `postgres://holdfast:${passwords.registry}@${proxy.address}:5432/holdfast`;
}

/** What the first primary is told once, as its superuser. */
export function firstStatements({ passwords }: Setup): string[] {
	return [`CREATE ROLE holdfast LOGIN PASSWORD '${passwords.registry}'`, "CREATE DATABASE holdfast OWNER holdfast"];
}
