import { TextInput } from '@mantine/core';
import type { DataFrame } from '@grafana/data';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { OptionField } from '@/features/dashboards/edit/options/OptionField';
import { Overrides } from '@/features/dashboards/edit/options/Overrides';
import { PanelBasics } from '@/features/dashboards/edit/options/PanelBasics';
import { panelSchemas } from '@/features/dashboards/edit/options/panelSchemas';
import { getPath, withPath } from '@/features/dashboards/edit/options/paths';
import type { OptionDef } from '@/features/dashboards/edit/options/schema';
import { TypePicker } from '@/features/dashboards/edit/options/TypePicker';
import type { PanelJson } from '@/features/dashboards/model/types';
import type { Variable } from '@/features/dashboards/model/variables';
import classes from './options.module.css';

interface OptionsPaneProps {
  panel: PanelJson;
  frames: readonly DataFrame[];
  variables: readonly Variable[];
  /** kind: changes of the same one in quick succession are one step of undo. */
  onChange: (change: (panel: PanelJson) => PanelJson, kind?: string) => void;
  onType: (type: string) => void;
}

/** All options of a panel, with a search over them. */
export function OptionsPane({ panel, frames, variables, onChange, onType }: OptionsPaneProps) {
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (label: string, group: string) => words.every((word) => `${group} ${label}`.toLowerCase().includes(word));
  const groups = panelSchemas[panel.type ?? ''] ?? [];
  const field = (def: OptionDef) => <OptionField key={def.path} def={def} value={getPath(panel, def.path)} frames={frames} onChange={(value) => onChange((now) => withPath(now, def.path, value), `option/${def.path}`)} />;
  const found = groups.flatMap((group) => {
    const options = group.options.filter((def) => (def.when?.(panel) ?? true) && matches(def.label, group.title));
    return options.length === 0 ? [] : [{ ...group, options }];
  });
  return (
    <div className={classes.pane}>
      <div className={classes.search}>
        <TextInput leftSection={<IconSearch size={13} />} placeholder="Search options" aria-label="Search options" value={text} onChange={(event) => setText(event.currentTarget.value)} />
      </div>
      {words.length === 0 && (
        <>
          <Fold title="Visualisation" open>
            <TypePicker panel={panel} frames={frames} onType={onType} />
          </Fold>
          <Fold title="Panel" open>
            <PanelBasics panel={panel} variables={variables} onChange={onChange} />
          </Fold>
        </>
      )}
      {found.map((group, index) => (
        <Fold key={`${panel.type}/${group.title}/${words.length > 0}`} title={group.title} open={words.length > 0 || index < 1 || group.title === 'Standard options' || group.title === 'Thresholds'}>
          {group.options.map(field)}
        </Fold>
      ))}
      {words.length > 0 && found.length === 0 && <p className={classes.empty}>No option is named like this.</p>}
      {words.length === 0 && groups.length > 0 && (
        <Fold title={`Overrides${(panel.fieldConfig?.overrides ?? []).length === 0 ? '' : ` (${panel.fieldConfig?.overrides?.length})`}`}>
          <Overrides panel={panel} frames={frames} onChange={(overrides) => onChange((now) => withPath(now, 'fieldConfig.overrides', overrides), 'overrides')} />
        </Fold>
      )}
    </div>
  );
}

function Fold({ title, open = false, children }: { title: string; open?: boolean; children: ReactNode }) {
  const [shown, setShown] = useState(open);
  return (
    <details className={classes.group} open={shown} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{title}</summary>
      {shown && <div className={classes.fields}>{children}</div>}
    </details>
  );
}
