// Where each device of a site is drawn: racks flow like words, all of one height, with the largest cell that fits.
const LARGEST = 18;
const SMALLEST = 2;
// Devices that no rack tells apart still need something to count by.
const HUNDRED = 100;
const LABEL_FROM = 8;
const LABEL = 14;

/** Groups of one site's roster: {name, from, devices: [index, …]}. */
export function groupsOf({ devices, racks, rackOf }) {
  if (racks.length > 0) {
    const groups = racks.map((name) => ({ name, rack: name, devices: [] }));
    let index = 0;
    for (const [rack, count] of rackOf) {
      for (const end = index + count; index < end; index += 1) {
        groups[rack].devices.push(index);
      }
    }
    return groups;
  }
  const size = devices.length > 4 * HUNDRED ? HUNDRED : Math.max(1, devices.length);
  return Array.from({ length: Math.ceil(devices.length / size) }, (_, block) => {
    const first = block * size;
    const last = Math.min(first + size, devices.length);
    return { name: `${devices[first]} … ${devices[last - 1]}`, rack: null, devices: Array.from({ length: last - first }, (__, index) => first + index) };
  });
}

/** A plan: {size, height, blocks: [{group, x, y, columns, rows, label}]}; x and y of the first cell. */
export function arrange(groups, width, height) {
  for (let size = LARGEST; size > SMALLEST; size -= 1) {
    const plan = place(groups, width, size);
    if (plan.height <= height) {
      return plan;
    }
  }
  return place(groups, width, SMALLEST);
}

function place(groups, width, size) {
  const most = Math.max(1, Math.floor(width / size));
  const sizes = groups.map((group) => group.devices.length).sort((a, b) => a - b);
  const several = groups.length > 1;
  // A rack is somewhat higher than wide.
  const usual = several ? rowsFor(sizes[Math.floor(sizes.length / 2)]) : 1;
  const label = several && size >= LABEL_FROM && groups[0].rack !== null ? LABEL : 0;
  const gap = several ? Math.max(2, Math.round(size * 0.6)) : 0;
  const blocks = [];
  let [x, y, tallest] = [0, 0, 0];
  for (const group of groups) {
    const columns = Math.min(most, Math.ceil(group.devices.length / usual));
    const rows = Math.ceil(group.devices.length / columns);
    if (x > 0 && x + (columns * size) > width) {
      [x, y, tallest] = [0, y + tallest + gap, 0];
    }
    blocks.push({ group, x, y: y + label, columns, rows, label });
    x += (columns * size) + gap;
    tallest = Math.max(tallest, (rows * size) + label);
  }
  return { size, gap, label, blocks, height: y + tallest };
}

// About as many, and such that the last column is full.
function rowsFor(devices) {
  const about = Math.max(1, Math.round(Math.sqrt(devices * 1.4)));
  const missing = (rows) => (Math.ceil(devices / rows) * rows) - devices;
  return [0, 1, -1, 2, -2].map((more) => Math.max(1, about + more)).reduce((best, rows) => (missing(rows) < missing(best) ? rows : best));
}

/** Which device a point is on; -1 where none is. */
export function hit({ size, blocks }, x, y) {
  for (const block of blocks) {
    const [column, row] = [Math.floor((x - block.x) / size), Math.floor((y - block.y) / size)];
    if (column >= 0 && column < block.columns && row >= 0 && row < block.rows) {
      return block.group.devices[(row * block.columns) + column] ?? -1;
    }
  }
  return -1;
}
