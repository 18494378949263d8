import { IconAlertTriangle, IconArrowDown, IconArrowUp, IconBell, IconBolt, IconCheck, IconCircle, IconCircleCheck, IconClock, IconCloud, IconDatabase, IconExclamationCircle, IconEye, IconFlag, IconHeart, IconHelpCircle, IconInfoCircle, IconLock, IconMinus, IconPlayerPause, IconPlayerPlay, IconPlus, IconPower, IconRefresh, IconServer, IconShield, IconStar, IconThumbDown, IconThumbUp, IconX, type TablerIcon } from '@tabler/icons-react';

/** The parts of a name (Grafana's icons are "img/icons/unicons/check-circle.svg") by which an icon of ours is found; the first that is in it. */
const icons: readonly [string, TablerIcon][] = [
  ['check-circle', IconCircleCheck],
  ['check', IconCheck],
  ['exclamation-circle', IconExclamationCircle],
  ['exclamation-triangle', IconAlertTriangle],
  ['times', IconX],
  ['arrow-up', IconArrowUp],
  ['arrow-down', IconArrowDown],
  ['bell', IconBell],
  ['bolt', IconBolt],
  ['clock', IconClock],
  ['cloud', IconCloud],
  ['database', IconDatabase],
  ['eye', IconEye],
  ['flag', IconFlag],
  ['heart', IconHeart],
  ['info', IconInfoCircle],
  ['lock', IconLock],
  ['minus', IconMinus],
  ['pause', IconPlayerPause],
  ['play', IconPlayerPlay],
  ['plus', IconPlus],
  ['power', IconPower],
  ['sync', IconRefresh],
  ['server', IconServer],
  ['shield', IconShield],
  ['star', IconStar],
  ['favorite', IconStar],
  ['thumbs-up', IconThumbUp],
  ['thumbs-down', IconThumbDown],
  ['question', IconHelpCircle],
];

/** A value mapping's icon before its text: Grafana's files are not here, so the one of ours that is nearest by name; a dot when none is. */
export function MappedIcon({ icon, text, size = '1.1em' }: { icon: string; text: string; size?: string | number }) {
  const Icon = icons.find(([part]) => icon.toLowerCase().includes(part))?.[1] ?? IconCircle;
  return (
    <>
      <Icon size={size} style={{ verticalAlign: '-0.18em', flex: 'none' }} aria-hidden="true" />
      {text !== '' && ` ${text}`}
    </>
  );
}
