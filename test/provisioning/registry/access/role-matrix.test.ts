import { afterAll, beforeAll, expect, test } from "vitest";
import { PROGRAM_ROLES } from "../../../../provisioning/registry/access/program-request.ts";
import { ROLES, type Role } from "../../../../provisioning/registry/access/role.ts";
import { createAccessClient } from "../../../../provisioning/registry/clients/access-client.ts";
import { ADMIN_TOKEN, startTestRegistry, type TestRegistry } from "../test-registry.ts";
import { caller, signIn } from "./signed-in.ts";

const ALL = ROLES;
const READERS: readonly Role[] = ["admin", "agent", "operator", "technician", "auditor"];
const WORKERS: readonly Role[] = ["admin", "agent", "operator", "technician"];

/** Who may call what, written by hand: a route that is not here fails the test, whatever it says of itself. */
const MATRIX: Readonly<Record<string, "anybody" | "borrower" | readonly Role[]>> = {
	// Phones and buyers.
	checkIn: "anybody",
	imeiStatus: "anybody",
	keySets: "anybody",
	health: "anybody",
	ready: "anybody",
	checkPossession: "anybody",
	findCertificate: "anybody",
	// The borrower's own page: a token of its own, which nobody at the lender's side has.
	signInBorrower: "anybody",
	signOutBorrower: "borrower",
	borrowerView: "borrower",
	openDispute: "borrower",
	borrowerTimeCode: "borrower",
	giveBorrowerCode: ["admin", "agent", "operator"],
	// Contracts.
	createContract: ["admin", "agent", "operator"],
	listContracts: ["admin", "agent", "auditor"],
	getContract: READERS,
	recordPayment: ["admin", "agent"],
	issueOrder: ["admin", "agent"],
	listOrders: ["admin", "agent", "technician", "auditor"],
	payOff: ["admin", "agent"],
	grantRelease: ["admin", "agent", "technician"],
	issueCode: ["admin", "agent"],
	giveReleaseCode: ["admin", "agent", "technician"],
	splitForEscrow: ["admin"],
	escrowDeposit: ["admin"],
	// Enrolment.
	offerEnrollment: ["admin", "operator"],
	confirmEnrollment: ["admin", "operator"],
	withdrawEnrollment: ["admin", "operator"],
	listEnrollments: READERS,
	leaseContracts: ["admin", "operator"],
	releaseLeases: ["admin", "operator"],
	agentApk: ["admin", "operator", "technician"],
	agentApkFile: ["admin", "operator", "technician"],
	contractPapers: READERS,
	lookUpContracts: ["admin", "operator", "technician"],
	// The lender's console.
	searchContracts: ["admin", "agent", "auditor"],
	contractStory: ["admin", "agent", "auditor"],
	checkOrder: ["admin", "agent", "auditor"],
	importPayments: ["admin", "agent"],
	exportContracts: ["admin", "agent", "auditor"],
	exportPayments: ["admin", "agent", "auditor"],
	exportAudit: ["admin", "auditor"],
	readFleet: ["admin", "agent", "auditor"],
	changeFleetSettings: ["admin"],
	fleetList: ["admin"],
	extendFleet: ["admin"],
	continueExtension: ["admin"],
	readAttestation: ["admin", "agent", "auditor"],
	changeAttestation: ["admin"],
	readAttestationTrust: ["admin"],
	installAttestationTrust: ["admin"],
	paidButLocked: ["admin", "agent"],
	lockedInError: ["admin", "agent"],
	decideAppeal: ["admin", "agent"],
	inClearing: ["admin", "agent"],
	returned: ["admin", "agent"],
	// A technician's work.
	findContracts: ["admin", "agent", "technician", "auditor"],
	openServiceWindow: ["admin", "agent", "technician"],
	askRebind: ["admin", "agent", "technician"],
	askExchange: ["admin", "agent", "technician"],
	askReturn: ["admin", "agent", "technician"],
	casesOfContract: ["admin", "agent", "technician", "auditor"],
	waitingCases: ["admin", "agent", "technician", "auditor"],
	approveCase: ["admin", "agent"],
	refuseCase: ["admin", "agent", "technician"],
	keepReleaseReport: ["admin", "agent", "technician"],
	logScreenLockHelp: ["admin", "agent", "technician"],
	// Signing in.
	signInMethods: "anybody",
	startPasskeySignIn: "anybody",
	finishPasskeySignIn: "anybody",
	openInvitation: "anybody",
	acceptInvitation: "anybody",
	startProviderSignIn: "anybody",
	finishProviderSignIn: "anybody",
	// One's own.
	getSession: ALL,
	signOut: ALL,
	listSessions: ALL,
	endSession: ALL,
	startStepUp: ALL,
	finishStepUp: ALL,
	listPasskeys: ALL,
	startPasskey: ALL,
	finishPasskey: ALL,
	removePasskey: ALL,
	// People, and what takes two.
	listPeople: ["admin", "auditor"],
	addPerson: ["admin"],
	changePerson: ["admin"],
	invite: ["admin"],
	listPrograms: ["admin", "auditor"],
	addProgram: ["admin"],
	rotateProgram: ["admin"],
	revokeProgram: ["admin"],
	listWebhooks: ["admin", "auditor"],
	addWebhook: ["admin"],
	rotateWebhook: ["admin"],
	disableWebhook: ["admin"],
	enableWebhook: ["admin"],
	testWebhook: ["admin"],
	replayWebhook: ["admin"],
	listWebhookDeliveries: ["admin", "auditor"],
	listWebhookAttempts: ["admin", "auditor"],
	listApprovals: READERS,
	askApproval: WORKERS,
	approveApproval: WORKERS,
	refuseApproval: WORKERS,
};

/** Grave acts: an old sign-in does not do. */
const STEP_UP = [
	...["removePasskey", "addPerson", "changePerson", "invite", "approveApproval", "approveCase"],
	...["addProgram", "rotateProgram", "revokeProgram", "addWebhook", "rotateWebhook", "enableWebhook"],
];

/** What no program does, whatever its roles: grave acts, a person's own passkeys, and either half of what takes two people. */
const FOR_PEOPLE = [
	...STEP_UP,
	...["listSessions", "endSession", "startStepUp", "finishStepUp", "listPasskeys", "startPasskey", "finishPasskey"],
	...["askApproval", "refuseApproval", "askRebind", "askExchange", "askReturn", "refuseCase"],
];

let registry: TestRegistry;
let operations: { id: string; method: string; path: string }[];
beforeAll(async () => {
	registry = await startTestRegistry();
	const { body } = await caller(registry, {})("GET", "/openapi.json");
	operations = Object.entries<Record<string, { operationId: string }>>(body.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, { operationId: id }]) => ({
			id,
			method: method.toUpperCase(),
			path: path.replace(/\{\w+\}/g, "x"),
		})),
	);
});
afterAll(() => registry?.close());

test("every route of the API stands in the matrix, and nothing else does", () => {
	expect(operations.map(({ id }) => id).sort()).toEqual(Object.keys(MATRIX).sort());
});

test("nobody gets into a route that is for somebody, and a wrong token or cookie is nobody", async () => {
	for (const { id, method, path } of operations) {
		for (const headers of [{}, { authorization: "Bearer wrong" }, { cookie: `__Host-holdfast=${"x".repeat(43)}` }]) {
			const answer = await caller(registry, headers as Record<string, string>)(method, path);
			expect([id, headers, answer.status === 401]).toEqual([id, headers, MATRIX[id] !== "anybody"]);
		}
	}
});

test.each(ROLES)("%s gets into its own routes and into no other", async (role) => {
	for (const { id, method, path } of operations) {
		const may = MATRIX[id] ?? [];
		// Another session for each: some routes end it.
		const { call } = await signIn(registry, [role]);
		const { status, body } = await call(method, path);
		const isListed = may === "anybody" || may === "borrower" || may.includes(role);
		expect([id, body?.code === "FORBIDDEN"]).toEqual([id, !isListed]);
		expect([id, status === 401]).toEqual([id, may === "borrower"]);
	}
});

test("somebody without any role gets into no route that is for somebody", async () => {
	const { call } = await signIn(registry, []);
	for (const { id, method, path } of operations) {
		if (typeof MATRIX[id] === "string") continue;
		expect([id, (await call(method, path)).body?.code]).toEqual([id, "FORBIDDEN"]);
	}
});

test.each(PROGRAM_ROLES)(
	"a program with the role %s gets into its own routes, into no other, and into nothing for people",
	async (role) => {
		const { token } = await createAccessClient({ url: registry.url, adminToken: ADMIN_TOKEN }).addProgram({
			name: `a ${role}`,
			roles: [role],
		});
		const call = caller(registry, { authorization: `Bearer ${token}` });
		for (const { id, method, path } of operations) {
			const may = MATRIX[id] ?? [];
			const { status, body } = await call(method, path);
			const isListed = may === "anybody" || may === "borrower" || (may.includes(role) && !FOR_PEOPLE.includes(id));
			expect([id, body?.code === "FORBIDDEN"]).toEqual([id, !isListed]);
			expect([id, status === 401]).toEqual([id, may === "borrower"]);
		}
	},
);

test("a station's token orders nothing, makes no code and frees no phone", () => {
	const grave = ["issueOrder", "issueCode", "giveReleaseCode", "grantRelease", "payOff", "recordPayment", "importPayments"];
	expect(grave.filter((id) => MATRIX[id]?.includes("operator"))).toEqual([]);
});

test("the admin token gets into every route but the borrower's own", async () => {
	for (const { id, method, path } of operations) {
		if (MATRIX[id] === "borrower") continue;
		const { status, body } = await caller(registry, { authorization: `Bearer ${ADMIN_TOKEN}` })(method, path);
		const isPersonal = body?.detail === "A token is no person.";
		expect([id, status === 401 || (body?.code === "FORBIDDEN" && !isPersonal)]).toEqual([id, false]);
	}
});

test("grave acts ask for the passkey again, and no other does", async () => {
	for (const { id, method, path } of operations) {
		if (typeof MATRIX[id] === "string") continue;
		const { call } = await signIn(registry, ["admin"], { method: "provider" });
		const { body } = await call(method, path);
		expect([id, body?.code === "STEP_UP_REQUIRED"]).toEqual([id, STEP_UP.includes(id)]);
	}
});
