import type { ReactNode } from 'react';
import { strings } from '../strings.ts';

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  readonly className?: string;
}

export interface DataTableProps<Row> {
  /** For who cannot see where the table stands. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly empty?: string;
  /** The rows are not those that were asked for last: they are on their way. */
  readonly isOld?: boolean;
}

/** A table that stays one for screen readers where a phone shows its rows as cards. */
export function DataTable<Row>({ caption, columns, rows, keyOf, empty, isOld = false }: DataTableProps<Row>) {
  if (rows.length === 0) {
    return (
      <p className="dim empty" aria-busy={isOld}>
        {empty ?? strings.table.empty}
      </p>
    );
  }
  return (
    <section
      className={isOld ? 'table-scroll old' : 'table-scroll'}
      aria-label={caption}
      aria-busy={isOld}
      inert={isOld}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
    >
      {/* biome-ignore lint/a11y/noRedundantRoles: `display: block` takes the roles of a table away */}
      <table className="rows" role="table" aria-label={caption}>
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <thead role="rowgroup">
          {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
          <tr role="row">
            {columns.map(({ header, className }) => (
              // biome-ignore lint/a11y/noRedundantRoles: as above
              <th key={header} scope="col" role="columnheader" className={className}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        {/* biome-ignore lint/a11y/noRedundantRoles: as above */}
        <tbody role="rowgroup">
          {rows.map((row) => (
            // biome-ignore lint/a11y/noRedundantRoles: as above
            <tr key={keyOf(row)} role="row">
              {columns.map(({ header, cell, className }) => (
                // biome-ignore lint/a11y/noRedundantRoles: as above
                <td key={header} role="cell" data-label={header} className={className}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
