// Numbers, units and times as people read them, in the page's language.
export const language = document.documentElement.lang === "ru" ? "ru" : "en";

const formats = new Map();

function number(value, digits, least = digits) {
  const key = `${digits}/${least}`;
  if (!formats.has(key)) {
    formats.set(key, new Intl.NumberFormat(language, { maximumFractionDigits: digits, minimumFractionDigits: least }));
  }
  return formats.get(key).format(value);
}

const absent = "–";

// Four digits that count, whatever the unit.
function scaled(value, units) {
  if (value === null || value === undefined) {
    return absent;
  }
  let [factor, unit] = units[0];
  for (const [candidate, name] of units) {
    if (Math.abs(value) >= candidate) {
      [factor, unit] = [candidate, name];
    }
  }
  const shown = value / factor;
  const digits = shown === 0 || Math.abs(shown) >= 1000 ? 0 : Math.abs(shown) >= 100 ? 1 : Math.abs(shown) >= 10 ? 2 : 3;
  return `${number(shown, digits)} ${unit}`;
}

const ru = language === "ru";
const powers = ru ? [[1, "Вт"], [1e3, "кВт"], [1e6, "МВт"]] : [[1, "W"], [1e3, "kW"], [1e6, "MW"]];
const energies = ru ? [[1, "кВт·ч"], [1e3, "МВт·ч"], [1e6, "ГВт·ч"]] : [[1, "kWh"], [1e3, "MWh"], [1e6, "GWh"]];
const hashes = [[1, "TH/s"], [1e3, "PH/s"], [1e6, "EH/s"]];
const sizes = ru ? [[1, "Б"], [1024, "КиБ"], [1048576, "МиБ"], [1073741824, "ГиБ"]] : [[1, "B"], [1024, "KiB"], [1048576, "MiB"], [1073741824, "GiB"]];

export const power = (watts) => scaled(watts, powers);
export const energy = (kwh) => scaled(kwh, energies);
export const kwh = (value) => (value === null || value === undefined ? absent : number(value, 3));
export const hashrate = (ths) => scaled(ths, hashes);
export const bytes = (value) => scaled(value, sizes);
export const efficiency = (value) => (value === null || value === undefined ? absent : `${number(value, 1)} J/TH`);
export const temperature = (value) => (value === null || value === undefined ? absent : `${number(value, 1)} °C`);
export const count = (value) => (value === null || value === undefined ? absent : number(value, 0));
export const decimal = (value, digits = 3) => (value === null || value === undefined ? absent : number(value, digits, 0));
export const share = (part, whole) => (whole > 0 ? `${number((100 * part) / whole, 1)} %` : absent);

export function money(amount, currency, digits = 2) {
  return amount === null || amount === undefined
    ? absent
    : new Intl.NumberFormat(language, {
      style: "currency", currency, currencyDisplay: "narrowSymbol", maximumFractionDigits: digits, minimumFractionDigits: digits,
    }).format(amount);
}

const spans = [[86400, ru ? "д" : "d"], [3600, ru ? "ч" : "h"], [60, ru ? "мин" : "min"], [1, ru ? "с" : "s"]];

/** Two units at most: "3 h 12 min". */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) {
    return absent;
  }
  let rest = Math.max(0, Math.floor(seconds));
  const parts = [];
  for (const [length, unit] of spans) {
    if (rest >= length && parts.length < 2) {
      parts.push(`${Math.floor(rest / length)} ${unit}`);
      rest %= length;
    } else if (parts.length === 1) {
      break;
    }
  }
  return parts.join(" ") || `0 ${spans[3][1]}`;
}

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const moment = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false });
const date = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export const time = (instant) => clock.format(new Date(instant));
export const at = (instant) => (instant ? moment.format(new Date(instant)) : absent);
// A date is one word to a narrow column.
export const day = (text) => (text ? date.format(new Date(`${text}T00:00:00Z`)).replaceAll(" ", "\u00a0") : absent);
