import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import classes from './Pager.module.css';

interface PagerProps {
  page: number;
  pageSize: number;
  count: number;
  onPage: (page: number) => void;
}

/** Pixels that a pager takes below what it pages. */
export const pagerHeight = 28;

/** "1–20 of 45" with a step back and forth; nothing when all is on one page. */
export function Pager({ page, pageSize, count, onPage }: PagerProps) {
  if (count <= pageSize) return null;
  const last = Math.ceil(count / pageSize) - 1;
  return (
    <div className={classes.pager}>
      <span className="num">
        {page * pageSize + 1}–{Math.min((page + 1) * pageSize, count)} of {count}
      </span>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Previous page" disabled={page === 0} onClick={() => onPage(page - 1)}>
        <IconChevronLeft size={14} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Next page" disabled={page >= last} onClick={() => onPage(page + 1)}>
        <IconChevronRight size={14} />
      </ActionIcon>
    </div>
  );
}
