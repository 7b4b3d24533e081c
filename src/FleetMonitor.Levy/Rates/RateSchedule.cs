using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Fleet;

namespace FleetMonitor.Levy;

/// <summary>One thing wrong in a schedule file.</summary>
/// <param name="Path">JSON path, such as <c>$.charges[0].regimes[2].rules[1].rate</c>.</param>
/// <param name="Message">What is wrong, with the value, and what to do about it.</param>
public sealed record ScheduleProblem(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>A schedule, or every problem that keeps the file from being one.</summary>
public sealed record ScheduleParseResult(RateSchedule? Schedule, IReadOnlyList<ScheduleProblem> Problems);

/// <summary>The charges of a country with their dated rates, as the file in <c>config/levy</c> states them.</summary>
public sealed class RateSchedule
{
    private static readonly Lazy<RateSchedule> Embedded = new(LoadEmbedded);

    internal RateSchedule(string id, BilingualText name, WorkCalendar calendar, IReadOnlyList<Charge> charges, string sourceHash)
    {
        Id = id;
        Name = name;
        Calendar = calendar;
        Charges = charges;
        SourceHash = sourceHash;
        Levy = charges.First(charge => charge.Basis != ChargeBasis.Revenue);
    }

    /// <summary>The default: the same file as <c>config/levy/kazakhstan.json</c>.</summary>
    public static RateSchedule Kazakhstan => Embedded.Value;

    public string Id { get; }

    public BilingualText Name { get; }

    public WorkCalendar Calendar { get; }

    public IReadOnlyList<Charge> Charges { get; }

    /// <summary>The charge that totals and statements are about: the first one on energy.</summary>
    public Charge Levy { get; }

    /// <summary>SHA-256 of the file's text, lower-case hex, so that a statement can name the rates it was made with.</summary>
    public string SourceHash { get; }

    public static ScheduleParseResult Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    /// <param name="utf8Json">The file; never throws for any bytes.</param>
    public static ScheduleParseResult Parse(ReadOnlyMemory<byte> utf8Json) =>
        ScheduleReader.Read(utf8Json, Convert.ToHexStringLower(SHA256.HashData(utf8Json.Span)));

    /// <summary>The rate of the levy for a site's energy on a local day.</summary>
    /// <param name="averagePrice">
    /// Of the tax period that holds the day, money per kWh (<see cref="AveragePrice"/>); null where not known. Only price bands ask for it.
    /// </param>
    public RateLine Rate(Site site, DateOnly day, decimal? averagePrice = null, string? tenant = null) =>
        Rating.Rate(Levy, Levy.RegimeOn(day), RateFacts.Of(site, day, tenant), averagePrice);

    /// <summary>The rate of a charge on turnover, as a share; turnover has no selectors.</summary>
    public RateRule TurnoverRate(Charge charge, DateOnly day) =>
        charge.RegimeOn(day).Rules.Single(rule => rule.Role == RuleRole.Base);

    public Charge? FindCharge(string code) => Charges.FirstOrDefault(charge => charge.Code == code);

    private static RateSchedule LoadEmbedded()
    {
        using Stream stream = typeof(RateSchedule).Assembly.GetManifestResourceStream("kazakhstan.json")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        ScheduleParseResult result = Parse(copy.ToArray());
        return result.Schedule ?? throw new InvalidOperationException(string.Join(Environment.NewLine, result.Problems));
    }
}
