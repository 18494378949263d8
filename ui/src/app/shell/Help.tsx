import { Modal } from '@mantine/core';
import { useVisiblePages } from '@/app/shell/useVisiblePages';
import classes from './Shell.module.css';

const common: readonly [string, readonly string[]][] = [
  ['Go to, search, create', ['Ctrl', 'K']],
  ['Focus the query', ['/']],
  ['Run the query', ['Enter']],
  ['Focus the results', ['j']],
  ['Choose a time range', ['t']],
  ['Refresh', ['r']],
  ['This help', ['?']],
];

export function Help({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const visible = useVisiblePages();
  const rows = [...common, ...visible.map((page) => [`Go to ${page.label}`, ['g', page.key]] as const)];
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="sm">
      <table className={classes.helpTable}>
        <tbody>
          {rows.map(([what, keys]) => (
            <tr key={what}>
              <td>{what}</td>
              <td>
                {keys.map((key, index) => (
                  <span key={key}>
                    {index > 0 && ' '}
                    <kbd>{key}</kbd>
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
