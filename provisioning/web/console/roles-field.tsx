import { useTranslation } from "react-i18next";

import type { Role } from "../../registry/access/role.ts";

interface RolesFieldProps<Name extends Role> {
	/** Those that there are to choose from. */
	readonly all: readonly Name[];
	readonly roles: readonly Name[];
	readonly onRoles: (roles: Name[]) => void;
}

/** Roles to choose, each with what it may do. */
export function RolesField<Name extends Role>({ all, roles, onRoles }: RolesFieldProps<Name>) {
	const { t } = useTranslation();
	const { t: frame } = useTranslation("frame");
	return (
		<fieldset className="choice">
			<legend>{t("people.roles")}</legend>
			{all.map((role) => (
				<label key={role} className="option">
					<input
						type="checkbox"
						checked={roles.includes(role)}
						onChange={(event) => onRoles(all.filter((each) => (each === role ? event.target.checked : roles.includes(each))))}
					/>
					<span>
						<span>{frame(`roles.${role}`)}</span>
						<span className="muted block">{t(`people.role.${role}`)}</span>
					</span>
				</label>
			))}
		</fieldset>
	);
}
