import { Group } from '@/features/dashboards/edit/fields';
import type { VariableUse } from '@/features/dashboards/edit/settings/variableUses';
import classes from './settings.module.css';

const shown = 60;

/** Where a variable is used; a panel's name leads to its editor. */
export function VariableUses({ name, uses, onPanel }: { name: string; uses: readonly VariableUse[]; onPanel: (id: number) => void }) {
  return (
    <Group title={`Used in${uses.length === 0 ? '' : ` (${uses.length})`}`}>
      {uses.length === 0 && <span className="dim">Nothing. A query uses it as ${name}.</span>}
      {uses.length > 0 && (
        <ul className={classes.uses}>
          {uses.slice(0, shown).map((use) => (
            <li key={`${use.where} ${use.path}`}>
              {use.panelId === undefined ? (
                <span className={classes.useWhere}>{use.where}</span>
              ) : (
                <button type="button" className={classes.useLink} onClick={() => onPanel(use.panelId ?? 0)}>
                  {use.where}
                </button>
              )}
              <span className={classes.usePath}>{use.path}</span>
              <code className={classes.useText} title={use.text}>
                {use.text}
              </code>
            </li>
          ))}
          {uses.length > shown && <li className="dim">and {uses.length - shown} more</li>}
        </ul>
      )}
    </Group>
  );
}
