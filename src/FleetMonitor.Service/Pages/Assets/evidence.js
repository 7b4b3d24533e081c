// What shows that something is wrong, in the reader's language: the API says it in English, with the values beside it.
import { h } from "./dom.js";
import { at, decimal, duration, language } from "./format.js";
import { t } from "./text.js";

// Evidence names its unit at its end: power_w.
const UNITS = [["_j_th", "J/TH", "Дж/TH"], ["_ths", "TH/s", "TH/s"], ["_kwh", "kWh", "кВт·ч"], ["_w", "W", "Вт"], ["_a", "A", "А"], ["_s", "s", "с"], ["_c", "°C", "°C"]];

const russian = language === "ru";

const NAMES = {
  rule: "правило",
  last_will: "завещание",
  last_heard: "последнее сообщение",
  newest_value: "последнее новое значение",
  power_before: "мощность до этого",
  usual_interval: "обычный интервал",
  power: "мощность",
  hashrate: "хешрейт",
  usual_hashrate: "обычный хешрейт",
  baseline: "обычно",
  share_of_baseline: "доля от обычного",
  before: "было",
  after: "стало",
  times: "раз",
  readings: "показаний",
  since: "с",
  receive_time_less_reading_time: "приём минус время показания",
  contradictions: "противоречий",
  jump: "скачок",
  temp: "температура",
  efficiency: "эффективность",
  nameplate: "паспорт",
  phase: "фаза",
  phase_a: "фаза A",
  phase_b: "фаза B",
  phase_c: "фаза C",
  share: "доля нагрузки",
  usual_share: "обычная доля",
  devices_affected: "затронуто устройств",
  devices_affected_at_most: "самое большее за раз",
  devices: "устройств",
  kinds: "признаки",
  source: "источник",
  from: "от",
  to: "до",
  gap: "перерыв",
  meters: "контрольный счётчик",
  unexplained_share: "необъяснённая доля",
};

// In braces: a name of the evidence. The first sentence whose names are all there is said.
const SENTENCES = {
  offline: ["Брокер сообщил об обрыве связи {last_will}. До этого потребляло {power_before_w}.", "Сообщений нет с {last_heard}. До этого потребляло {power_before_w}."],
  stale: ["Сообщения приходят, но значения старые: последнее новое {newest_value}."],
  "power-without-hash": ["Потребляет {power_w} при хешрейте {hashrate_ths}; обычно {usual_hashrate_ths}."],
  "hash-below-baseline": ["Хешрейт {hashrate_ths}, это {share_of_baseline} от обычных {baseline_ths}."],
  "counter-reset": ["Счётчик энергии начал заново: с {before_kwh} на {after_kwh}."],
  "counter-rollback": ["Счётчик энергии немного пошёл назад: с {before_kwh} на {after_kwh}."],
  "counter-jump": ["Счётчик энергии скакнул: с {before_kwh} на {after_kwh}."],
  unregistered: ["Устройство передаёт данные, но в файле парка его нет. Учитывается как незарегистрированное; потребляет {power_w}."],
  "stuck-value": ["Мощность застыла на {power_w}: {readings} показаний подряд с {since}; обычно она меняется."],
  "hash-without-power": ["Хешрейт {hashrate_ths} при мощности {power_w}: потребление не учитывается."],
  "efficiency-drift": ["Тратит {efficiency_j_th}, обычно {baseline_j_th}."],
  "dead-hash-board": ["Хешрейт {hashrate_ths} вместо {baseline_ths}, мощность {power_w} вместо {baseline_w}: так бывает без одной или двух из трёх хеш-плат."],
  "thermal-throttling": ["Платы {temp_c}, обычно {baseline_c}; хешрейт {hashrate_ths}, обычно {baseline_ths}."],
  "over-nameplate": ["Потребляет {power_w} при паспортных {nameplate_w}."],
  "clock-off": ["Часы расходятся с нашими на {receive_time_less_reading_time_s}: показания попадают не на то время, около полуночи не на тот день."],
  "duplicate-identity": ["Похоже, под этим именем передают два устройства: противоречий {contradictions}, скачки мощности {jump_w}."],
  "missing-permit": ["В файле парка у устройства нет разрешения на ввоз, хотя у других оно есть."],
  "phase-imbalance": ["Фаза {phase}: {share} нагрузки, обычно {usual_share}."],
  "meter-mismatch": ["Контрольный счётчик: {meters_kwh}, устройства под ним: {devices_kwh}. Не объяснено {unexplained_share}, обычно {usual_share}."],
  "site-drop": [
    "Отключились вместе: {devices_affected_at_most} из {devices} устройств площадки, ещё не работает {devices_affected}. Причина одна: питание, сеть или пул.",
    "Отключились вместе: {devices_affected} из {devices} устройств площадки. Причина одна: питание, сеть или пул.",
  ],
  "group-drop": [
    "Отключились вместе: {devices_affected_at_most} из {devices} устройств этой группы, ещё не работает {devices_affected}. Причина одна: например, автомат или коммутатор.",
    "Отключились вместе: {devices_affected} из {devices} устройств этой группы. Причина одна: например, автомат или коммутатор.",
  ],
  "session-gap": ["Брокер {source} забыл нашу сессию: сообщений за {gap_s} может не быть. Счётчики это восполнят, у устройств без них останется пробел."],
};

const RULES = {
  offline: "ничего не получено дольше порога, или завещание без новых сообщений",
  stale: "новых значений нет вдвое дольше обычного",
  "power-without-hash": "мощность есть, хешрейта нет",
  "hash-below-baseline": "хешрейт заметно ниже собственного обычного",
  "counter-reset": "счётчик упал ниже 0,9 наибольшего значения",
  "counter-rollback": "счётчик упал, но не ниже 0,9 наибольшего значения",
  "counter-jump": "счётчик вырос больше, чем устройство может потребить",
  unregistered: "на известной площадке известны все устройства",
  "stuck-value": "одно и то же значение дольше, чем бывает случайно",
  "hash-without-power": "хешрейт есть, мощности нет",
  "efficiency-drift": "Дж/TH заметно больше собственного обычного",
  "dead-hash-board": "хешрейт и мощность упали на треть или две",
  "thermal-throttling": "слишком горячо, или горячее обычного при меньшем хешрейте",
  "over-nameplate": "мощность выше паспортной",
  "clock-off": "постоянное расхождение часов",
  "duplicate-identity": "противоречия в показаниях или два уровня мощности по очереди",
  "missing-permit": "где ведут разрешения, они есть у всех",
  "phase-imbalance": "доля фазы в нагрузке не та, что обычно",
  "meter-mismatch": "необъяснённая доля отличается от обычной",
  "site-drop": "заметная доля площадки за короткое время",
  "group-drop": "почти вся группа за короткое время",
  "session-gap": "брокер ответил, что сессии нет",
};

const unitOf = (name) => UNITS.find(([ending]) => name.endsWith(ending));

function shown(name, value) {
  if (typeof value !== "number") {
    return /^\d{4}-\d\d-\d\dT/.test(value) ? at(value) : value;
  }
  if (name.split("_").includes("share")) {
    return `${decimal(100 * value, 1)} %`;
  }
  const unit = unitOf(name);
  return unit?.[0] === "_s" && Math.abs(value) >= 120
    ? `${value < 0 ? "−" : ""}${duration(Math.abs(value))}`
    : unit ? `${decimal(value, digits(value, unit[0]))} ${unit[russian ? 2 : 1]}` : decimal(value);
}

// A register's last watt-hour tells something; a milliwatt does not.
const digits = (value, ending) => (ending === "_kwh" ? 3 : Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 1 : 2);

function called(name, value) {
  const unit = typeof value === "number" ? unitOf(name) : undefined;
  const bare = unit ? name.slice(0, -unit[0].length) : name;
  return (russian && NAMES[bare]) || bare.replaceAll("_", " ");
}

/** What is wrong, as one sentence or two. */
export function sentence(row) {
  const found = russian && (SENTENCES[row.kind] ?? []).find((text) => [...text.matchAll(/\{(\w+)\}/g)].every(([, name]) => row.evidence[name] !== undefined));
  const said = found ? found.replace(/\{(\w+)\}/g, (_, name) => shown(name, row.evidence[name])) : row.text;
  // Of what was silent and is heard again, the silence is no news.
  return found && row.cleared ? [t("wasOver"), row.kind === "offline" || row.kind === "stale" ? "" : said].join(" ") : said;
}

/** The values that show it. */
export const evidence = (row) => h("dl", { class: "evidence" }, Object.entries(row.evidence).map(([name, value]) => h("div", null,
  h("dt", null, called(name, value)),
  h("dd", null, russian && name === "rule" ? RULES[row.kind] ?? value : shown(name, value)))));
