import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Invitation, Person, PersonRequest } from "../../registry/access/access-request.ts";
import { ROLES, type Role } from "../../registry/access/role.ts";
import { ActForm } from "./act-form.tsx";
import { DataTable } from "./data-table.tsx";
import { Field } from "./form-parts.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { Programs } from "./programs.tsx";
import { RolesField } from "./roles-field.tsx";
import { useServer } from "./server.ts";
import { Badge } from "./standing-badge.tsx";
import { useLoad } from "./use-load.ts";
import { When } from "./when.tsx";

/** Who may sign in, and as what. Admins change it; auditors read it. */
export function PeoplePage() {
	const { t } = useTranslation();
	const { t: frame } = useTranslation("frame");
	const { access, may } = useServer();
	const { value: people, problem, again } = useLoad("people", () => access.listPeople());
	const [chosen, setChosen] = useState<string>();
	const person = people?.find(({ personId }) => personId === chosen);
	return (
		<section className="stack" aria-labelledby="people-heading">
			<h2 id="people-heading">{t("views.people")}</h2>
			<ProblemNote problem={problem} onRetry={again} />
			{!people && problem === undefined && <p role="status">{t("loading")}</p>}
			{people && (
				<div className="card">
					<DataTable
						caption={t("people.caption")}
						rows={people}
						keyOf={({ personId }) => personId}
						none={t("none")}
						columns={[
							{
								name: t("people.name"),
								cell: ({ name, email }) => (
									<>
										{name === "" ? <span className="muted">{t("people.forgotten")}</span> : name}
										{email !== undefined && <span className="block muted">{email}</span>}
									</>
								),
							},
							{ name: t("people.roles"), cell: ({ roles }) => roles.map((role) => frame(`roles.${role}`)).join(", ") || "—" },
							{ name: t("records.state"), cell: (each) => <PersonState person={each} /> },
							{
								name: t("people.seen"),
								cell: ({ lastSeenAtUnixSeconds }) =>
									lastSeenAtUnixSeconds === undefined ? "—" : <When at={lastSeenAtUnixSeconds} withDistance />,
							},
							...(may.runs
								? [
										{
											name: t("people.change"),
											cell: ({ personId, name }: Person) => (
												<button
													type="button"
													aria-expanded={personId === chosen}
													onClick={() => setChosen(personId === chosen ? undefined : personId)}
												>
													{t("people.change")}
													<span className="hidden"> {name}</span>
												</button>
											),
										},
									]
								: []),
						]}
					/>
				</div>
			)}
			{person && may.runs && <ChangePerson key={person.personId} person={person} onDone={again} />}
			{may.runs && <AddPerson onDone={again} />}
			<Programs />
		</section>
	);
}

function PersonState({ person }: { readonly person: Person }) {
	const { t } = useTranslation();
	if (person.isDisabled) return <Badge tone="bad" text={t("people.disabled")} />;
	if (person.passkeys > 0 || person.hasProvider) return <Badge tone="good" text={t("people.active")} />;
	return <Badge tone="warn" text={t(person.invitedUntilUnixSeconds === undefined ? "people.no-way-in" : "people.invited")} />;
}

function AddPerson({ onDone }: { readonly onDone: () => void }) {
	const { t } = useTranslation();
	const { access } = useServer();
	const [name, setName] = useState("");
	const [email, setEmail] = useState("");
	const [roles, setRoles] = useState<Role[]>([]);
	const request: PersonRequest = {
		name: name.replace(/\s+/g, " ").trim(),
		roles,
		...(email.trim() === "" ? {} : { email: email.trim() }),
	};
	const whyNot =
		request.name === ""
			? t("people.name-missing")
			: email.trim() !== "" && !/^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/.test(email.trim())
				? t("people.email-wrong")
				: roles.length === 0
					? t("people.roles-missing")
					: undefined;
	return (
		<section className="card" aria-labelledby="add-heading">
			<h3 id="add-heading">{t("people.add")}</h3>
			<ActForm
				sendText={t("people.invite")}
				whyNot={whyNot}
				onDone={onDone}
				anotherText={t("people.add-another")}
				onAnother={() => {
					setName("");
					setEmail("");
					setRoles([]);
				}}
				second={() => ({ kind: "people.admin", subject: request.name, request: { act: "add", ...request } })}
				onSend={() => access.addPerson(request)}
				done={(invitation) => <InvitationNote invitation={invitation} />}
			>
				<Field label={t("people.name")}>
					{(field) => (
						<input {...field} maxLength={80} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />
					)}
				</Field>
				<Field label={t("people.email")} hint={t("people.email-hint")}>
					{(field) => (
						<input
							{...field}
							type="email"
							maxLength={254}
							autoComplete="off"
							value={email}
							onChange={(event) => setEmail(event.target.value)}
						/>
					)}
				</Field>
				<RolesField all={ROLES} roles={roles} onRoles={setRoles} />
			</ActForm>
		</section>
	);
}

function InvitationNote({ invitation }: { readonly invitation: Invitation }) {
	const { t } = useTranslation();
	return (
		<div className="note good">
			<p>
				<strong>{t("people.invitation", { name: invitation.person.name })}</strong>
			</p>
			{invitation.address !== undefined && (
				<>
					<p>{t("people.hand-over")}</p>
					<p>
						<code className="value">{invitation.address}</code>
					</p>
				</>
			)}
			<p>
				{t("people.good-until")} <When at={invitation.expiresAtUnixSeconds} />
			</p>
		</div>
	);
}

function ChangePerson({ person, onDone }: { readonly person: Person; readonly onDone: () => void }) {
	const { t } = useTranslation();
	const { access, session } = useServer();
	const { personId, name } = person;
	const [roles, setRoles] = useState<Role[]>(person.roles);
	const [isDisabled, setDisabled] = useState(person.isDisabled);
	const isSame = isDisabled === person.isDisabled && roles.join() === ROLES.filter((role) => person.roles.includes(role)).join();
	const change = { ...(person.rolesFrom === "registry" ? { roles } : {}), isDisabled };
	return (
		<section className="card" aria-labelledby="change-heading">
			<h3 id="change-heading">{t("people.change-heading", { name })}</h3>
			{personId === session.personId && <p className="note warn">{t("people.yourself")}</p>}
			<ActForm
				sendText={t("people.save")}
				whyNot={isSame ? t("limits.same") : undefined}
				onDone={onDone}
				second={() => ({ kind: "people.admin", subject: personId, request: { act: "change", personId, ...change } })}
				onSend={() => access.changePerson(personId, change)}
				done={() => (
					<p>
						<strong>{t("people.saved")}</strong>
					</p>
				)}
			>
				{person.rolesFrom === "provider" ? (
					<p className="note plain">{t("people.from-provider")}</p>
				) : (
					<RolesField all={ROLES} roles={roles} onRoles={setRoles} />
				)}
				<label className="option">
					<input type="checkbox" checked={isDisabled} onChange={(event) => setDisabled(event.target.checked)} />
					<span>{t("people.disable")}</span>
				</label>
				<p className="muted">{t("people.sessions-end")}</p>
			</ActForm>
			<ActForm
				sendText={t("people.invite-again")}
				onDone={onDone}
				second={() => ({ kind: "people.admin", subject: personId, request: { act: "invite", personId } })}
				onSend={() => access.invite(personId)}
				done={(invitation) => <InvitationNote invitation={invitation} />}
			>
				<p className="muted">{t("people.invite-again-what")}</p>
			</ActForm>
		</section>
	);
}
