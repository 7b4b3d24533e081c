using System.Text.Json;
using FleetMonitor.Fleet;

namespace FleetMonitor.Levy;

/// <summary>Reads one charge of a schedule file: its regimes, filing rules and deemed volume.</summary>
internal sealed class ChargeReader(ScheduleJson json, ScheduleReader.LegalActs acts)
{
    private static readonly Dictionary<string, ChargeBasis> Bases = new()
    {
        ["kWh"] = ChargeBasis.Kwh, ["electricity-cost"] = ChargeBasis.ElectricityCost, ["revenue"] = ChargeBasis.Revenue,
    };

    private static readonly Dictionary<string, Precedence> Precedences = new()
    {
        ["highest"] = Precedence.Highest, ["first"] = Precedence.First,
    };

    private static readonly Dictionary<string, RuleRole> Roles = new()
    {
        ["base"] = RuleRole.Base, ["exclusive"] = RuleRole.Exclusive, ["added"] = RuleRole.Added,
    };

    private static readonly Dictionary<string, EnergySource> Sources = new()
    {
        ["grid"] = EnergySource.Grid, ["own"] = EnergySource.Own,
        ["own-renewable"] = EnergySource.OwnRenewable, ["off-grid"] = EnergySource.OffGrid,
    };

    private static readonly Dictionary<string, MeterStatus> Statuses = new()
    {
        ["working"] = MeterStatus.Working, ["faulty"] = MeterStatus.Faulty, ["absent"] = MeterStatus.Absent,
    };

    // A code is what a total is quoted by: it may stand for one rate only, in the whole file.
    private readonly HashSet<string> _codes = [];

    public Charge Read(JsonElement element, string path)
    {
        Dictionary<string, JsonElement> charge = json.Object(
            element, path, "code", "name", "basis", "currency", "filing", "deemedVolume", "regimes");
        string? code = UniqueCode(charge, path);
        string? currency = json.Text(charge, "currency", path);
        if (currency is not null && (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)))
        {
            json.Problem($"{path}.currency", $"'{currency}' is not an ISO 4217 code such as KZT");
        }

        ChargeBasis basis = json.Word(charge, "basis", path, Bases) ?? ChargeBasis.Kwh;
        List<(Regime Item, string Path)> regimes =
            [.. json.Items(charge, "regimes", path, required: true).Select(item => (ReadRegime(item.Element, item.Path, basis), item.Path))];
        CheckOrder(regimes, regime => regime.From, regime => regime.To, gapless: true);
        List<(FilingRule Item, string Path)> filing =
            [.. json.Items(charge, "filing", path, required: false).Select(item => (ReadFiling(item.Element, item.Path), item.Path))];
        CheckOrder(filing, rule => rule.From, rule => rule.To, gapless: false);
        List<(DeemedVolumeRule Item, string Path)> deemed =
            [.. json.Items(charge, "deemedVolume", path, required: false).Select(item => (ReadDeemed(item.Element, item.Path), item.Path))];
        CheckOrder(deemed, rule => rule.From, rule => rule.To, gapless: false);
        return new Charge
        {
            Code = code ?? string.Empty,
            Name = json.Bilingual(charge, "name", path),
            Basis = basis,
            Currency = currency ?? string.Empty,
            Regimes = regimes.ConvertAll(regime => regime.Item),
            Filing = filing.ConvertAll(rule => rule.Item),
            DeemedVolume = deemed.ConvertAll(rule => rule.Item),
        };
    }

    private Regime ReadRegime(JsonElement element, string path, ChargeBasis basis)
    {
        Dictionary<string, JsonElement> properties = json.Object(element, path, "from", "to", "precedence", "unrated", "rules");
        DateOnly? from = json.Date(properties, "from", path);
        DateOnly? to = json.Date(properties, "to", path);
        UnratedLine? unrated = null;
        if (properties.TryGetValue("unrated", out JsonElement unratedElement))
        {
            string unratedPath = $"{path}.unrated";
            Dictionary<string, JsonElement> line = json.Object(unratedElement, unratedPath, "code", "legalRef");
            unrated = new UnratedLine(UniqueCode(line, unratedPath) ?? string.Empty, LegalRef(line, unratedPath, from, to));
        }

        List<(RateRule Item, string Path)> rules =
            [.. json.Items(properties, "rules", path, required: true).Select(item => (ReadRule(item.Element, item.Path, from, to), item.Path))];
        var regime = new Regime
        {
            From = from,
            To = to,
            Precedence = json.Word(properties, "precedence", path, Precedences, absent: Precedence.Highest) ?? Precedence.Highest,
            Unrated = unrated,
            Rules = rules.ConvertAll(rule => rule.Item),
        };
        RegimeCheck.Check(json, regime, rules, path, basis);
        return regime;
    }

    private RateRule ReadRule(JsonElement element, string path, DateOnly? from, DateOnly? to)
    {
        Dictionary<string, JsonElement> rule = json.Object(element, path, "code", "role", "when", "rate", "atMost", "legalRef");
        decimal? rate = json.Number(rule, "rate", path);
        decimal? atMost = json.Number(rule, "atMost", path, required: false);
        if (rate is not null && atMost is not null)
        {
            json.Problem($"{path}.atMost", "is for rates that are not known; this one is");
        }

        return new RateRule
        {
            Code = UniqueCode(rule, path) ?? string.Empty,
            Role = json.Word(rule, "role", path, Roles) ?? RuleRole.Added,
            When = rule.TryGetValue("when", out JsonElement when) ? ReadCondition(when, $"{path}.when") : RuleCondition.Always,
            Rate = rate,
            AtMost = atMost,
            LegalRef = LegalRef(rule, path, from, to),
        };
    }

    private RuleCondition ReadCondition(JsonElement element, string path)
    {
        Dictionary<string, JsonElement> when = json.Object(element, path, "averagePrice", "energySource", "licence", "meterStatus", "tenant");
        if (element.ValueKind == JsonValueKind.Object && when.Count == 0)
        {
            json.Problem(path, "states no condition; leave it out for a rule that always applies");
        }

        return new RuleCondition
        {
            AveragePrice = when.TryGetValue("averagePrice", out JsonElement band) ? ReadBand(band, $"{path}.averagePrice") : null,
            EnergySource = Words(when, "energySource", path, Sources),
            Licence = Texts(when, "licence", path),
            MeterStatus = Words(when, "meterStatus", path, Statuses),
            Tenant = Texts(when, "tenant", path),
        };
    }

    private PriceBand ReadBand(JsonElement element, string path)
    {
        Dictionary<string, JsonElement> band = json.Object(element, path, "from", "to");
        decimal from = json.Number(band, "from", path) ?? 0m;
        decimal? to = json.Number(band, "to", path, required: false);
        if (to <= from)
        {
            json.Problem(path, "ends before it begins");
        }

        return new PriceBand(from, to);
    }

    private FilingRule ReadFiling(JsonElement element, string path)
    {
        Dictionary<string, JsonElement> filing = json.Object(element, path, "from", "to", "declaration", "payment", "legalRef");
        DateOnly? from = json.Date(filing, "from", path);
        DateOnly? to = json.Date(filing, "to", path);
        DueDay? declaration = filing.TryGetValue("declaration", out JsonElement due) ? ReadDue(due, $"{path}.declaration") : null;
        DueDay payment = default;
        if (filing.TryGetValue("payment", out JsonElement pay))
        {
            payment = ReadDue(pay, $"{path}.payment");
        }
        else
        {
            json.Problem($"{path}.payment", "is missing");
        }

        return new FilingRule(from, to, declaration, payment, LegalRef(filing, path, from, to));
    }

    private DueDay ReadDue(JsonElement element, string path)
    {
        Dictionary<string, JsonElement> due = json.Object(element, path, "monthsAfter", "day");
        return new DueDay(json.Whole(due, "monthsAfter", path, 1, 12) ?? 1, json.Whole(due, "day", path, 1, 31) ?? 1);
    }

    private DeemedVolumeRule ReadDeemed(JsonElement element, string path)
    {
        Dictionary<string, JsonElement> deemed = json.Object(element, path, "from", "to", "perKwh", "legalRef");
        DateOnly? from = json.Date(deemed, "from", path);
        DateOnly? to = json.Date(deemed, "to", path);
        if (json.Number(deemed, "perKwh", path) is not { } perKwh)
        {
            json.Problem($"{path}.perKwh", "must be known: an exposure cannot be shown without it");
            perKwh = 0m;
        }

        return new DeemedVolumeRule(from, to, perKwh, LegalRef(deemed, path, from, to));
    }

    private string? UniqueCode(Dictionary<string, JsonElement> properties, string path)
    {
        string? code = json.Code(properties, "code", path);
        if (code is not null && !_codes.Add(code))
        {
            json.Problem($"{path}.code", $"'{code}' already stands for something else");
        }

        return code;
    }

    private string LegalRef(Dictionary<string, JsonElement> properties, string path, DateOnly? from, DateOnly? to) =>
        acts.Check(json.Text(properties, "legalRef", path), $"{path}.legalRef", from, to);

    private List<T>? Words<T>(Dictionary<string, JsonElement> when, string name, string path, Dictionary<string, T> words)
        where T : struct =>
        when.ContainsKey(name)
            ? [.. json.Items(when, name, path, required: true).Select(item => json.WordOf(item.Element, item.Path, words)).OfType<T>()]
            : null;

    private List<string>? Texts(Dictionary<string, JsonElement> when, string name, string path) =>
        when.ContainsKey(name)
            ? [.. json.Items(when, name, path, required: true).Select(item => json.TextOf(item.Element, item.Path)).OfType<string>()]
            : null;

    private void CheckOrder<T>(List<(T Item, string Path)> dated, Func<T, DateOnly?> from, Func<T, DateOnly?> to, bool gapless)
    {
        for (int i = 0; i < dated.Count; i++)
        {
            (T item, string path) = dated[i];
            if (from(item) is { } start && to(item) is { } end && end <= start)
            {
                json.Problem(path, $"ends on {end:yyyy-MM-dd}, before it begins on {start:yyyy-MM-dd}");
            }

            if (i > 0)
            {
                CheckJoin(from(item), to(dated[i - 1].Item), path, gapless);
            }
            else if (gapless && from(item) is { } first)
            {
                json.Problem(path, $"leaves a hole before {first:yyyy-MM-dd}; the first entry has no from (state a rate of 0 where none was due)");
            }

            if (gapless && i == dated.Count - 1 && to(item) is { } last)
            {
                json.Problem(path, $"leaves a hole from {last:yyyy-MM-dd}; the last entry has no to (state a rate of 0 where none is due)");
            }
        }
    }

    private void CheckJoin(DateOnly? from, DateOnly? previousTo, string path, bool gapless)
    {
        if (previousTo is null || from is null || from < previousTo)
        {
            json.Problem(path, "overlaps the entry before it");
        }
        else if (gapless && from > previousTo)
        {
            json.Problem(path, $"leaves a hole from {previousTo:yyyy-MM-dd} to {from:yyyy-MM-dd}");
        }
    }
}
