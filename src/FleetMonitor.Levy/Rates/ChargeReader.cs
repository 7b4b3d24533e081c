using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Json;

namespace FleetMonitor.Levy;

/// <summary>Reads one charge of a schedule file: its regimes, filing rules and deemed volume.</summary>
internal sealed class ChargeReader(ScheduleFields fields)
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

    public Charge? Read(JsonNode node)
    {
        if (fields.Open(node, "code", "name", "basis", "currency", "filing", "deemedVolume", "regimes") is not { } charge)
        {
            return null;
        }

        string code = fields.Code(charge);
        BilingualText name = fields.Name(charge);
        charge.Require("basis", "use one of " + string.Join(", ", Bases.Keys));
        ChargeBasis basis = charge.Choice("basis", Bases) ?? ChargeBasis.Kwh;
        string currency = fields.Text(charge, "currency", "write an ISO 4217 code such as \"KZT\"");
        if (currency.Length > 0 && (currency.Length != 3 || !currency.All(char.IsAsciiLetterUpper)))
        {
            fields.Problems.Add(charge.Find("currency")!, "not a currency", "write an ISO 4217 code such as \"KZT\"");
        }

        charge.Require("regimes", "list what is charged, by date");
        return new Charge
        {
            Code = code,
            Name = name,
            Basis = basis,
            Currency = currency,
            Regimes = Dated(charge, "regimes", regime => ReadRegime(regime, basis), regime => (regime.From, regime.To), gapless: true),
            Filing = Dated(charge, "filing", ReadFiling, rule => (rule.From, rule.To), gapless: false),
            DeemedVolume = Dated(charge, "deemedVolume", ReadDeemed, rule => (rule.From, rule.To), gapless: false),
        };
    }

    private List<T> Dated<T>(
        JsonObjectReader charge, string name, Func<JsonNode, T?> read, Func<T, (DateOnly? From, DateOnly? To)> dates, bool gapless)
        where T : class
    {
        var entries = new List<T>();
        var order = new List<(JsonNode, DateOnly?, DateOnly?)>();
        foreach (JsonNode node in charge.Items(name))
        {
            if (read(node) is { } entry)
            {
                entries.Add(entry);
                order.Add((node, dates(entry).From, dates(entry).To));
            }
        }

        fields.CheckOrder(order, gapless);
        if (gapless && entries.Count == 0)
        {
            fields.Problems.Add(charge.Node.PathOf(name), null, "empty", "state at least one entry");
        }

        return entries;
    }

    private Regime? ReadRegime(JsonNode node, ChargeBasis basis)
    {
        if (fields.Open(node, "from", "to", "precedence", "unrated", "rules") is not { } reader)
        {
            return null;
        }

        DateOnly? from = fields.Date(reader, "from");
        DateOnly? to = fields.Date(reader, "to");
        UnratedLine? unrated = null;
        if (reader.Find("unrated") is { } unratedNode && fields.Open(unratedNode, "code", "legalRef") is { } line)
        {
            unrated = new UnratedLine(fields.Code(line), fields.LegalRef(line, from, to));
        }

        var rules = new List<(RateRule Rule, JsonNode Node)>();
        foreach (JsonNode item in reader.Items("rules"))
        {
            if (ReadRule(item, from, to) is { } rule)
            {
                rules.Add((rule, item));
            }
        }

        var regime = new Regime
        {
            From = from,
            To = to,
            Precedence = reader.Choice("precedence", Precedences) ?? Precedence.Highest,
            Unrated = unrated,
            Rules = rules.ConvertAll(rule => rule.Rule),
        };
        RegimeCheck.Check(fields.Problems, regime, node, rules, basis);
        return regime;
    }

    private RateRule? ReadRule(JsonNode node, DateOnly? from, DateOnly? to)
    {
        if (fields.Open(node, "code", "role", "when", "rate", "atMost", "legalRef") is not { } rule)
        {
            return null;
        }

        rule.Require("role", "use one of " + string.Join(", ", Roles.Keys));
        // A rate that is wrong is already a problem; it is not also one that nobody knows.
        decimal? rate = fields.Rate(rule, "rate") ?? (rule.Find("rate") is null ? null : 0m);
        decimal? atMost = fields.Rate(rule, "atMost");
        if (rate is not null && atMost is not null)
        {
            fields.Problems.Add(rule.Find("atMost")!, "bounds a rate that is known", "leave it out, or leave the rate out");
        }

        return new RateRule
        {
            Code = fields.Code(rule),
            Role = rule.Choice("role", Roles) ?? RuleRole.Added,
            When = rule.Find("when") is { } when ? ReadCondition(when) : RuleCondition.Always,
            Rate = rate,
            AtMost = atMost,
            LegalRef = fields.LegalRef(rule, from, to),
        };
    }

    private RuleCondition ReadCondition(JsonNode node)
    {
        if (fields.Open(node, "averagePrice", "energySource", "licence", "meterStatus", "tenant") is not { } when)
        {
            return RuleCondition.Always;
        }

        var condition = new RuleCondition
        {
            AveragePrice = when.Find("averagePrice") is { } band ? ReadBand(band) : null,
            EnergySource = Choices(when, "energySource", FleetNames.EnergySources),
            Licence = Texts(when, "licence", FleetNames.Licences),
            MeterStatus = Choices(when, "meterStatus", FleetNames.MeterStatuses),
            Tenant = Texts(when, "tenant", known: null),
        };
        if (condition == RuleCondition.Always)
        {
            fields.Problems.Add(node, "states no condition", "leave \"when\" out for a rule that always applies");
        }

        return condition;
    }

    private PriceBand ReadBand(JsonNode node)
    {
        if (fields.Open(node, "from", "to") is not { } band)
        {
            return new PriceBand(0m, null);
        }

        band.Require("from", "write the lowest price of the band; 0 for the first");
        decimal from = fields.Rate(band, "from") ?? 0m;
        decimal? to = fields.Rate(band, "to");
        if (to <= from)
        {
            fields.Problems.Add(node, "ends before it begins", "\"to\" is the first price above the band");
        }

        return new PriceBand(from, to);
    }

    private FilingRule? ReadFiling(JsonNode node)
    {
        if (fields.Open(node, "from", "to", "declaration", "payment", "legalRef") is not { } filing)
        {
            return null;
        }

        const string fix = "write {\"monthsAfter\":2,\"day\":25}, counted from the quarter's last month";
        DateOnly? from = fields.Date(filing, "from");
        DateOnly? to = fields.Date(filing, "to");
        DueDay? declaration = filing.Find("declaration") is { } declare ? ReadDue(declare) : null;
        DueDay payment = filing.Require("payment", fix) is { } pay ? ReadDue(pay) : default;
        return new FilingRule(from, to, declaration, payment, fields.LegalRef(filing, from, to));
    }

    private DueDay ReadDue(JsonNode node) => fields.Open(node, "monthsAfter", "day") is { } due
        ? new DueDay(fields.Whole(due, "monthsAfter", 1, 12), fields.Whole(due, "day", 1, 31))
        : default;

    private DeemedVolumeRule? ReadDeemed(JsonNode node)
    {
        if (fields.Open(node, "from", "to", "perKwh", "legalRef") is not { } deemed)
        {
            return null;
        }

        deemed.Require("perKwh", "state the rate: an exposure cannot be shown without it");
        DateOnly? from = fields.Date(deemed, "from");
        DateOnly? to = fields.Date(deemed, "to");
        return new DeemedVolumeRule(from, to, fields.Rate(deemed, "perKwh") ?? 0m, fields.LegalRef(deemed, from, to));
    }

    private List<T>? Choices<T>(JsonObjectReader when, string name, IReadOnlyDictionary<string, T> names)
        where T : struct
    {
        if (when.Find(name) is null)
        {
            return null;
        }

        var choices = new List<T>();
        foreach (JsonNode item in when.Items(name))
        {
            if (JsonObjectReader.ChoiceOf(item, fields.Problems, names) is { } choice)
            {
                choices.Add(choice);
            }
        }

        return choices;
    }

    private List<string>? Texts(JsonObjectReader when, string name, IReadOnlySet<string>? known)
    {
        if (when.Find(name) is null)
        {
            return null;
        }

        Dictionary<string, bool>? choices = known?.Order(StringComparer.Ordinal).ToDictionary(text => text, _ => true);
        var texts = new List<string>();
        foreach (JsonNode item in when.Items(name))
        {
            if (choices is not null ? JsonObjectReader.ChoiceOf(item, fields.Problems, choices) is not null : Identifier.IsValid(TextOf(item)))
            {
                texts.Add(TextOf(item)!);
            }
            else if (choices is null)
            {
                fields.Problems.Add(item, "not a name", "write a tenant's name in quotes");
            }
        }

        return texts;
    }

    private static string? TextOf(JsonNode node) =>
        node.Element.ValueKind == System.Text.Json.JsonValueKind.String ? node.Element.GetString() : null;
}
